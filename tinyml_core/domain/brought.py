"""What was brought: what the lab keeps of it beside its bytes. JSON on disk, content in its name."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Literal

MODEL_PREFIX, DATA_PREFIX = "my-", "data-"


@dataclass(frozen=True, slots=True)
class BroughtData:
    """Data that somebody brought, as they were read for one model.

    Attributes:
        name: Its name in links: a hash of the file's content and of all that was chosen when it was read.
        title: The file's name, cleaned.
        task: A `Task`: what the labels are for.
        sha256: Of the file as it was brought.
        blobs: SHA-256 of what was made of it, by name: `arrays`.
    """

    name: str
    title: str
    facts: DataFacts
    task: str
    sha256: str
    blobs: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class BroughtModel:
    """A model that somebody brought, with the data it is measured on.

    Attributes:
        name: Its name in links: a hash of the file's content, of the answers that its reader asked for, and of its data.
        title: The file's name, cleaned.
        task: A `Task`: what it answers with.
        input_shape: Of one sample, complete; of the first input where there are several.
        dataset: Name of a `BroughtData`; empty without.
        labels: What its data say of each sample; without any there is no score, and nothing can be trained on.
        blobs: SHA-256 of what was made of it, by name: `tflite`, and `saved_model` and `weights` where there are any.
    """

    name: str
    title: str
    facts: ModelFacts
    task: str
    input_shape: tuple[int, ...]
    size_bytes: int
    sha256: str
    blobs: dict[str, str] = field(hash=False)
    dataset: str = ""
    labels: Labels = "none"

    @property
    def quantizable(self) -> bool:
        """True if it is in float32, so that techniques have something to do."""
        return self.facts.float_weights


ModelKind = Literal["keras 3", "legacy keras", "SavedModel", "tflite"]

KIND_TITLES: dict[ModelKind, str] = {
    "keras 3": "Keras 3 file",
    "legacy keras": "Keras 2 file",
    "SavedModel": "SavedModel",
    "tflite": ".tflite file",
}

Activation = Literal["softmax", "sigmoid", "other", "unknown"]
Labels = Literal["classes", "numbers", "none"]


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a model as its file states it.

    Attributes:
        shape: Without the batch axis; None for an axis that the file leaves open.
        dtype: As NumPy writes it.
        low, high: The range of real values it can take; None where the file does not say.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model's file says of itself.

    Attributes:
        kind: What it was written by; a `.keras` or `.h5` file is `keras 3` or `legacy keras` by which of the two loads it.
        open_shape: The shape of the input without the batch axis if some of it is open and has to be asked for, before the
            model can be measured; None if all is known. Without an answer the step gives no file.
        float_weights: True if the file is in float32 throughout, so that it can be quantized.
        last_activation: Of the last layer: says whether its outputs are probabilities.
        architecture: The layers in few words.
        legacy_config: The architecture as `tf_keras` rebuilds it (JSON), proven to give the same outputs; empty if it cannot.
        not_rebuilt: Why not, in one sentence.
        one_at_a_time: True if it is converted for one sample at a time, because an open batch would leave operators in the file
            that work out its size.
        notes: What the person should know, one sentence each: several inputs, signatures, state that is kept between calls.
    """

    kind: ModelKind
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    parameters: int
    architecture: str
    float_weights: bool = True
    open_shape: tuple[int | None, ...] | None = None
    last_activation: Activation = "unknown"
    legacy_config: str = ""
    not_rebuilt: str = ""
    one_at_a_time: bool = False
    notes: tuple[str, ...] = ()

    @property
    def output_values(self) -> int:
        """How many values the first output answers with; an axis that is left open counts once."""
        return prod(size or 1 for size in self.outputs[0].shape)


def several_inputs(count: int) -> str:
    """What follows from a model's having more than one input."""
    return f"It has {count} inputs: it is measured on made-up ones, because data sets here feed exactly one."


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something of the data that does not fit the model.

    Attributes:
        text: What the data has, what the model expects.
        cure: Name of the cure that mends it with one click; empty if there is none.
        cure_title: What a button for it says.
        blocking: True if nothing can be measured on the data until it is mended.
    """

    text: str
    cure: str = ""
    cure_title: str = ""
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """Something that no file says and that a person has to: asked with the likely answer preselected, never guessed in silence.

    Attributes:
        about: Name of the choice that answers it, one of `CHOICES`.
        text: What was found and what is asked, in one or two sentences.
        answers: What one may answer, in the order in which it is shown; empty where any text is taken.
        titles: What each answer is called on the page, in the same order; empty where the answers speak for themselves.
        likely: The answer that is preselected: one of `answers`, or some of them between commas; empty if none is likelier.
        several: True if an answer may name several of them, between commas.
        ordered: True if the order in which they are named matters, so that all are written in one field.
        blocking: True if nothing can be measured on the data until it is answered.
    """

    about: str
    text: str
    answers: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    likely: str = ""
    several: bool = False
    ordered: bool = False
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a person may say of data, where the file does not say it or says something else.

    Attributes:
        title: Its name on the page.
        metavar: What stands for its value in the help of the command line.
        help: One line.
    """

    title: str
    metavar: str
    help: str


CHOICES = {
    "inputs": Choice("Inputs", "A,B", "array or columns that hold the inputs"),
    "labels": Choice("Labels", "NAME", "array or column that holds the labels (none: there are none)"),
    "leave_out": Choice("Leave out", "A,B", "columns that are neither inputs nor labels, such as row numbers"),
    "held_out": Choice("Held-out part", "NAME", "the array of inputs that is held out for the score"),
    "classes": Choice("Order of classes", "A,B", "names of the classes in the order of the model's answers"),
    "metric": Choice("Score", "NAME", "what an answer means, and so how it is scored"),
    "anomalous": Choice("Anomalous", "A,B", "labels of the samples that are anomalous"),
    "resizing": Choice("Resizing", "NAME", "how pictures of another size are brought to the model's"),
    "rate": Choice("Sample rate", "HZ", "samples a second that the model was trained on"),
}
"""By name; on the command line each is an option of that name, with a hyphen for the underscore."""


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What a file of data holds, after the cures that were chosen.

    Attributes:
        kind: npz, npy, csv, images, sounds.
        samples: 0 where nothing could be read before a question is answered.
        shape: Of one sample.
        low, high: Lowest and highest real value of a sample.
        classes: Number of classes; None where labels are numbers or there are none.
        samples_train, samples_test: For calibration and training, and held out.
        split: How they were divided, in one sentence.
        choices: Names among which the person may choose, by what is chosen: for instance the arrays of a `.npz` or the
            columns of a table, under `inputs` and `labels`.
        taken: Which of these names was taken.
        notes: What was left out or assumed, one sentence each.
        own_split: True if the file itself has a part for testing.
        questions: What has to be, or can be, said by the person.
    """

    kind: str
    samples: int
    shape: tuple[int, ...]
    dtype: str
    low: float
    high: float
    labels: Labels
    samples_train: int
    samples_test: int
    split: str
    classes: int | None = None
    class_names: tuple[str, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    choices: dict[str, tuple[str, ...]] | None = field(default=None, hash=False)
    taken: dict[str, str] | None = field(default=None, hash=False)
    notes: tuple[str, ...] = ()
    own_split: bool = False
    questions: tuple[Question, ...] = ()
