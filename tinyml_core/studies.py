"""Asks for studies of a model's weights, from the float32 variant that every comparison has."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import cattrs

from tinyml_core import plan_studying
from tinyml_core.call import Blob, Call, Reply
from tinyml_core.chain import done, then
from tinyml_core.compress.mixed_precision import LayerDamage
from tinyml_core.few_bits import FewBits
from tinyml_core.outcome import Failure, Outcome
from tinyml_core.values import Job
from tinyml_core.variants import Variant

Study = TypeVar("Study")


def ask_few_bits(float32: Variant, job: Job) -> Future[FewBits | Failure]:
    """Ask how good the model of a float32 variant is with few bits a weight; returns at once."""
    if not job.dataset:
        return done(Failure("scoring", "No data comes with this model, so there is no score to draw.", lasting=True))

    def call(tflite: Blob, arrays: Blob | None) -> Call:
        return plan_studying.few_bits_call(tflite, job.dataset, arrays)

    return _ask(float32, job, call, lambda body: cattrs.structure(body, FewBits))


def ask_layer_ranking(float32: Variant, job: Job) -> Future[tuple[LayerDamage, ...] | Failure]:
    """Ask which layers of the model of a float32 variant suffer most from int8; returns at once."""

    def call(tflite: Blob, arrays: Blob | None) -> Call:
        samples = job.settings.calibration_samples
        return plan_studying.rank_layers_call(tflite, job.model, job.dataset, samples, arrays)

    return _ask(float32, job, call, lambda body: cattrs.structure(body["layers"], tuple[LayerDamage, ...]))


def _ask(
    float32: Variant, job: Job, call: Callable[[Blob, Blob | None], Call], read: Callable[[Any], Study]
) -> Future[Study | Failure]:
    """A study of the float32 file on the job's data, once that file is there."""

    def study(outcome: Outcome) -> Future[Reply]:
        tflite = float32.tflite
        if tflite is None:
            return done(outcome if isinstance(outcome, Failure) else Failure("studying", "There is no float32 file."))
        return float32.ask_on_data(lambda arrays: call(tflite, arrays), job.dataset)

    def structured(reply: Reply) -> Future[Study | Failure]:
        return done(reply if isinstance(reply, Failure) else read(reply.body))

    return then(then(float32.outcome, study), structured)
