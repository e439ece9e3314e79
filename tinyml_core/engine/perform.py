"""Does one call in this process: the same function in a child process, on a cluster and inline in tests."""

from __future__ import annotations

import errno
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import Any

from tinyml_core.domain.outcome import Failure, Report
from tinyml_core.engine.call import EXHAUSTED, Answer, Blob, Call, Expected, Reply, named
from tinyml_core.engine.progress import LocalProgress, take_laps


class Inline(Executor):
    """Does `perform(call)` before `submit` returns, in this process: for tests and for debugging."""

    count = 1

    def __init__(self, progress: LocalProgress) -> None:
        """An executor that reports to `progress`."""
        self.progress = progress

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it now; the future is done when this returns."""
        future: Future[Any] = Future()
        try:
            if fn is perform:
                call = args[0]
                result = perform(call, lambda stage: self.progress.report(call.fingerprint, stage))
            else:
                result = fn(*args, **kwargs)
            future.set_result(result)
        except Exception as error:
            future.set_exception(error)
        return future


ENVIRONMENT = {
    # tensorflow-model-optimization needs the older Keras; the choice is read at the first import.
    "TF_USE_LEGACY_KERAS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}


def perform(call: Call, report: Report = lambda stage: None) -> Reply:
    """Do what a call says, and `report` how far it is; expected failures come back as values, others are raised."""
    os.environ.update(ENVIRONMENT)
    take_laps()
    start = time.perf_counter()
    try:
        body, blobs = named(call.function)(call.body, read_blobs(call.blobs), report)
    except Expected as expected:
        return expected.failure
    except MemoryError:
        return Failure(call.step, "The worker ran out of memory.", "Choose a smaller model or fewer samples.")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return Failure(call.step, "The disk is full.", "Free some space, then ask again.", detail=str(error))
        if isinstance(error, FileNotFoundError):
            return Failure(call.step, f"A file is missing: {error}.", "Set the lab up again (make setup).")
        raise
    except Exception as error:
        if type(error).__name__ != EXHAUSTED:
            raise
        return exhausted(call.step, str(error))
    laps = take_laps() | {"total_s": time.perf_counter() - start}
    return Answer(body, {name: Blob.of(data) for name, data in blobs.items()}, laps)


def exhausted(step: str, words: str) -> Failure:
    """TensorFlow's lack of room as a failure that another try may not meet."""
    detail = words[:4000]
    if "No space left" in words:
        return Failure(step, "The disk for temporary files is full.", "Free some space, then ask again.", detail=detail)
    advice = "Choose a smaller model or fewer samples, or ask again."
    return Failure(step, "TensorFlow ran out of memory.", advice, detail=detail)


HELD = 4
_held: OrderedDict[str, bytes] = OrderedDict()
"""The bytes that were used last, by content: the next call of this worker mostly takes the same data."""


def read_blobs(blobs: Mapping[str, Blob]) -> dict[str, bytes]:
    """The bytes of a call's blobs; the few that were used last stay in memory for the next call of this worker.

    Raises:
        OSError: A file is gone or damaged.
    """
    read = {}
    for name, blob in blobs.items():
        read[name] = _held[blob.sha256] if blob.sha256 in _held else blob.read()
        _held[blob.sha256] = read[name]
        _held.move_to_end(blob.sha256)
        while len(_held) > HELD:
            _held.popitem(last=False)
    return read
