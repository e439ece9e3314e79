"""What a training stage is: something done to the trained Keras model before it is converted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tinyml_core.values import Arrays, Model, Settings

Report = Callable[[str], None]
"""Takes one short sentence that says what is being done: `training epoch 2 of 4`."""


@dataclass(frozen=True, slots=True)
class TrainingStage:
    """One way of training on.

    Attributes:
        apply: Takes the trained Keras model and gives the one to convert; runs in a worker.
    """

    name: str
    apply: Callable[[Any, Model, Arrays, Settings, Report], Any]
