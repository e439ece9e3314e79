"""The nouns of a model: architecture, training, student; and made-up inputs for those that come without data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tinyml_core.domain.brought import BroughtModel
from tinyml_core.domain.dataset import Arrays, FetchedFile, Task

SEED = 1


def synthetic_inputs(model: Model, samples: int) -> Arrays:
    """Inputs drawn evenly from the range that the model states; all are for calibration, none is held out or scored.

    The seed is fixed and so is the stream of NumPy's `RandomState`: the same inputs on every machine, and more samples
    begin with those that fewer samples hold.
    """
    import numpy as np

    low, high = model.input_range
    random = np.random.RandomState(SEED)
    x: np.ndarray = random.uniform(low, high, size=(samples, *model.input_shape)).astype(np.float32)
    nothing = np.zeros(0, dtype=np.int64)
    return Arrays(x=x, y=nothing, train=np.arange(samples), test=nothing, x_scale=1.0)


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """How a model is trained: Adam, mini-batches, a fixed number of epochs.

    `loss` is that of a classifier that ends in logits, or names a Keras loss, or is `reconstruction_error`: the mean
    squared difference of output and input, which needs no labels.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    loss: str = "sparse_categorical_crossentropy_from_logits"
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Student:
    """A smaller network for a model's task, for knowledge distillation.

    `build` gives it untrained, in a worker; `training` is how it is trained from nothing, with its teacher or alone.
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
        brought: The card of a model that somebody brought; None for one of the zoo.
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
    brought: BroughtModel | None = field(default=None, hash=False)

    @property
    def default_dataset(self) -> str:
        """Name of the data set it is measured on unless another is asked for; empty if none comes with it."""
        return self.datasets[0] if self.datasets else ""
