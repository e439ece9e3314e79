"""What a number format is: how the numbers of a model are written, and with which tool."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tinyml_core.values import Settings

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
