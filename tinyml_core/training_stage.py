"""What a training stage is: something done to the trained Keras model before it is converted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tinyml_core.dataset import Arrays
from tinyml_core.model import Model
from tinyml_core.values import Settings

Report = Callable[[str], None]
"""Takes one short sentence that says what is being done: `training epoch 2 of 4`."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training stage gives.

    Attributes:
        keras_model: Ready to be exported: without the wrappers and variables that only training needs.
        dense_layers: Names of layers with weights that the stage left as they were, because it cannot do them.
        notes: What else a person should know about this result, one sentence each.
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
