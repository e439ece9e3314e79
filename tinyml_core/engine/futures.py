"""Futures one after the other: what follows from an answer is asked as soon as it is there."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")
log = logging.getLogger("tinyml")


def done(value: T) -> Future[T]:
    """A future that has its value."""
    future: Future[T] = Future()
    future.set_result(value)
    return future


def then(first: Future[T], go_on: Callable[[T], Future[U]]) -> Future[U]:
    """The future of what `go_on` asks once `first` has its value; errors of either surface in it."""
    result: Future[U] = Future()

    def pass_on(finished: Future[U]) -> None:
        error = finished.exception()
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(finished.result())

    def after(finished: Future[T]) -> None:
        try:
            go_on(finished.result()).add_done_callback(pass_on)
        except Exception as error:
            log.exception("a step could not be followed by the next")
            result.set_exception(error)

    first.add_done_callback(after)
    return result


def gather(futures: Sequence[Future[Any]]) -> Future[list[Any]]:
    """The values of all, in order, once the last is there."""
    result: Future[list[Any]] = Future()
    left = [len(futures)]
    lock = threading.Lock()
    if not futures:
        result.set_result([])

    def count(_: Future[Any]) -> None:
        with lock:
            left[0] -= 1
            last = left[0] == 0
        if last:
            try:
                result.set_result([future.result() for future in futures])
            except Exception as error:
                result.set_exception(error)

    for future in futures:
        future.add_done_callback(count)
    return result
