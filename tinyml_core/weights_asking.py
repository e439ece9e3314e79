"""Asks for the weights of a variant beside those of float32."""

from __future__ import annotations

from concurrent.futures import Future

from tinyml_core import plan
from tinyml_core.call import Blob
from tinyml_core.desk import Desk
from tinyml_core.outcome import Failure
from tinyml_core.structured import structured
from tinyml_core.weights import Weights


def ask_weights(desk: Desk, tflite: Blob, reference: Blob, title: str) -> Future[Weights | Failure]:
    """Ask for a file's weights against those of float32's file; returns at once."""
    return structured(desk.ask(plan.weights_call(tflite, reference, f"weights of {title}")), Weights)
