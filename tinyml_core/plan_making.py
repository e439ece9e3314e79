"""Turns a job into the calls that make its `.tflite`. A call without its blobs has the same fingerprint, but cannot be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

import cattrs

from tinyml_core import catalog, fingerprint
from tinyml_core.call import Blob, Call
from tinyml_core.compress import techniques
from tinyml_core.outcome import TrainingFacts
from tinyml_core.plan import GIGABYTE, WITH_LITERT, call
from tinyml_core.values import Job

WITH_TENSORFLOW = ("tensorflow", "tf_keras", "tensorflow-model-optimization", "numpy")
CONVERTING = (
    "making.py",
    "compress/converter.py",
    "compress/quantizer.py",
    "compress/mixed_precision.py",
    "compress/techniques.py",
    "compress/training/fit.py",
    "made_up.py",
    "random_weights.py",
    "number_format.py",
)
TRAINING = (*CONVERTING, "training_stage.py", "compress/training/*.py")
REQUANTIZING = (*CONVERTING, "measure/*.py")
PACKING = ("making.py", "packing.py", "compress/lut.py", "compress/techniques.py", "measure/*.py")


def export_call(model: str) -> Call:
    """Export a trained model to a SavedModel."""
    return call(
        "export",
        f"export of {model}",
        "tensorflow",
        {"model": model},
        fingerprint.of_model(catalog.model(model)),
        CONVERTING,
        WITH_TENSORFLOW,
        memory_limit_bytes=4 * GIGABYTE,
    )


def train_call(model: str, arrays: Blob | None, step: Literal["train", "train_here"] = "train") -> Call:
    """Train a model by its recipe; the answer is never kept, because the point is to make it anew.

    The step `train_here` also keeps the weights on this computer. Without its data the call has the same fingerprint.
    """
    return call(
        step,
        f"training of {model}",
        "tensorflow",
        {"model": model},
        {"model": fingerprint.of_model(catalog.model(model))},
        CONVERTING,
        WITH_TENSORFLOW,
        {"arrays": arrays} if arrays else {},
        memory_limit_bytes=6 * GIGABYTE,
        time_limit_s=catalog.model(model).time_limit_s,
        keep=False,
        patience=1,
    )


def train_on_call(job: Job, stage: str, blobs: Mapping[str, Blob], before: TrainingFacts | None = None) -> Call:
    """Apply a training stage, on the weights of the stage it comes after; one call for all formats it is written in."""
    member = techniques.stages()[stage]
    given = asdict(job.settings)
    after = member.after
    return call(
        "train_on",
        f"{member.title} of {job.model}",
        "tensorflow",
        {
            "model": job.model,
            "stage": stage,
            "settings": given,
            "before": cattrs.unstructure(before or TrainingFacts()),
        },
        {
            "model": fingerprint.of_model(catalog.model(job.model)),
            "dataset": fingerprint.of_dataset(catalog.dataset(job.dataset)) if job.dataset else None,
            "stage": stage,
            "after": None if after == "none" else train_on_call(job, after, {}).fingerprint,
            "settings": {name: given[name] for name in member.settings},
        },
        TRAINING,
        WITH_TENSORFLOW,
        blobs,
        memory_limit_bytes=6 * GIGABYTE,
        time_limit_s=catalog.model(job.model).time_limit_s,
        patience=1,
    )


def _calibrated(job: Job, number_format: str) -> dict[str, Any]:
    """What calibration adds to the identity: data and settings that can change the bytes, and no others.

    Made-up data follows from the model's own file.
    """
    member, given = techniques.number_formats()[number_format], asdict(job.settings)
    names = (*(["calibration_samples"] if member.needs_calibration else []), *member.settings)
    dataset = fingerprint.of_dataset(catalog.dataset(job.dataset)) if job.dataset else None
    return {
        "number_format": number_format,
        "dataset": dataset if member.needs_calibration else None,
        "settings": {name: given[name] for name in names},
    }


def convert_call(job: Job, number_format: str, blobs: Mapping[str, Blob], facts: TrainingFacts | None = None) -> Call:
    """Convert the trained model, or what a job's training stage made of it, with TensorFlow's converter."""
    stage = techniques.technique(job.technique).training
    source = export_call(job.model) if stage == "none" else train_on_call(job, stage, {})
    return call(
        "convert_variant",
        f"{job.technique} of {job.model}",
        "tensorflow",
        _body(job, number_format, facts),
        {"source": source.fingerprint} | _calibrated(job, number_format),
        CONVERTING,
        WITH_TENSORFLOW,
        blobs,
        memory_limit_bytes=6 * GIGABYTE,
    )


def requantize_call(
    job: Job, number_format: str, source: str, blobs: Mapping[str, Blob], facts: TrainingFacts | None = None
) -> Call:
    """Write a float32 `.tflite` in a format of the second quantizer; `source` identifies that file."""
    return call(
        "requantize",
        f"{job.technique} of {job.model}",
        "light",
        _body(job, number_format, facts),
        {"source": source} | _calibrated(job, number_format),
        REQUANTIZING,
        (*WITH_LITERT, "litert-quantizer"),
        blobs,
        patience=1,  # rows that are made are scored first, so that they appear one by one
    )


def pack_call(job: Job, source: str, blobs: Mapping[str, Blob], facts: TrainingFacts | None = None) -> Call:
    """Pack a `.tflite` and prove that it still gives the same answers; `source` identifies that file."""
    packing = techniques.technique(job.technique).packing
    dataset = fingerprint.of_dataset(catalog.dataset(job.dataset)) if job.dataset else None
    return call(
        "pack",
        f"{job.technique} of {job.model}",
        "light",
        {"packing": packing, "training": cattrs.unstructure(facts or TrainingFacts())},
        {"source": source, "packing": packing, "dataset": dataset},
        PACKING,
        (*WITH_LITERT, "tflite-micro"),
        blobs,
    )


def _body(job: Job, number_format: str, facts: TrainingFacts | None) -> dict[str, Any]:
    return {
        "model": job.model,
        "number_format": number_format,
        "settings": asdict(job.settings),
        "training": cattrs.unstructure(facts or TrainingFacts()),
    }


def warm_up_call(number: int) -> Call:
    """Load TensorFlow in a worker."""
    return call(
        "warm_up",
        "TensorFlow",
        "tensorflow",
        {},
        {"number": number},
        (),
        (),
        memory_limit_bytes=4 * GIGABYTE,
        keep=False,
    )
