"""Turns a job into calls: what a worker is asked, and the fingerprint that names the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tinyml_core import catalog, fingerprint
from tinyml_core.call import Blob, Call, Lane
from tinyml_core.fetched import fetched_folder
from tinyml_core.npu import NpuLike
from tinyml_core.values import Job, Settings, Technique

GIGABYTE = 1024**3
HOUR_S = 3600.0
WITH_TENSORFLOW = ("tensorflow", "tf_keras", "tensorflow-model-optimization", "numpy")
WITH_LITERT = ("ai-edge-litert", "numpy")

# Which of the core's own files can change a step's outcome; a test checks that no loaded file is missing here.
COMMON = ("values.py", "outcome.py", "steps.py", "call.py", "stopwatch.py", "catalog.py", "fingerprint.py")
CONVERTING = (
    "convert.py",
    "fitting.py",
    "made_up.py",
    "random_weights.py",
    "number_format.py",
    "training_stage.py",
    "number_formats/*.py",
    "training/*.py",
)
MEASURING = ("measure/*.py", "export/c_array.py")


def _call(
    step: str,
    title: str,
    lane: Lane,
    body: Mapping[str, Any],
    identity: Mapping[str, Any],
    sources: tuple[str, ...],
    libraries: tuple[str, ...],
    blobs: Mapping[str, Blob] | None = None,
    memory_limit_bytes: int = 2 * GIGABYTE,
    time_limit_s: float = 600.0,
    keep: bool = True,
) -> Call:
    name = fingerprint.of(
        {
            "step": step,
            "identity": identity,
            "sources": fingerprint.sources(*COMMON, *sources),
            "libraries": fingerprint.libraries(*libraries),
        }
    )
    return Call(step, body, name, title, lane, blobs or {}, time_limit_s, memory_limit_bytes, keep)


def dataset_call(name: str) -> Call:
    """Load a data set and give its arrays."""
    dataset = catalog.datasets()[name]
    folder = str(fetched_folder(dataset)) if dataset.fetched_files else None
    return _call(
        "load_dataset",
        f"data of {name}",
        "light",
        {"dataset": name, "folder": folder},
        fingerprint.of_dataset(dataset),
        (f"datasets/{name}.py", "splits.py"),
        ("numpy",),
    )


def export_call(model: str) -> Call:
    """Export a trained model to a SavedModel."""
    member = catalog.models()[model]
    return _call(
        "export",
        f"export of {model}",
        "tensorflow",
        {"model": model},
        fingerprint.of_model(member),
        CONVERTING,
        WITH_TENSORFLOW,
        memory_limit_bytes=4 * GIGABYTE,
    )


def fetch_call(kind: str, name: str) -> Call:
    """Fetch what a data set (`dataset`) or a model (`model`) needs; whoever asks while it runs waits for the same download."""
    return _call(
        "fetch",
        f"download for {name}",
        "network",
        {"kind": kind, "name": name},
        {"kind": kind, "name": name},
        (),
        (),
        memory_limit_bytes=GIGABYTE // 2,
        time_limit_s=4 * HOUR_S,
        keep=False,
    )


def train_call(model: str, arrays: Blob) -> Call:
    """Train a model by its recipe; the answer is never kept, because the point is to make it anew."""
    return _call(
        "train",
        f"training of {model}",
        "tensorflow",
        {"model": model},
        {"model": fingerprint.of_model(catalog.models()[model])},
        CONVERTING,
        WITH_TENSORFLOW,
        {"arrays": arrays},
        memory_limit_bytes=6 * GIGABYTE,
        keep=False,
    )


def used_settings(technique: Technique, settings: Settings) -> dict[str, Any]:
    """The settings that can change this technique's bytes; others must not cause a new conversion."""
    given = asdict(settings)
    names = []
    if catalog.discover("tinyml_core.number_formats", "FORMAT")[technique.number_format].needs_calibration:
        names.append("calibration_samples")
    if technique.training != "none":
        names += ["fine_tuning_epochs", "seed"]
    if technique.number_format == "dynamic":
        names.append("policy")
    return {name: given[name] for name in names}


def convert_call(job: Job, blobs: Mapping[str, Blob]) -> Call:
    """Make the variant of a job; without its blobs the call has the same fingerprint but cannot be done."""
    technique = catalog.techniques()[job.technique]
    stages = {"training": technique.training, "number_format": technique.number_format, "packing": technique.packing}
    used = used_settings(technique, job.settings)
    return _call(
        "convert_variant",
        f"{job.technique} of {job.model}",
        "tensorflow",
        {"model": job.model, "technique": job.technique, "settings": asdict(job.settings)},
        {
            "model": fingerprint.of_model(catalog.models()[job.model]),
            # Without calibration or training the data cannot change the file.
            # Made-up data follows from the model's own file.
            "dataset": fingerprint.of_dataset(catalog.datasets()[job.dataset])
            if job.dataset and used.keys() - {"policy"}
            else None,
            "stages": stages,
            "settings": used,
        },
        CONVERTING,
        WITH_TENSORFLOW,
        blobs,
        memory_limit_bytes=6 * GIGABYTE,
    )


def inspect_call(tflite: Blob, title: str) -> Call:
    """Read a `.tflite` without executing it."""
    return _call("inspect", title, "light", {}, {"tflite": tflite.sha256}, MEASURING, WITH_LITERT, {"tflite": tflite})


def score_call(tflite: Blob, dataset: str, arrays: Blob | None, title: str) -> Call:
    """Score a `.tflite` on a data set's held-out samples."""
    identity = {"tflite": tflite.sha256, "dataset": fingerprint.of_dataset(catalog.datasets()[dataset])}
    blobs = {"tflite": tflite} | ({"arrays": arrays} if arrays else {})
    return _call("score", title, "light", {"dataset": dataset}, identity, MEASURING, WITH_LITERT, blobs)


def micro_call(
    tflite: Blob, dataset: str | None, arrays: Blob | None, inspection: Mapping[str, Any], title: str
) -> Call:
    """Execute a `.tflite` on TFLM."""
    identity = {
        "tflite": tflite.sha256,
        "dataset": fingerprint.of_dataset(catalog.datasets()[dataset]) if dataset else None,
        # If the file could not be inspected for the moment, the answer must not stand for the full one.
        "output_step": inspection.get("output_step"),
        "saving_bytes": inspection.get("arena_saving_bytes"),
    }
    body = {
        "dataset": dataset,
        "output_step": inspection.get("output_step"),
        "saving_bytes": inspection.get("arena_saving_bytes"),
    }
    blobs = {"tflite": tflite} | ({"arrays": arrays} if arrays else {})
    return _call("micro", title, "light", body, identity, MEASURING, (*WITH_LITERT, "tflite-micro"), blobs)


def latency_call(tflite: Blob, title: str) -> Call:
    """Time a `.tflite` on this computer."""
    from tinyml_core.environment import processor

    identity = {"tflite": tflite.sha256, "processor": processor()}
    return _call("latency", title, "quiet", {}, identity, MEASURING, WITH_LITERT, {"tflite": tflite})


def npu_call(tflite: Blob, npu: NpuLike, title: str) -> Call:
    """Compile a `.tflite` for an NPU; boards that differ in the clock alone share the answer."""
    body = {"accelerator": npu.accelerator, "system_config": npu.system_config, "memory_mode": npu.memory_mode}
    identity = {"tflite": tflite.sha256} | body
    libraries = (*WITH_LITERT, "ethos-u-vela")
    return _call("npu", title, "light", body, identity, ("npu.py", *MEASURING), libraries, {"tflite": tflite})


def warm_up_call(number: int) -> Call:
    """Load TensorFlow in a worker."""
    return _call(
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
