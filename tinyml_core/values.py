"""The nouns of a question: model, data set, technique, settings, and the job made of them.

All values are frozen. What comes back of a job stands in `outcome.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np


class Task(StrEnum):
    """What a model answers with."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    ANOMALY = "anomaly detection"
    """It answers with a copy of its input; a poor copy means an unusual input."""


class Needs(StrEnum):
    """The data that a technique asks of its user."""

    NOTHING = "nothing"
    CALIBRATION = "calibration"
    TRAINING_DATA = "training data"


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """A loaded data set, split once and for all.

    Attributes:
        x: Raw inputs, `(samples, *input_shape)`, `uint8`, `int8` or `float32`.
        y: Labels `(samples,)` as `int64` (of an anomaly detector: 1 where the sample is anomalous, else 0), or targets
            `(samples, 1)` as `float32`.
        test: Indices into `x` of the held-out samples; never used for training or calibration.
        train: Indices of all others, in a fixed shuffled order; calibration takes the first ones.
        x_scale: The real value of an input is `x * x_scale`.
        groups: Number of the person or place that each sample comes from, `(samples,)` as `int64`; None where samples
            are held out one by one. No group has samples on both sides of the split.
    """

    x: np.ndarray
    y: np.ndarray
    train: np.ndarray
    test: np.ndarray
    x_scale: float
    groups: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A public file that is fetched once, on request, and kept as it comes.

    Attributes:
        name: Its name in the folder of what is fetched.
        address: Where it is published, whole.
        size_bytes: Its published size.
        sha256: Its published SHA-256; None where nobody publishes one. Then its size alone is checked, and the SHA-256 of
            the first file that came is written down beside it.
        published_by: Who publishes size and SHA-256.
    """

    name: str
    address: str
    size_bytes: int
    sha256: str | None
    published_by: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set: where it comes from, under which licence, and how to load it.

    Attributes:
        name: Its name in links and on the command line.
        task: Decides the score: accuracy, mean absolute error, or the area under the ROC curve.
        samples_test: Held-out samples; `anomalies_test` of them are anomalous, where anomalies are to be found.
        grouped_by: What one side of the split never shares with the other: `person`, `place`; empty if it is the sample
            itself. `groups_test` says how many of them are held out.
        class_names: What each label stands for, in order; empty where the number says it.
        kind_of_sample: `image`, `series` (time runs along the second last axis) or `number`.
        package: The distribution that ships the data, or None where it is computed or fetched.
        package_files: Files of that package, relative to its top module, that hold the data; hashed into the fingerprint.
        module: The top-level module of that package.
        answer_tolerance: For regression, how far two answers may lie apart (in target units) and still count as equal.
        load: Loads and splits it; runs in a worker. Takes the folder of fetched files (None for packaged data).
        fetched_files: What `tinyml fetch` must have brought; empty for packaged data.
        system_folder: Folder below `/usr/share/datasets` in which a Debian package puts files of the same names and
            content; used where it is there, so that nothing need be fetched.
    """

    name: str
    title: str
    task: Task
    input_shape: tuple[int, ...]
    classes: int | None
    samples_train: int
    samples_test: int
    split: str
    licence: str
    source: str
    source_url: str
    load: Callable[[str | None], Arrays]
    anomalies_test: int | None = None
    grouped_by: str = ""
    groups_test: int | None = None
    class_names: tuple[str, ...] = ()
    kind_of_sample: Literal["image", "series", "number"] = "image"
    package: str | None = None
    module: str | None = None
    package_files: tuple[str, ...] = ()
    answer_tolerance: float | None = None
    fetched_files: tuple[FetchedFile, ...] = ()
    system_folder: str | None = None


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """How a model is trained: Adam, mini-batches, a fixed number of epochs.

    Attributes:
        learning_rate: Step size of Adam.
        loss: Name of a Keras loss, or `sparse_categorical_crossentropy_from_logits`, or `reconstruction_error`: the mean
            squared difference of output and input, which needs no labels.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    loss: str
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Student:
    """A smaller network for a model's task, for knowledge distillation.

    Attributes:
        build: Builds it, untrained; runs in a worker.
        training: How it is trained from nothing, with its teacher or alone.
    """

    parameters: int
    architecture: str
    build: Callable[[], Any]
    training: TrainingRecipe


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the zoo: its architecture, its training recipe and its card.

    Attributes:
        datasets: Data sets it can be measured on; the first is the default and the one it was trained on. Empty for an
            architecture that comes without data: its weights are random, and its score cannot be measured.
        outputs: Values it answers with: one a class, or so many numbers.
        build: Builds the Keras model, untrained or with its random weights; runs in a worker.
        training: How its weights were made (`tinyml train NAME` makes them again); None without data.
        fine_tuning: How techniques that train go on from those weights; epochs are a setting. None without data.
        input_range: Lowest and highest real value of an input; only used where no data says it.
        student: A smaller network that may learn from this one; None where none makes sense.
        base_weights: Weights of an earlier training from which `training` starts, layer by layer by name; fetched on request.
        trained_by_user: True if the lab does not ship trained weights: they are made on this computer, on request.
        time_limit_s: How long one step that trains this model may take.
    """

    name: str
    title: str
    order: int
    task: Task
    datasets: tuple[str, ...]
    input_shape: tuple[int, ...]
    outputs: int
    parameters: int
    about: str
    architecture: str
    build: Callable[[], Any]
    training: TrainingRecipe | None = None
    fine_tuning: TrainingRecipe | None = None
    input_range: tuple[float, float] = (0.0, 1.0)
    student: Student | None = None
    base_weights: FetchedFile | None = None
    trained_by_user: bool = False
    time_limit_s: float = 600.0

    @property
    def default_dataset(self) -> str:
        """Name of the data set it is measured on unless another is asked for; empty if none comes with it."""
        return self.datasets[0] if self.datasets else ""


Group = Literal["After training", "While training", "Smaller weights", "Packed", "Composed"]
"""Where a technique stands among the toggles; a composed one is none of the presets."""


@dataclass(frozen=True, slots=True)
class Technique:
    """A way of shrinking a model, in up to three stages; its name says them: `[training_]format[_packing]`.

    Attributes:
        order: Place in lists and in the fixed colour order; unique.
        training: Name of a stage of `tinyml_core/training/`, or `none`.
        number_format: Name of a format of `tinyml_core/number_formats/`.
        packing: Name of a packing of `tinyml_core/packings/`, or `none`.
        promised: The size reduction tutorials usually promise, in words.
        hardware: What it is meant for: CPU, GPU, Edge TPU, DSP, microcontroller.
    """

    name: str
    title: str
    order: int
    idea: str
    needs: Needs
    promised: str
    hardware: tuple[str, ...]
    number_format: str
    training: str = "none"
    packing: str = "none"
    group: Group = "After training"
    link: str = "https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/model_optimization"


POLICIES = ("DEFAULT", "OPTIMIZE_FOR_SIZE", "OPTIMIZE_FOR_LATENCY")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings a person may change.

    Attributes:
        calibration_samples: Samples of the training split shown to the converter, 1 to 1000.
        fine_tuning_epochs: Epochs of techniques that train, 1 to 50; some take a multiple, and say so.
        policy: Converter policy of dynamic range quantization, one of `POLICIES`.
        seed: Seed of training, 0 to 2**31 - 1.
        temperature: Of distillation: by how much the teacher's answers are softened, 1 to 20 (Hinton et al. 2015).
        soft_weight: Of distillation: share of the loss that looks at the teacher instead of the labels, 0 to 1.
        kept_layers: Of mixed precision: how many of the layers that suffer most are left unquantized, 1 to 10.
    """

    calibration_samples: int = 100
    fine_tuning_epochs: int = 2
    policy: str = "DEFAULT"
    seed: int = 1
    temperature: float = 4.0
    soft_weight: float = 0.7
    kept_layers: int = 1

    def __post_init__(self) -> None:
        """Refuse settings out of range with a sentence that says the range."""
        for name, low, high in (
            ("calibration_samples", 1, 1000),
            ("fine_tuning_epochs", 1, 50),
            ("seed", 0, 2**31 - 1),
            ("temperature", 1, 20),
            ("soft_weight", 0, 1),
            ("kept_layers", 1, 10),
        ):
            given = getattr(self, name)
            if not low <= given <= high:
                raise ValueError(f"{name} is {given}; it must be from {low} to {high}.")
        if self.policy not in POLICIES:
            raise ValueError(f"policy is {self.policy!r}; it must be one of {', '.join(POLICIES)}.")


@dataclass(frozen=True, slots=True)
class Job:
    """One variant to be made and measured: names, so that it can be hashed, sent and put into a link.

    Attributes:
        dataset: Empty for a model that comes without data.
    """

    model: str
    dataset: str
    technique: str
    settings: Settings = field(default_factory=Settings)
