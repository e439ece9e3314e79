"""What a number format is: a name and a way to configure TensorFlow's converter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tinyml_core.values import Settings

Calibration = Callable[[], Iterator[list[Any]]]
"""A representative dataset: a function that yields `[input]` arrays of shape `(1, *input_shape)`."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One way of writing a model's numbers.

    Attributes:
        needs_calibration: True if the converter must see representative inputs.
        configure: Sets up a `tf.lite.TFLiteConverter` in place; runs in a worker.
    """

    name: str
    needs_calibration: bool
    configure: Callable[[Any, Calibration, Settings], None]
