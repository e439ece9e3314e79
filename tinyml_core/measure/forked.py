"""Does work in a fork of this process, so that a crash there is an answer like another."""

from __future__ import annotations

import faulthandler
import json
import os
import select
import signal
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How work in a fork ended: it returned a value, raised an exception, its process died, or it took too long.

    `stage` is what it said last that it was doing, `words` the exception's text or the name of the signal it died of.
    """

    how: Literal["returned", "raised", "crashed", "too long"]
    value: Any = None
    stage: str = ""
    words: str = ""


def forked(work: Callable[[Told], Any], limit_s: float) -> Ended:
    """Do work in a fork and wait for it, so many seconds at most.

    Args:
        work: Takes a function to which it says what it does next; returns something that JSON can hold.
        limit_s: Longer, and the fork is ended.
    """
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        # Python warns of forks beside threads; here the fork does its work on one thread and ends.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(ours)
        _work(work, theirs)
    os.close(theirs)
    try:
        said, in_time = _listen(ours, time.monotonic() + limit_s)
    finally:
        os.close(ours)
    if not in_time:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    stage = next((value for kind, value in reversed(said) if kind == "stage"), "")
    if not in_time:
        return Ended("too long", stage=stage)
    if said and said[-1][0] == "value" and status == 0:
        return Ended("returned", said[-1][1], stage)
    if said and said[-1][0] == "error":
        return Ended("raised", None, stage, said[-1][1])
    died = os.WIFSIGNALED(status)
    return Ended("crashed", None, stage, signal.Signals(os.WTERMSIG(status)).name if died else f"exit {status >> 8}")


def _work(work: Callable[[Told], Any], pipe: int) -> None:
    """The whole life of the fork; does not return."""

    def say(kind: str, value: Any) -> None:
        line = json.dumps([kind, value]).encode() + b"\n"
        while line:
            line = line[os.write(pipe, line) :]

    faulthandler.disable()  # a crash here is told by the parent, not on standard error
    try:
        try:
            say("value", work(lambda stage: say("stage", stage)))
        except Exception as error:
            say("error", f"{type(error).__name__}: {error}"[:4000])
        os._exit(0)
    finally:
        os._exit(1)


def _listen(pipe: int, deadline: float) -> tuple[list[tuple[str, Any]], bool]:
    """What the fork said until it closed the pipe, and whether it did so in time."""
    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        part = os.read(pipe, 65536) if ready else b""
        if not part:
            break
        parts.append(part)
    lines = b"".join(parts).split(b"\n")[:-1]
    return [(kind, value) for kind, value in map(json.loads, lines)], bool(ready)
