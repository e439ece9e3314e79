"""From a job to its `.tflite`: train on, write in a number format, pack; each a call of its own that others may share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

import cattrs

from tinyml_core import catalog, plan_making
from tinyml_core.as_it_is import AS_IT_IS
from tinyml_core.call import Answer, Blob, Reply
from tinyml_core.chain import done, gather, then
from tinyml_core.compress import techniques
from tinyml_core.compress.techniques import name_of
from tinyml_core.kept_file import brought_file, kept_float32
from tinyml_core.outcome import Failure, TrainingFacts
from tinyml_core.values import Job

if TYPE_CHECKING:
    from tinyml_core.variants import Variant

FLOAT32 = "float32"


def ask_made(variant: Variant, job: Job) -> Future[Reply]:
    """Ask only for a job's `.tflite`, without measuring it."""
    technique = techniques.technique(job.technique)
    if technique.name == AS_IT_IS:
        return done(brought_file(catalog.model(job.model), "tflite"))
    if technique.packing == "none":
        return _ask_written(variant, job)
    plain = _unpacked(job)
    source = made_fingerprint(plain)
    return variant.recall_or(
        plan_making.pack_call(job, source, {}),
        lambda: _after(
            {"tflite": _ask_written(variant, plain)} | _ask_data(variant, job),
            lambda blobs, facts: variant.ask(plan_making.pack_call(job, source, blobs, facts)),
        ),
    )


def _ask_written(variant: Variant, job: Job) -> Future[Reply]:
    """The job's training stage, written in its number format."""
    technique = techniques.technique(job.technique)
    number_format = techniques.number_formats()[technique.number_format]
    if number_format.requantize is not None:
        float32 = _in_float32(job)
        source = made_fingerprint(float32)
        return variant.recall_or(
            plan_making.requantize_call(job, number_format.name, source, {}),
            lambda: _after(
                {"tflite": _ask_written(variant, float32)} | _ask_data(variant, job),
                lambda blobs, facts: variant.ask(
                    plan_making.requantize_call(job, number_format.name, source, blobs, facts)
                ),
            ),
        )
    kept = _kept(job)
    if kept is not None:
        return done(Answer({}, {"tflite": kept}))
    return variant.recall_or(
        plan_making.convert_call(job, number_format.name, {}),
        lambda: _after(
            {"saved_model": _ask_saved_model(variant, job)}
            | (_ask_data(variant, job) if number_format.needs_calibration else {}),
            lambda blobs, facts: variant.ask(plan_making.convert_call(job, number_format.name, blobs, facts)),
        ),
    )


def _ask_saved_model(variant: Variant, job: Job) -> Future[Reply]:
    stage, model = techniques.technique(job.technique).training, catalog.model(job.model)
    if stage != "none":
        return _ask_trained(variant, job, stage)
    if model.brought is not None:
        return done(brought_file(model, "saved_model"))
    return variant.ask(plan_making.export_call(job.model))


def _ask_trained(variant: Variant, job: Job, stage: str) -> Future[Reply]:
    """A training stage on the weights of the stage it comes after."""
    return variant.recall_or(
        plan_making.train_on_call(job, stage, {}),
        lambda: _after(
            _ask_data(variant, job) | _ask_weights(variant, job, techniques.stages()[stage].after),
            lambda blobs, facts: variant.ask(plan_making.train_on_call(job, stage, blobs, facts)),
        ),
    )


def _ask_weights(variant: Variant, job: Job, after: str) -> dict[str, Future[Reply]]:
    """The weights that a stage starts from: another stage's, or those of a brought model; the zoo's need not be asked for."""
    if after != "none":
        return {"weights": _ask_trained(variant, job, after)}
    model = catalog.model(job.model)
    return {} if model.brought is None else {"weights": done(brought_file(model, "weights"))}


def _ask_data(variant: Variant, job: Job) -> dict[str, Future[Reply]]:
    return {"arrays": variant.ask_arrays(job.dataset)} if job.dataset else {}


def _after(
    needed: Mapping[str, Future[Reply]], ask: Callable[[Mapping[str, Blob], TrainingFacts], Future[Reply]]
) -> Future[Reply]:
    """What is asked once all that it needs is there: one blob of each answer, and what training left to be told."""

    def go_on(replies: list[Reply]) -> Future[Reply]:
        blobs, facts = {}, TrainingFacts()
        for name, reply in zip(needed, replies, strict=True):
            if isinstance(reply, Failure):
                return done(reply)
            blobs[name] = reply.blobs[name]
            if "training" in reply.body:
                facts = cattrs.structure(reply.body["training"], TrainingFacts)
        return ask(blobs, facts)

    return then(gather(list(needed.values())), go_on)


def _unpacked(job: Job) -> Job:
    """The same training stage and number format, not packed."""
    technique = techniques.technique(job.technique)
    return replace(job, technique=name_of(technique.training, technique.number_format))


def _in_float32(job: Job) -> Job:
    """The same training stage, as the second quantizer takes it."""
    return replace(job, technique=name_of(techniques.technique(job.technique).training, FLOAT32))


def _kept(job: Job) -> Blob | None:
    """The float32 file that lies beside the model's weights, where that is what the job gives."""
    return kept_float32(catalog.model(job.model)) if job.technique == FLOAT32 else None


def made_fingerprint(job: Job) -> str:
    """What identifies a job's file before it is made."""
    technique = techniques.technique(job.technique)
    if technique.name == AS_IT_IS:
        return job.model
    if technique.packing != "none":
        return plan_making.pack_call(job, made_fingerprint(_unpacked(job)), {}).fingerprint
    number_format = techniques.number_formats()[technique.number_format]
    if number_format.requantize is not None:
        source = made_fingerprint(_in_float32(job))
        return plan_making.requantize_call(job, number_format.name, source, {}).fingerprint
    kept = _kept(job)
    return kept.sha256 if kept is not None else plan_making.convert_call(job, number_format.name, {}).fingerprint
