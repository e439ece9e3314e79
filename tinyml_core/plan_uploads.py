"""Turns a file that somebody brings into the calls that read it. Isolated workers do them: the bytes say whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinyml_core.call import Blob, Call
from tinyml_core.plan import GIGABYTE, WITH_LITERT, call
from tinyml_core.plan_making import CONVERTING, WITH_TENSORFLOW

READING = ("uploads/*.py", "measure/*.py", *CONVERTING)
WITH_RUNTIMES = (*WITH_LITERT, "tflite-micro")
"""A file is tried on both before it is taken."""


def read_model_call(upload: Blob, file_name: str, input_shape: Sequence[int] | None, light: bool) -> Call:
    """Read a model's file, and make of it what variants are made of.

    Args:
        upload: The file.
        file_name: As it was given; only for messages.
        input_shape: The answer to `ModelFacts.open_shape`; None while nobody has asked.
        light: True for a `.tflite`, which needs no TensorFlow.
    """
    shape = None if input_shape is None else list(input_shape)
    return call(
        "read_model",
        "the model that was brought",
        "light" if light else "tensorflow",
        {"file_name": file_name, "input_shape": shape},
        {"upload": upload.sha256, "input_shape": shape},
        READING,
        WITH_RUNTIMES if light else (*WITH_RUNTIMES, *WITH_TENSORFLOW, "keras", "h5py"),
        {"upload": upload},
        memory_limit_bytes=(2 if light else 4) * GIGABYTE,
        time_limit_s=60 if light else 300,
    )


def read_data_call(upload: Blob, body: Mapping[str, Any]) -> Call:
    """Read a file of data for a model; asked again with cures for what does not fit."""
    return call(
        "read_data",
        "the data that were brought",
        "light",
        body,
        {"upload": upload.sha256, **{name: value for name, value in body.items() if name != "file_name"}},
        ("uploads/*.py",),
        ("numpy", "pillow", "pandas"),
        {"upload": upload},
        memory_limit_bytes=2 * GIGABYTE,
        time_limit_s=120,
    )
