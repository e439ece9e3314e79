"""The nouns of a question: technique, settings, the job made of them, and the stages that a technique is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Report


class Needs(StrEnum):
    """The data that a technique asks of its user."""

    NOTHING = "nothing"
    CALIBRATION = "calibration"
    TRAINING_DATA = "training data"


Group = Literal["After training", "While training", "Smaller weights", "Packed", "Composed"]
"""Where a technique stands among the toggles; a composed one is none of the presets."""


@dataclass(frozen=True, slots=True)
class Technique:
    """A way of shrinking a model, in up to three stages; its name says them: `[training_]format[_packing]`.

    Attributes:
        order: Place in lists and in the fixed colour order; unique.
        training, number_format, packing: Names of its stages; `none` where it has no training or packing.
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
RANGES = {
    "calibration_samples": (1, 1000), "fine_tuning_epochs": (1, 50), "seed": (0, 2**31 - 1), "temperature": (1, 20),
    "soft_weight": (0, 1), "kept_layers": (1, 10),
}  # fmt: skip


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
            Both defaults were chosen on a part of the training data of `digits`, `mnist` and `motion`, three seeds each.
        kept_layers: Of mixed precision: how many of the layers that suffer most are left unquantized, 1 to 10.
    """

    calibration_samples: int = 100
    fine_tuning_epochs: int = 2
    policy: str = "DEFAULT"
    seed: int = 1
    temperature: float = 2.0
    soft_weight: float = 0.5
    kept_layers: int = 1

    def __post_init__(self) -> None:
        """Refuse settings out of range with a sentence that says the range."""
        for name, (low, high) in RANGES.items():
            given = getattr(self, name)
            if not low <= given <= high:
                raise ValueError(f"{name} is {given}; it must be from {low} to {high}.")
        if self.policy not in POLICIES:
            raise ValueError(f"policy is {self.policy!r}; it must be one of {', '.join(POLICIES)}.")


@dataclass(frozen=True, slots=True)
class Job:
    """One variant to be made and measured: names, so that it can be hashed, sent and put into a link.

    `dataset` is empty for a model that comes without data.
    """

    model: str
    dataset: str
    technique: str
    settings: Settings = field(default_factory=Settings)


UNCHANGED = "as_it_is"

AS_BROUGHT = Technique(
    name=UNCHANGED, title="As it was brought", order=0, needs=Needs.NOTHING, number_format=UNCHANGED,
    idea="The .tflite file unchanged. It holds integers or half floats already, so there is nothing left to quantize.",
    promised="no promise is published", hardware=(),
)  # fmt: skip
"""For a `.tflite` that is not in float32 throughout; no other model can be asked for it."""

REFERENCE = "float32"

Calibration = Callable[[], Iterator[list[Any]]]
"""A representative dataset: a function that yields `[input]` arrays of shape `(1, *input_shape)`."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One way of writing a model's numbers; exactly one of `configure` and `requantize` is given.

    Attributes:
        title: What it is called where it stands alone: in lists, and as a technique without training.
        bits: Of the weights that it writes; where layers differ, the fewest.
        needs_calibration: True if representative inputs must be seen.
        configure: Sets up a `tf.lite.TFLiteConverter` in place; runs in a worker with TensorFlow.
        requantize: Takes the float32 `.tflite` and gives another, without TensorFlow.
        settings: Settings besides the calibration samples that can change its bytes.
        short: What it is called after a training stage, `Pruned to 75 %, int8`; empty if that is the title too.
        counterpart: The format of TensorFlow's converter that a quantizer's stands beside; empty if it stands alone.
        blocks: How many weights share a scale where that is a part of a channel; else 0.
        kept: What those layers are kept in that suffer most, `float32` or `int16`; empty if none is kept.
    """

    name: str
    title: str
    order: int
    bits: int
    needs_calibration: bool
    configure: Callable[[Any, Calibration, Settings], None] | None = None
    requantize: Callable[[bytes, Calibration, Settings], bytes] | None = None
    settings: tuple[str, ...] = ()
    short: str = ""
    counterpart: str = ""
    blocks: int = 0
    kept: str = ""

    @property
    def short_title(self) -> str:
        """What it is called in a sentence and in the title of a composed technique."""
        return self.short or self.title

    @property
    def keeps_float(self) -> bool:
        """True if it asks for no smaller numbers than the model has."""
        return self.bits == 32


@dataclass(frozen=True, slots=True)
class Packing:
    """One way of packing the number formats that it names; `short_title` is for the title of a composed technique.

    `pack` takes a `.tflite` and gives the packed one; it raises `Expected` where it cannot.
    """

    name: str
    title: str
    short_title: str
    order: int
    formats: tuple[str, ...]
    pack: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training stage gives: a Keras model ready to be exported, without what only training needs.

    `dense_layers` names layers with weights that the stage left as they were, because it cannot do them; `notes` say
    what else a person should know about this result, one sentence each.
    """

    keras_model: Any
    dense_layers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingStage:
    """One way of training on.

    Attributes:
        title: As in the title of a composed technique: `Pruned to 75 %`.
        apply: Takes the trained Keras model and gives the one to convert; runs in a worker.
        after: The stage whose weights it starts from.
        formats: Number formats that its result can be written in; empty: all.
        settings: Settings that can change its result.
        clustered: Whether few distinct weights are left, so that a lookup table can hold them.
        builds_student: Whether its result has the architecture of the model's student.
    """

    name: str
    title: str
    order: int
    apply: Callable[[Any, Model, Arrays, Settings, Report], Trained]
    after: str = "none"
    formats: tuple[str, ...] = ()
    settings: tuple[str, ...] = ("fine_tuning_epochs", "seed")
    clustered: bool = False
    builds_student: bool = False
