"""One variant from its job to its measurement, asked as calls that others may share; and what it is doing meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from tinyml_core import catalog, plan
from tinyml_core.ask_made import ask_made
from tinyml_core.call import Answer, Blob, Call, Reply
from tinyml_core.chain import done, then
from tinyml_core.compress import techniques
from tinyml_core.desk import Desk
from tinyml_core.fetched import not_ready
from tinyml_core.inspection import Inspection
from tinyml_core.kept_file import brought_file
from tinyml_core.measuring import measure
from tinyml_core.outcome import Failure, Latency, Outcome, Score, SoFar
from tinyml_core.structured import structured
from tinyml_core.values import Job

T = TypeVar("T")
TRAIN_STEP = "train_on"


class Variant:
    """One variant on its way: its outcome, what it is doing now, and its file once it is made."""

    def __init__(self, desk: Desk, title: str, asker: str = "") -> None:
        """Nothing asked yet; `asker` tells one visitor from another."""
        self.desk = desk
        self.title = title
        self.asker = asker
        self.packed = False
        """True if only TFLM can read the file."""
        self.outcome: Future[Outcome] = Future()
        self.latency: Future[Latency | Failure] | None = None
        self.tflite: Blob | None = None
        self.inspection: Future[Inspection | Failure] | None = None
        self.score: Future[Score | Failure | None] | None = None
        self._trail: list[tuple[Call, Future[Reply]]] = []

    def ask(self, call: Call) -> Future[Reply]:
        """Ask the desk, and remember it for `stage`."""
        future = self.desk.ask(call, self.asker)
        self._trail.append((call, future))
        return future

    def so_far(self) -> SoFar:
        """What is known before the outcome is complete: sizes, the score or why there is none; at first neither."""
        inspection, score = _known(self.inspection), _known(self.score)
        return SoFar(inspection if isinstance(inspection, Inspection) else None, score)

    def stage(self) -> str:
        """What is being done now, in words; empty when all is done."""
        if self.outcome.done():
            return ""
        open_calls = [call for call, future in list(self._trail) if not future.done()]
        return self.desk.stage(open_calls[-1].fingerprint) if open_calls else "starting"

    def training(self) -> Call | None:
        """The training stage that runs or waits for a worker; None if there is none at the moment."""
        open_calls = [call for call, future in list(self._trail) if not future.done()]
        return next((call for call in reversed(open_calls) if call.step == TRAIN_STEP), None)

    def stop(self) -> bool:
        """Give up what is being made; False if somebody else waits for the same, so that it goes on."""
        running = [call.fingerprint for call, future in list(self._trail) if not future.done()]
        if any(self.desk.others_wait(fingerprint, self.asker) for fingerprint in running):
            return False
        for fingerprint in running:
            self.desk.cancel(fingerprint)
        return True

    def passing_failures(self) -> dict[str, Failure]:
        """What was stopped, or failed but may succeed another time (a killed worker, a full disk), by fingerprint."""
        replies = {call.fingerprint: future.result() for call, future in list(self._trail) if future.done()}
        return {name: reply for name, reply in replies.items() if isinstance(reply, Failure) and not reply.lasting}

    def recall_or(self, call: Call, ask_whole: Callable[[], Future[Reply]]) -> Future[Reply]:
        """The known answer of a call, or what `ask_whole` asks, which may first need other answers."""
        known = self.desk.recall(call, self.asker)
        if known is None:
            return ask_whole()
        self._trail.append((call, known))
        return known

    def ask_on_data(self, call: Callable[[Blob | None], Call], dataset: str) -> Future[Reply]:
        """The answer of a call that takes a data set's arrays, which are loaded only if it has to be done.

        Args:
            call: Makes the call; without arrays it has the same fingerprint but cannot be done.
            dataset: Empty for a model that comes without data; the call is then done without arrays.
        """
        if not dataset:
            return self.ask(call(None))

        def with_arrays(reply: Reply) -> Future[Reply]:
            return done(reply) if isinstance(reply, Failure) else self.ask(call(reply.blobs["arrays"]))

        return self.recall_or(call(None), lambda: then(self.ask_arrays(dataset), with_arrays))

    def ask_arrays(self, dataset: str) -> Future[Reply]:
        """The arrays of a data set; those that were brought need not be loaded."""
        member = catalog.dataset(dataset)
        return self.ask(plan.dataset_call(dataset)) if member.brought is None else done(brought_file(member, "arrays"))


def _known(part: Future[T] | None) -> T | None:
    """The value of a part that is there without an error."""
    return None if part is None or not part.done() or part.exception() else part.result()


def ask_variant(desk: Desk, job: Job, asker: str = "") -> Variant:
    """Ask for one variant; returns at once."""
    technique = techniques.technique(job.technique)
    variant = Variant(desk, f"{job.technique} of {job.model}", asker)
    variant.packed = technique.packing != "none"
    dataset = catalog.dataset_or_none(job.dataset)
    cannot = catalog.impossible(technique, catalog.model(job.model)) or not_ready(catalog.model(job.model), dataset)
    if cannot is not None:
        variant.outcome.set_result(cannot)
    else:
        measure(variant, ask_made(variant, job), job.dataset or None)
    return variant


def ask_file(desk: Desk, content: Blob, title: str) -> Variant:
    """Ask for all that can be said of a `.tflite` without its data: no score, TFLM on made-up inputs."""
    variant = Variant(desk, title)
    measure(variant, done(Answer({}, {"tflite": content})), None)
    return variant


def ask_latency(variant: Variant) -> Future[Latency | Failure]:
    """Ask for the time on this computer, once the outcome is there; runs in a quiet moment."""

    def time_it(outcome: Outcome) -> Future[Reply]:
        if isinstance(outcome, Failure) or variant.tflite is None:
            return done(Failure("timing", "There is no file to time."))
        if variant.packed:
            return done(Failure("timing", "A packed file runs on TFLM alone, so LiteRT cannot time it.", lasting=True))
        return variant.ask(plan.latency_call(variant.tflite, f"latency of {variant.title}"))

    if variant.latency is None:
        variant.latency = structured(then(variant.outcome, time_it), Latency)
    return variant.latency
