"""An executor that does its work at once, in this process: for tests and for debugging."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from tinyml_core.workers.perform import perform
from tinyml_core.workers.progress import Progress


class Inline(Executor):
    """Does `perform(call)` before `submit` returns."""

    count = 1

    def __init__(self, progress: Progress) -> None:
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
