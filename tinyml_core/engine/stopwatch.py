"""Adds up where a worker's time goes: library import, training, conversion, invocation."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_laps: dict[str, float] = {}


def lap(name: str, seconds: float) -> None:
    """Add seconds to a named sum of the step that runs now (a worker does one step at a time)."""
    _laps[name] = _laps.get(name, 0.0) + seconds


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Add the time of a block to a named sum."""
    start = time.perf_counter()
    try:
        yield
    finally:
        lap(name, time.perf_counter() - start)


def take_laps() -> dict[str, float]:
    """The sums since the last call, in seconds; starts anew."""
    taken = dict(_laps)
    _laps.clear()
    return taken
