"""One variant from its job to its measurement; each part as soon as it is there."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import cattrs

from tinyml_core.boards.board import Npu
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.outcome import (
    Failure,
    Latency,
    Measurement,
    Micro,
    NpuEstimate,
    Outcome,
    Score,
    Similarity,
    SoFar,
    TrainingFacts,
)
from tinyml_core.domain.technique import Job
from tinyml_core.engine.call import Blob, Call, Reply
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.environment import processor
from tinyml_core.engine.futures import done, gather, then
from tinyml_core.pipeline import steps
from tinyml_core.pipeline.files import Made, Source, arrays, inputs, tflite
from tinyml_core.pipeline.graph import Asker, Need, Step, Want

T = TypeVar("T")

MACS_ON_TFLM = 20_000_000_000
"""Work for which TFLM is compared with LiteRT: all samples of a small network, 130 of a MobileNetV2 (minutes, both of them)."""

FEWEST_ON_TFLM = 16

SYNTHETIC_SAMPLES = 200
"""Synthetic inputs on which answers are compared, where no data came with the model."""


@dataclass
class Variant:
    """One variant on its way.

    `made` is its job, looked up; None for a file that is measured by itself. `outcome` is all of it, put together;
    `score` is None where nothing can be scored, and `latency` until somebody asks for it.
    """

    title: str
    asker: Asker
    made: Made | None
    file: Future[Blob | Failure]
    inspection: Future[Inspection | Failure]
    score: Future[Score | Failure | None]
    outcome: Future[Outcome]
    latency: Future[Latency | Failure] | None = None

    @property
    def packed(self) -> bool:
        """True if only TFLM can read the file."""
        return self.made is not None and self.made.packed

    @property
    def tflite(self) -> Blob | None:
        """The file, if it is made."""
        found = _known(self.file)
        return found if isinstance(found, Blob) else None

    def so_far(self) -> SoFar:
        """What is known before the outcome is complete: sizes, the score or why there is none; at first neither."""
        if self.tflite is None:
            return SoFar()
        inspection, score = _known(self.inspection), _known(self.score)
        return SoFar(inspection if isinstance(inspection, Inspection) else None, score)

    def stage(self) -> str:
        """What is being done now, in words; empty when all is done."""
        return "" if self.outcome.done() else self.asker.stage()

    def training(self) -> Call | None:
        """The training stage that runs or waits for a worker; None if there is none at the moment."""
        return self.asker.running(steps.TRAIN_ON)

    def stop(self) -> bool:
        """Give up what is being made; False if somebody else waits for the same, so that it goes on."""
        return self.asker.stop()


def _known(part: Future[T]) -> T | None:
    """The value of a part that is there without an error."""
    return part.result() if part.done() and not part.exception() else None


def ask_variant(desk: Desk, job: Job, visitor: str = "") -> Variant:
    """Ask for one variant; returns at once."""
    made = Made.of(job)
    return _measured(Asker(desk, visitor), made, made.title, made.cannot() or tflite(made))


def ask_file(desk: Desk, content: Blob, title: str) -> Variant:
    """Ask for all that can be said of a `.tflite` without its data: no score, TFLM on synthetic inputs."""
    return _measured(Asker(desk), None, title, content)


def _measured(asker: Asker, made: Made | None, title: str, source: Source) -> Variant:
    """Make the file, read it, score it, execute it on TFLM; the outcome is complete when all have answered."""
    dataset = made.dataset if made else None
    reply = asker.source(source, "tflite")
    file = then(reply, lambda made_it: done(made_it if isinstance(made_it, Failure) else made_it.blobs["tflite"]))

    def asked(step: Step, given: Mapping[str, Any], needs: dict[str, Need]) -> Future[Any]:
        """What a step says of the file, once it is there."""

        def of(blob: Blob | Failure) -> Future[Any]:
            return asker.answer(blob if isinstance(blob, Failure) else Want(step, title, given, _content(blob) | needs))

        return then(file, of)

    def micro(found: Inspection | Failure) -> Future[Micro | Failure]:
        """What TFLM says; what cannot be read must not be executed."""
        if isinstance(found, Failure):
            return done(found)
        given = {
            "output_step": found.output_step,
            "saving_bytes": found.arena_saving_bytes,
            "tolerance": dataset.answer_tolerance if dataset else None,
            "task": str(dataset.task) if dataset else "",
            "most_samples": max(FEWEST_ON_TFLM, MACS_ON_TFLM // found.macs) if found.macs else None,
        }
        return asked(steps.MICRO, given, arrays(dataset))

    inspection: Future[Inspection | Failure] = asked(steps.INSPECT, {}, {})
    score: Future[Score | Failure | None] = done(None)
    if made is not None and dataset is not None and dataset.labelled:
        # On TFLM where LiteRT does not know an operator of it.
        step = steps.SCORE_ON_TFLM if made.packed else steps.SCORE
        score = asked(step, {"task": str(dataset.task)}, arrays(dataset))
    parts: Future[list[Any]] = gather([reply, inspection, score, then(inspection, micro)])
    outcome: Future[Outcome] = Future()

    def put_together(finished: Future[list[Any]]) -> None:
        try:
            outcome.set_result(_outcome(*finished.result()))
        except Exception as error:
            outcome.set_result(Failure("measuring", f"An unexpected error: {error}", "The log has the details."))

    parts.add_done_callback(put_together)
    return Variant(title, asker, made, file, inspection, score, outcome)


def _content(blob: Blob) -> dict[str, Need]:
    return {"content": Need(blob, "tflite", by_content=True)}


def _outcome(
    reply: Reply, inspection: Inspection | Failure, score: Score | Failure | None, micro: Micro | Failure
) -> Outcome:
    """What was found out; a part that failed stays a failure of its own."""
    if isinstance(reply, Failure):
        return reply
    if isinstance(inspection, Failure) and inspection.lasting:
        return inspection
    if isinstance(micro, Failure):
        micro = Micro("not executed", error=micro.detail, cause=micro.reason, fix=micro.advice)
    training = cattrs.structure(reply.body, TrainingFacts)
    return Measurement(reply.blobs["tflite"].sha256, inspection, score, micro, training)


# ---- what is asked once the outcome is there ---------------------------------------------------------------------


def _afterwards(variant: Variant, step: Step, title: str, missing: Failure, **more: Any) -> Future[Any]:
    """What a step says of the file; `missing` if there is none."""

    def ask(outcome: Outcome) -> Future[Any]:
        blob = variant.tflite
        if isinstance(outcome, Failure) or blob is None:
            return done(missing)
        return variant.asker.answer(Want(step, title, needs=_content(blob), **more))

    return then(variant.outcome, ask)


def ask_latency(variant: Variant) -> Future[Latency | Failure]:
    """Ask for the time on this computer, once the outcome is there; runs in a quiet moment."""
    missing = Failure("timing", "There is no file to time.")
    if variant.latency is None and variant.packed:
        packed = Failure("timing", "A packed file runs on TFLM alone, so LiteRT cannot time it.", lasting=True)
        variant.latency = then(variant.outcome, lambda found: done(missing if isinstance(found, Failure) else packed))
    elif variant.latency is None:
        known, title = {"processor": processor()}, f"latency of {variant.title}"
        variant.latency = _afterwards(variant, steps.LATENCY, title, missing, identity=known)
    return variant.latency


def ask_npu(variant: Variant, npu: Npu) -> Future[NpuEstimate | Failure]:
    """Ask for a variant's estimate on an NPU, once its outcome is there; boards that differ in the clock share the answer.

    Milliseconds are filled in where the NPU's clock is known.
    """
    given = {"accelerator": npu.accelerator, "system_config": npu.system_config, "memory_mode": npu.memory_mode}
    missing = Failure("compiling for the NPU", "There is no file to compile.")
    found = _afterwards(variant, steps.NPU, f"{npu.accelerator}: {variant.title}", missing, given=given)
    return then(found, lambda one: done(one if isinstance(one, Failure) else with_clock(one, npu.clock_mhz)))


def with_clock(estimate: NpuEstimate, clock_mhz: int | None) -> NpuEstimate:
    """The estimate with the time its cycles take at a clock; without one if the clock is not known."""
    return replace(estimate, milliseconds=estimate.cycles / (clock_mhz * 1000) if clock_mhz else None)


def ask_similarity(variant: Variant, reference: Variant) -> Future[Similarity | Failure | None]:
    """Ask how alike a variant and float32 are, once both are made; None for float32 itself and for packed files."""
    made = variant.made
    if variant is reference or variant.packed or made is None:
        return done(None)
    looked_up = made

    def compare(_: object) -> Future[Similarity | Failure | None]:
        mine, others = variant.tflite, reference.tflite
        if mine is None or others is None:
            return done(Failure("comparing", "There is no float32 file to compare with.", lasting=True))
        taken = inputs(looked_up, SYNTHETIC_SAMPLES)
        files = _content(mine) | {"reference": Need(others, "tflite", by_content=True)}
        given, needs = {"task": str(looked_up.model.task)} | taken.get("given", {}), files | taken.get("needs", {})
        known, title = taken.get("identity", {}), f"answers of {looked_up.model.name} beside float32's"
        want: Want[Similarity | None] = Want(steps.SIMILARITY, title, given, needs, known, brought=looked_up.brought)
        return variant.asker.answer(want)

    return then(gather([variant.outcome, reference.outcome]), compare)
