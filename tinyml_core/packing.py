"""What a packing is: a smaller way to store the weights of a finished `.tflite`, which TFLM undoes when it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Packing:
    """One way of packing.

    Attributes:
        title: What it is called in lists and sentences.
        short_title: As in the title of a composed technique.
        formats: Number formats that it can pack.
        pack: Takes a `.tflite` and gives the packed one; raises `Expected` where it cannot.
    """

    name: str
    title: str
    short_title: str
    order: int
    formats: tuple[str, ...]
    pack: Callable[[bytes], bytes]
