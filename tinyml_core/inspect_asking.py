"""Asks what is inside a variant, from a job: files that are not there yet are made first, each once for everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import cattrs

from tinyml_core import catalog, plan_inspecting
from tinyml_core.as_it_is import AS_IT_IS
from tinyml_core.ask_made import FLOAT32, ask_made
from tinyml_core.call import Answer, Blob, Call, Reply
from tinyml_core.chain import done, gather, then
from tinyml_core.compress import techniques
from tinyml_core.compress.techniques import name_of
from tinyml_core.desk import Desk
from tinyml_core.fetched import not_ready
from tinyml_core.layer_errors import LayerErrors
from tinyml_core.outcome import Failure
from tinyml_core.predictions import Predictions
from tinyml_core.try_one import Given, Tried
from tinyml_core.uploads.suited import not_for
from tinyml_core.values import Job
from tinyml_core.variants import Variant

Found = TypeVar("Found")
Pictures = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Inquiry(Generic[Found]):
    """Something that was asked.

    Attributes:
        asker: Knows what is being done for it, in words: `asker.stage()`.
        found: The answer, once it is there.
    """

    asker: Variant
    found: Future[Found | Failure]


def ask_layer_errors(desk: Desk, job: Job, asker: str = "") -> Inquiry[LayerErrors]:
    """Ask where a variant's error comes from; returns at once.

    A packed variant is compared in its unpacked form: packing changes no value, and LiteRT cannot read the packed file.
    """
    technique = techniques.technique(job.technique)
    own = name_of(technique.training, FLOAT32)
    wanted = {"tflite": name_of(technique.training, technique.number_format), "own": own}
    if technique.packing == "none":
        wanted["tflite"] = job.technique
    if technique.training != "none" and not techniques.stages()[technique.training].builds_student:
        wanted["base"] = FLOAT32
    title = f"layers of {job.technique} of {job.model}"

    def call(files: Mapping[str, Blob], arrays: Blob | None) -> Call:
        return plan_inspecting.layer_errors_call(
            files["tflite"], files["own"], files.get("base"), job.model, job.dataset, arrays, title
        )

    return _ask(desk, job, asker, title, wanted, call, lambda answer: cattrs.structure(answer.body, LayerErrors))


def ask_predictions(desk: Desk, job: Job, asker: str = "") -> Inquiry[tuple[Predictions, Pictures]]:
    """Ask for a variant's answers beside float32's, with a PNG of each changed image that is shown; returns at once."""
    title = f"answers of {job.technique} of {job.model}"
    packed = techniques.technique(job.technique).packing != "none"
    if not job.dataset or not catalog.dataset(job.dataset).labelled:
        failure = Failure(
            "predicting",
            "No labelled data come with this model, so no answer can be right or wrong.",
            "Bring labelled samples in the shape of its input, or choose a model that comes with data.",
            lasting=True,
        )
        return Inquiry(Variant(desk, title, asker), done(failure))

    def call(files: Mapping[str, Blob], arrays: Blob | None) -> Call:
        return plan_inspecting.predictions_call(
            files["tflite"], files["reference"], job.model, job.dataset, arrays, title, "TFLM" if packed else "LiteRT"
        )

    def read(answer: Answer) -> tuple[Predictions, Pictures]:
        return cattrs.structure(answer.body, Predictions), _pictures(answer)

    return _ask(desk, job, asker, title, {"tflite": job.technique, "reference": FLOAT32}, call, read)


def ask_try_one(desk: Desk, job: Job, given: Given, asker: str = "") -> Inquiry[tuple[Tried, Pictures]]:
    """Ask what one input gives in float32 and in a variant, or in a finished file alone; returns at once."""
    alone = job.technique == AS_IT_IS
    title = f"one input through {job.technique} of {job.model}"

    def call(files: Mapping[str, Blob], arrays: Blob | None) -> Call:
        return plan_inspecting.try_one_call(
            files["tflite"], files["reference"], given, job.model, job.dataset, arrays, title
        )

    def read(answer: Answer) -> tuple[Tried, Pictures]:
        tried = cattrs.structure(answer.body, Tried)
        return replace(tried, runs=tried.runs[1:]) if alone else tried, _pictures(answer)

    wanted = {"tflite": job.technique, "reference": AS_IT_IS if alone else FLOAT32}
    return _ask(desk, job, asker, title, wanted, call, read)


def _pictures(answer: Answer) -> Pictures:
    return {name: blob.read() for name, blob in answer.blobs.items()}


def _ask(
    desk: Desk,
    job: Job,
    asker: str,
    title: str,
    wanted: Mapping[str, str],
    call: Callable[[Mapping[str, Blob], Blob | None], Call],
    read: Callable[[Answer], Found],
) -> Inquiry[Found]:
    """What is asked of some variants' files on the job's data.

    Args:
        desk: Where to ask.
        job: Model, data set and settings.
        asker: Tells one visitor from another.
        title: For messages.
        wanted: The technique whose file each blob of the call is.
        call: Makes the call of the files and the data.
        read: What its answer says.
    """
    variant = Variant(desk, title, asker)
    model = catalog.model(job.model)
    cannot = catalog.impossible(techniques.technique(job.technique), model)
    # The files beside it may be steps on the way that nobody can ask for, but a finished file has none at all.
    missing = (not_for(techniques.technique(technique), model) for technique in wanted.values())
    cannot = cannot or next((reason for reason in missing if reason is not None), None)
    cannot = cannot or not_ready(model, catalog.dataset_or_none(job.dataset))
    if cannot is not None:
        return Inquiry(variant, done(cannot))

    def study(replies: list[Reply]) -> Future[Reply]:
        files = {}
        for name, reply in zip(wanted, replies, strict=True):
            if isinstance(reply, Failure):
                return done(reply)
            files[name] = reply.blobs["tflite"]
        return variant.ask_on_data(lambda arrays: call(files, arrays), job.dataset)

    made = gather([ask_made(variant, replace(job, technique=technique)) for technique in wanted.values()])
    structured = then(then(made, study), lambda reply: done(reply if isinstance(reply, Failure) else read(reply)))
    return Inquiry(variant, structured)
