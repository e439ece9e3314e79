"""Replies as values: what a worker answered in JSON becomes the dataclass that it stands for."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TypeVar

import cattrs

from tinyml_core.call import Answer, Reply
from tinyml_core.chain import done, then
from tinyml_core.outcome import Failure

T = TypeVar("T")


def structured(reply: Future[Reply], kind: type[T]) -> Future[T | Failure]:
    """The reply's body as a value of that type; a failure stays one."""

    def read(known: Reply) -> Future[T | Failure]:
        return done(cattrs.structure(known.body, kind) if isinstance(known, Answer) else known)

    return then(reply, read)
