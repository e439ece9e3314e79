"""Asks what is inside a variant, once its file is there."""

from __future__ import annotations

from concurrent.futures import Future

from tinyml_core import plan_inspecting
from tinyml_core.anatomy import Anatomy
from tinyml_core.call import Reply
from tinyml_core.chain import done, then
from tinyml_core.outcome import Failure, Outcome
from tinyml_core.structured import structured
from tinyml_core.variants import Variant


def ask_anatomy(variant: Variant) -> Future[Anatomy | Failure]:
    """Ask for a variant's file, laid open; returns at once."""

    def lay_open(outcome: Outcome) -> Future[Reply]:
        if variant.tflite is None:
            return done(outcome if isinstance(outcome, Failure) else Failure("reading the file", "There is no file."))
        return variant.ask(plan_inspecting.anatomy_call(variant.tflite, variant.title))

    return structured(then(variant.outcome, lay_open), Anatomy)
