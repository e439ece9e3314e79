"""What travels beside the executor: how far a call is, and the wish to cancel it. By fingerprint."""

from __future__ import annotations

import threading
from typing import Protocol


class Progress(Protocol):
    """Reports and wishes by fingerprint; a cluster brings a form of its own."""

    def report(self, fingerprint: str, stage: str) -> None:
        """Say what is being done: `training epoch 2 of 4`."""

    def stage(self, fingerprint: str) -> str | None:
        """What was said last, or None."""

    def cancel(self, fingerprint: str) -> None:
        """Wish that a call ends; its worker is killed."""

    def cancelled(self, fingerprint: str) -> bool:
        """Whether somebody wished so."""

    def forget(self, fingerprint: str) -> None:
        """The call has ended: drop what was said of it."""


class LocalProgress:
    """`Progress` for workers of this process."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._lock = threading.Lock()
        self._stages: dict[str, str] = {}
        self._cancelled: set[str] = set()

    def report(self, fingerprint: str, stage: str) -> None:
        """Say what is being done."""
        with self._lock:
            self._stages[fingerprint] = stage

    def stage(self, fingerprint: str) -> str | None:
        """What was said last, or None."""
        with self._lock:
            return self._stages.get(fingerprint)

    def cancel(self, fingerprint: str) -> None:
        """Wish that a call ends."""
        with self._lock:
            self._cancelled.add(fingerprint)

    def cancelled(self, fingerprint: str) -> bool:
        """Whether somebody wished so."""
        with self._lock:
            return fingerprint in self._cancelled

    def forget(self, fingerprint: str) -> None:
        """Drop what was said of a call."""
        with self._lock:
            self._stages.pop(fingerprint, None)
            self._cancelled.discard(fingerprint)
