"""Asks what a variant costs on NPUs: one compilation a configuration, whatever the number of boards that have it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import cattrs

from tinyml_core import plan
from tinyml_core.call import Reply
from tinyml_core.chain import done, then
from tinyml_core.npu import NpuEstimate, NpuLike
from tinyml_core.outcome import Failure, Outcome
from tinyml_core.variants import Variant


def ask_npu(variant: Variant, npu: NpuLike) -> Future[NpuEstimate | Failure]:
    """Ask for a variant's estimate on an NPU, once its outcome is there; returns at once.

    Milliseconds are filled in where the NPU's clock is known.
    """

    def compile_it(outcome: Outcome) -> Future[Reply]:
        if isinstance(outcome, Failure) or variant.tflite is None:
            return done(Failure("compiling for the NPU", "There is no file to compile."))
        return variant.ask(plan.npu_call(variant.tflite, npu, f"{npu.accelerator}: {variant.title}"))

    def read(reply: Reply) -> Future[NpuEstimate | Failure]:
        if isinstance(reply, Failure):
            return done(reply)
        return done(with_clock(cattrs.structure(reply.body, NpuEstimate), npu.clock_mhz))

    return then(then(variant.outcome, compile_it), read)


def with_clock(estimate: NpuEstimate, clock_mhz: int | None) -> NpuEstimate:
    """The estimate with the time its cycles take at a clock; without one if the clock is not known."""
    return replace(estimate, milliseconds=estimate.cycles / (clock_mhz * 1000) if clock_mhz else None)
