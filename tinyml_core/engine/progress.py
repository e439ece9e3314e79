"""What is told of work while it is done: how far it is, whether it shall stop, and how long its parts took."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class LocalProgress:
    """Reports and wishes by fingerprint, for workers of this machine; a cluster brings a form of its own."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._lock = threading.Lock()
        self._stages: dict[str, str] = {}
        self._cancelled: set[str] = set()

    def report(self, fingerprint: str, stage: str) -> None:
        """Say what is being done: `training epoch 2 of 4`."""
        with self._lock:
            self._stages[fingerprint] = stage

    def stage(self, fingerprint: str) -> str | None:
        """What was said last, or None."""
        with self._lock:
            return self._stages.get(fingerprint)

    def cancel(self, fingerprint: str) -> None:
        """Wish that a call ends; its worker is killed."""
        with self._lock:
            self._cancelled.add(fingerprint)

    def cancelled(self, fingerprint: str) -> bool:
        """Whether somebody wished so."""
        with self._lock:
            return fingerprint in self._cancelled

    def forget(self, fingerprint: str) -> None:
        """The call has ended: drop what was said of it."""
        with self._lock:
            self._stages.pop(fingerprint, None)
            self._cancelled.discard(fingerprint)


_laps: dict[str, float] = {}
"""Where a worker's time goes: library import, training, conversion, invocation."""


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
