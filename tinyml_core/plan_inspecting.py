"""Turns what is to be seen of a variant into calls of workers without TensorFlow."""

from __future__ import annotations

from tinyml_core.call import Blob, Call
from tinyml_core.plan import MEASURING, WITH_LITERT, call


def anatomy_call(tflite: Blob, title: str) -> Call:
    """Lay a `.tflite` open without executing it."""
    return call(
        "anatomy",
        f"inside of {title}",
        "light",
        {},
        {"tflite": tflite.sha256},
        ("inspecting.py", "anatomy.py", *MEASURING),
        WITH_LITERT,
        {"tflite": tflite},
    )
