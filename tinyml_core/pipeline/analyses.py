"""What can be asked of a variant's file beside its measurement, as wants: each says which files it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import cattrs

from tinyml_core.analysis.anatomy import Anatomy
from tinyml_core.analysis.few_bits import FewBits
from tinyml_core.analysis.layer_errors import LayerErrors
from tinyml_core.analysis.predictions import Predictions
from tinyml_core.analysis.try_one import Given, Tried
from tinyml_core.analysis.weights import Weights
from tinyml_core.compress import techniques
from tinyml_core.compress.techniques import name_of
from tinyml_core.domain.outcome import Failure
from tinyml_core.domain.technique import UNCHANGED, Job
from tinyml_core.engine.call import Answer
from tinyml_core.pipeline import steps
from tinyml_core.pipeline.files import FLOAT32, Made, arrays, file_of, inputs
from tinyml_core.pipeline.graph import Step, Want
from tinyml_core.zoo import identity

if TYPE_CHECKING:
    from tinyml_core.compress.mixed_precision import Ranking

MOST_SYNTHETIC = 64
"""Made-up inputs that are compared layer by layer, where no data came with the model."""

Pictures = Mapping[str, bytes]


def layer_errors(job: Job) -> Want[LayerErrors] | Failure:
    """Where a variant's error comes from.

    A packed variant is compared in its unpacked form: packing changes no value, and LiteRT cannot read the packed file.
    """
    made = Made.of(job)
    technique, training = made.technique, made.technique.training
    unpacked = name_of(training, technique.number_format) if made.packed else technique.name
    files = {"content": unpacked, "own": name_of(training, FLOAT32)}
    if training != "none" and not techniques.stages()[training].builds_student:
        files["base"] = FLOAT32
    return _on_files(steps.LAYER_ERRORS, made, f"layers of {made.title}", files, **inputs(made, MOST_SYNTHETIC))


def predictions(job: Job) -> Want[tuple[Predictions, Pictures]] | Failure:
    """A variant's answers beside float32's, with a PNG of each changed image that is shown."""
    made = Made.of(job)
    if made.dataset is None or not made.dataset.labelled:
        reason = "No labelled data come with this model, so no answer can be right or wrong."
        advice = "Bring labelled samples in the shape of its input, or choose a model that comes with data."
        return Failure("predicting", reason, advice, lasting=True)
    recipe = made.model.training or made.model.fine_tuning
    logits = recipe is not None and recipe.loss.endswith("from_logits")
    given = {"dataset": made.dataset.name, "on_tflm": made.packed, "logits": logits}
    known = {"dataset": identity.of_dataset(made.dataset)}
    files = {"content": job.technique, "reference": FLOAT32}

    def read(answer: Answer) -> tuple[Predictions, Pictures]:
        return cattrs.structure(answer.body, Predictions), _pictures(answer)

    more = {"given": given, "identity": known, "read": read} | inputs(made, 0)
    return _on_files(steps.PREDICTIONS, made, f"answers of {made.title}", files, **more)


def try_one(job: Job, given: Given) -> Want[tuple[Tried, Pictures]] | Failure:
    """What one input gives in float32 and in a variant, or in a finished file alone; with a PNG of it, if it is an image."""
    made = Made.of(job)
    alone = job.technique == UNCHANGED
    known = {"model": identity.of_model(made.model)}
    if made.dataset is not None:
        known["dataset"] = identity.of_dataset(made.dataset)

    def read(answer: Answer) -> tuple[Tried, Pictures]:
        tried = cattrs.structure(answer.body, Tried)
        return replace(tried, runs=tried.runs[1:]) if alone else tried, _pictures(answer)

    files = {"content": job.technique, "reference": UNCHANGED if alone else FLOAT32}
    told = {"given": asdict(given), "model": made.model.name, "dataset": job.dataset}
    more = {"given": told, "identity": known, "read": read, "needs": arrays(made.dataset)}
    return _on_files(steps.TRY_ONE, made, f"one input through {made.title}", files, **more)


def anatomy(job: Job) -> Want[Anatomy] | Failure:
    """A variant's file, laid open."""
    made = Made.of(job)
    return _on_files(steps.ANATOMY, made, f"inside of {made.title}", {"content": job.technique})


def weights(job: Job) -> Want[Weights] | Failure:
    """A variant's weights beside those of float32's file."""
    made = Made.of(job)
    return _on_files(steps.WEIGHTS, made, f"weights of {made.title}", {"content": job.technique, "reference": FLOAT32})


def few_bits(job: Job) -> Want[FewBits] | Failure:
    """How good the job's model is with few bits a weight."""
    made = Made.of(job).as_technique(FLOAT32)
    if made.dataset is None:
        return Failure("scoring", "No data comes with this model, so there is no score to draw.", lasting=True)
    given = {"task": str(made.dataset.task)}
    return _on_files(steps.FEW_BITS, made, "how few bits", {"float_tflite": FLOAT32}, given=given, **inputs(made, 0))


def layer_ranking(job: Job) -> Want[Ranking] | Failure:
    """Which layers of the job's model suffer most from int8."""
    made = Made.of(job).as_technique(FLOAT32)
    samples = job.settings.calibration_samples
    taken = inputs(made, samples)
    taken["given"] = {"calibration_samples": samples} | taken.get("given", {})
    title = f"ranking the layers of {made.model.name}"
    return _on_files(steps.RANK_LAYERS, made, title, {"float_tflite": FLOAT32}, **taken)


def _pictures(answer: Answer) -> Pictures:
    return {name: blob.read() for name, blob in answer.blobs.items()}


def _on_files(step: Step, made: Made, title: str, files: Mapping[str, str], **more: Any) -> Want[Any] | Failure:
    """A step on the files of some techniques, by the name that the step has for each; a Failure if one cannot be had."""
    cannot = made.cannot(*files.values())
    if cannot is not None:
        return cannot
    needs = {name: file_of(technique, made) for name, technique in files.items()}
    return Want(step, title, **(more | {"needs": needs | more.get("needs", {}), "brought": made.brought}))
