"""A graph of steps: what is wanted, of what it is made, and who asks for it. It knows no step by name.

A `Want` is a step with its arguments and with what it needs: other wants, or bytes that are there. Its fingerprint is known
before anything is done, unless a need is addressed by its content; so an answer that is known costs none of its needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

import cattrs

from tinyml_core.domain.outcome import Failure
from tinyml_core.engine import fingerprint
from tinyml_core.engine.call import Answer, Blob, Call, Pool, Reply, named
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.futures import done, gather, then
from tinyml_core.pipeline.work import WORK

T = TypeVar("T")
GIGABYTE = 1024**3
ALWAYS = ("tinyml_core.pipeline.work", "tinyml_core.domain.dataset")
"""Modules that every step goes through, whatever it imports itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """A kind of work.

    Attributes:
        function: What does it, `module:function`; see `pipeline.work` for how it comes by its arguments. Text, so that
            who only asks loads none of it. What its module imports stands in the fingerprint.
        gives: The type of its answer, as text too; empty where only its bytes count.
        says: What a person is told while it begins.
        libraries: Distributions that can change its answer.
        memory_limit_bytes, time_limit_s: More, and its worker is ended.
        keep: Whether its answer belongs into the store.
        priority: The lowest goes first in its pool.
        hands_on: Names of needs, and the argument in which it is told what their answers say.
    """

    name: str
    function: str
    gives: str = ""
    says: str = ""
    pool: Pool = "light"
    libraries: tuple[str, ...] = ()
    memory_limit_bytes: int = 2 * GIGABYTE
    time_limit_s: float = 600.0
    keep: bool = True
    priority: int = 0
    hands_on: Mapping[str, str] = field(default_factory=dict)

    @property
    def module(self) -> str:
        """Where its function is written."""
        return self.function.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that a step reads.

    Attributes:
        of: What has them in its answer, under `name`; or the bytes themselves; or why there are none.
        by_content: Whether two needs are the same if their bytes are, however they were made.
    """

    of: Want[Any] | Blob | Failure
    name: str
    by_content: bool = False


@dataclass(frozen=True)
class Want(Generic[T]):
    """A step with its arguments.

    Attributes:
        given: Arguments that can change the answer, by name; all travel to the step.
        needs: Bytes that travel with them, by name.
        identity: What can change the answer besides, and does not travel.
        also: Arguments that cannot change it.
        brought: Of what was brought, as far as the step has to know it; by name.
        time_limit_s: In place of the step's.
        read: How the answer becomes a value; by the step's type if None.
    """

    step: Step
    title: str
    given: Mapping[str, Any] = field(default_factory=dict)
    needs: Mapping[str, Need] = field(default_factory=dict)
    identity: Mapping[str, Any] = field(default_factory=dict)
    also: Mapping[str, Any] = field(default_factory=dict)
    brought: Mapping[str, Any] = field(default_factory=dict)
    time_limit_s: float | None = None
    read: Callable[[Answer], T] | None = None

    @cached_property
    def fingerprint(self) -> str:
        """What identifies its answer, before anything is made."""
        assert not any(need.by_content for need in self.needs.values()), self.title
        return self._identified({})

    def _identified(self, contents: Mapping[str, Blob]) -> str:
        of_needs = {
            name: contents[name].sha256 if need.by_content else recipe(need.of) for name, need in self.needs.items()
        }
        return fingerprint.of({
            "step": self.step.function, "given": dict(self.given), "needs": of_needs, "more": dict(self.identity),
            "sources": fingerprint.sources(self.step.module, alone=ALWAYS),
            "libraries": fingerprint.libraries(*self.step.libraries),
        })  # fmt: skip

    def call(self, blobs: Mapping[str, Blob], told: Mapping[str, Any] | None = None) -> Call:
        """The call of this want.

        Args:
            blobs: Its bytes; for its fingerprint alone those of needs by content are enough.
            told: What the answers of its needs say, by argument.
        """
        step = self.step
        late = any(need.by_content for need in self.needs.values())
        body = {"do": step.function, "says": step.says, "brought": dict(self.brought), **self.given, **self.also}
        return Call(
            step.name, body | dict(told or {}), self._identified(blobs) if late else self.fingerprint, self.title,
            step.pool, blobs, time_limit_s=self.time_limit_s or step.time_limit_s, memory_limit_bytes=step.memory_limit_bytes,
            keep=step.keep, priority=step.priority, function=WORK,
        )  # fmt: skip

    def value(self, answer: Answer) -> T:
        """What an answer says."""
        if self.read is not None:
            return self.read(answer)
        value: T = cattrs.structure(answer.body, named(self.step.gives))
        return value


def recipe(source: Want[Any] | Blob | Failure) -> str:
    """What identifies bytes before they are made."""
    if isinstance(source, Want):
        return source.fingerprint
    return source.sha256 if isinstance(source, Blob) else ""


class Asker:
    """Somebody who asks the desk, and can be told what is being done for him."""

    def __init__(self, desk: Desk, visitor: str = "") -> None:
        """Nothing asked yet; `visitor` tells one from another."""
        self.desk, self.visitor = desk, visitor
        self._trail: list[tuple[Call, Future[Reply]]] = []

    def answer(self, want: Want[T] | Failure) -> Future[T | Failure]:
        """The answer to a want as a value; a failure stays one, also one that says why nothing can be wanted."""
        if isinstance(want, Failure):
            return done(want)
        wanted = want
        return then(self.ask(wanted), lambda reply: done(reply if isinstance(reply, Failure) else wanted.value(reply)))

    def ask(self, want: Want[Any]) -> Future[Reply]:
        """The reply to a want; what it needs is asked only if the reply is not known."""
        late = {name: need for name, need in want.needs.items() if need.by_content}
        early = {name: need for name, need in want.needs.items() if not need.by_content}

        def identified(contents: dict[str, Blob], told: dict[str, Any]) -> Future[Reply]:
            call = want.call(contents, told)
            known = self.desk.recall(call, self.visitor)
            if known is not None:
                return self._noted(call, known)

            def whole(blobs: dict[str, Blob], more: dict[str, Any]) -> Future[Reply]:
                call = want.call(contents | blobs, told | more)
                return self._noted(call, self.desk.ask(call, self.visitor))

            return self._with(want.step, early, whole)

        return self._with(want.step, late, identified)

    def source(self, source: Want[Any] | Blob | Failure, name: str) -> Future[Reply]:
        """The reply that has some bytes under a name: asked for, or there already."""
        if isinstance(source, Want):
            return self.ask(source)
        return done(Answer({}, {name: source}) if isinstance(source, Blob) else source)

    def _with(
        self, step: Step, needs: Mapping[str, Need], go_on: Callable[[dict[str, Blob], dict[str, Any]], Future[Reply]]
    ) -> Future[Reply]:
        """What is asked once all needs are there; the first that failed is the reply."""
        if not needs:
            return go_on({}, {})

        def gathered(replies: list[Reply]) -> Future[Reply]:
            blobs, told = {}, {}
            for (name, need), reply in zip(needs.items(), replies, strict=True):
                if isinstance(reply, Failure):
                    return done(reply)
                blobs[name] = reply.blobs[need.name]
                if name in step.hands_on and reply.body:
                    told[step.hands_on[name]] = reply.body
            return go_on(blobs, told)

        return then(gather([self.source(need.of, need.name) for need in needs.values()]), gathered)

    def _noted(self, call: Call, future: Future[Reply]) -> Future[Reply]:
        self._trail.append((call, future))
        return future

    def _open(self) -> list[Call]:
        return [call for call, future in list(self._trail) if not future.done()]

    def stage(self) -> str:
        """What is being done now, in words."""
        calls = self._open()
        return self.desk.stage(calls[-1].fingerprint) if calls else "starting"

    def running(self, step: Step) -> Call | None:
        """The call of a step that runs or waits for a worker; None if there is none at the moment."""
        return next((call for call in reversed(self._open()) if call.step == step.name), None)

    def stop(self) -> bool:
        """Give up what is being made; False if somebody else waits for the same, so that it goes on."""
        running = [call.fingerprint for call in self._open()]
        if any(self.desk.others_wait(each, self.visitor) for each in running):
            return False
        for each in running:
            self.desk.cancel(each)
        return True

    def passing_failures(self) -> dict[str, Failure]:
        """What was stopped, or failed but may succeed another time (a killed worker, a full disk), by fingerprint."""
        replies = {call.fingerprint: future.result() for call, future in list(self._trail) if future.done()}
        return {name: reply for name, reply in replies.items() if isinstance(reply, Failure) and not reply.lasting}


@dataclass(frozen=True, slots=True)
class Inquiry(Generic[T]):
    """Something that was asked: its asker knows what is being done for it, `found` is the answer once it is there."""

    asker: Asker
    found: Future[T | Failure]


def inquire(desk: Desk, want: Want[T] | Failure, visitor: str = "") -> Inquiry[T]:
    """Ask for one thing; returns at once."""
    asker = Asker(desk, visitor)
    return Inquiry(asker, asker.answer(want))
