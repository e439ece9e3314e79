"""What travels between desk and workers: a call of a function, and its answer. Only data, no code."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tinyml_core.domain.outcome import Failure
from tinyml_core.engine import fingerprint

Pool = Literal["tensorflow", "light", "quiet", "network"]
"""Which workers a step needs: those with TensorFlow loaded, those without, one alone on the machine, or one that downloads."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Some bytes, by content address; in memory, or in a file that is checked when it is read.

    `origin` is the name of what somebody brought, if the bytes came of it; empty for the lab's own. Whatever is made of
    such bytes inherits it, and is only ever opened by isolated workers.
    """

    sha256: str
    data: bytes | None = field(default=None, repr=False)
    path: str | None = None
    origin: str = field(default="", compare=False)

    @staticmethod
    def of(data: bytes) -> Blob:
        """A blob in memory."""
        return Blob(fingerprint.sha256(data), data=data)

    def read(self) -> bytes:
        """The bytes.

        Raises:
            OSError: The file is gone or its content is not what its address says.
        """
        if self.data is not None:
            return self.data
        data = Path(self.path or "").read_bytes()
        if fingerprint.sha256(data) != self.sha256:
            raise OSError(f"{self.path} is damaged: its content does not match its address")
        return data

    def check(self) -> None:
        """Read the file in pieces and compare it with its address; raises what `read` does."""
        if self.data is None:
            with open(self.path or "", "rb") as content:
                if hashlib.file_digest(content, "sha256").hexdigest() != self.sha256:
                    raise OSError(f"{self.path} is damaged: its content does not match its address")


@dataclass(frozen=True, slots=True)
class Call:
    """One step to be done by a worker.

    Attributes:
        step, title: For messages: what kind of work it is, and `int8 of digits`.
        body, blobs: Its arguments, JSON-able ones and those in bytes.
        fingerprint: Names the outcome: everything that can change it is in there.
        keep: Whether its answer belongs into the store.
        priority: The lowest goes first in its pool, as in a queue of priorities: training waits behind quick conversions.
        function: What does it, `module:function`: it takes the body, the bytes by name and somebody to report to, and gives
            the body and the bytes of the answer.
    """

    step: str
    body: Mapping[str, Any]
    fingerprint: str
    title: str
    pool: Pool
    blobs: Mapping[str, Blob] = field(default_factory=dict)
    time_limit_s: float = 600.0
    memory_limit_bytes: int = 4 * 1024**3
    keep: bool = True
    priority: int = 0
    function: str = ""

    @property
    def origin(self) -> str:
        """Name of what somebody brought, if bytes of it go into the call; it then needs an isolated worker."""
        return next((blob.origin for blob in self.blobs.values() if blob.origin), "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a step gave: JSON-able values, bytes, and seconds by kind of work (`import_s`, `train_s`, `total_s`)."""

    body: Any
    blobs: Mapping[str, Blob] = field(default_factory=dict)
    laps: Mapping[str, float] = field(default_factory=dict)


Reply = Answer | Failure


@cache
def named(name: str) -> Any:
    """What `module:name` names; its module is imported now.

    >>> named("tinyml_core.engine.call:named") is named
    True
    """
    module, _, inside = name.partition(":")
    return getattr(importlib.import_module(module), inside)


EXHAUSTED = "ResourceExhaustedError"
"""Name of TensorFlow's error when there is no room, on the disk or in memory; its type is known in workers only."""


class Expected(Exception):
    """An expected failure inside a step; the worker turns it into its `Failure`."""

    def __init__(self, failure: Failure) -> None:
        """Carry the failure to the border of the worker."""
        super().__init__(failure.reason)
        self.failure = failure
