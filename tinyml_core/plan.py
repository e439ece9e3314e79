"""Turns a question about a file or a data set into calls: what a worker is asked, and the fingerprint of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import cattrs

from tinyml_core import catalog, fingerprint
from tinyml_core.call import Blob, Call, Lane
from tinyml_core.fetched import fetched_folder
from tinyml_core.npu import NpuLike

GIGABYTE = 1024**3
HOUR_S = 3600.0
WITH_LITERT = ("ai-edge-litert", "numpy")

# Which of the core's own files can change a step's outcome; a test checks that no loaded file is missing here.
COMMON = (
    "values.py",
    "dataset.py",
    "model.py",
    "outcome.py",
    "inspection.py",
    "steps.py",
    "call.py",
    "stopwatch.py",
    "catalog.py",
    "fingerprint.py",
)
MEASURING = ("measure/*.py", "export/c_array.py")


def call(
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
    patience: int = 0,
) -> Call:
    """A call with the fingerprint of all that can change its answer.

    Args:
        step: Its name among the steps.
        title: For messages.
        lane: Which workers it needs.
        body: Its arguments.
        identity: What of the arguments can change the answer.
        sources: The core's own files that can, besides those of every step.
        libraries: Distributions that can.
        blobs: Its arguments in bytes.
        memory_limit_bytes: More, and its worker is ended.
        time_limit_s: Longer, and its worker is ended.
        keep: Whether its answer belongs into the store.
        patience: It waits behind calls of its lane that have less of it.
    """
    name = fingerprint.of(
        {
            "step": step,
            "identity": identity,
            "sources": fingerprint.sources(*COMMON, *sources),
            "libraries": fingerprint.libraries(*libraries),
        }
    )
    return Call(
        step,
        body,
        name,
        title,
        lane,
        blobs or {},
        time_limit_s=time_limit_s,
        memory_limit_bytes=memory_limit_bytes,
        keep=keep,
        patience=patience,
        cards=cards_of(body),
    )


def cards_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The cards of the brought model and data that a step's arguments name."""
    members = [catalog.model(body["model"])] if body.get("model") else []
    members += [catalog.dataset(body["dataset"])] if body.get("dataset") else []  # type: ignore[list-item]
    return {member.name: cattrs.unstructure(member.brought) for member in members if member.brought is not None}


def dataset_call(name: str) -> Call:
    """Load a data set and give its arrays."""
    dataset = catalog.dataset(name)
    folder = str(fetched_folder(dataset)) if dataset.fetched_files else None
    return call(
        "load_dataset",
        f"data of {name}",
        "light",
        {"dataset": name, "folder": folder},
        fingerprint.of_dataset(dataset),
        (f"datasets/{name}.py", *fingerprint.DATA_SOURCES),
        ("numpy",),
    )


def samples_call(name: str, arrays: Blob | None = None) -> Call:
    """Pick a few samples of a data set; without its arrays the call has the same fingerprint but cannot be done."""
    return call(
        "samples",
        f"samples of {name}",
        "light",
        {"dataset": name},
        fingerprint.of_dataset(catalog.dataset(name)),
        ("samples.py", f"datasets/{name}.py", *fingerprint.DATA_SOURCES),
        ("numpy", "pillow"),
        {"arrays": arrays} if arrays else {},
    )


def fetch_call(kind: Literal["dataset", "model"], name: str) -> Call:
    """Fetch what a data set or a model needs; whoever asks while it runs waits for the same download."""
    body = {"kind": kind, "name": name}
    return call(
        "fetch",
        f"download for {name}",
        "network",
        body,
        body,
        (),
        (),
        memory_limit_bytes=GIGABYTE // 2,
        time_limit_s=4 * HOUR_S,
        keep=False,
    )


def inspect_call(tflite: Blob, title: str) -> Call:
    """Read a `.tflite` without executing it."""
    return call("inspect", title, "light", {}, {"tflite": tflite.sha256}, MEASURING, WITH_LITERT, {"tflite": tflite})


def weights_call(tflite: Blob, reference: Blob, title: str) -> Call:
    """Count the weights of a `.tflite` against those of float32's."""
    identity = {"tflite": tflite.sha256, "reference": reference.sha256}
    blobs = {"tflite": tflite, "reference": reference}
    return call("weight_values", title, "light", {}, identity, ("weights.py", *MEASURING), WITH_LITERT, blobs)


Runtime = Literal["LiteRT", "TFLM"]


def score_call(tflite: Blob, dataset: str, arrays: Blob | None, title: str, runtime: Runtime = "LiteRT") -> Call:
    """Score a `.tflite` on a data set's held-out samples; on TFLM where LiteRT does not know an operator of the file."""
    known = fingerprint.of_dataset(catalog.dataset(dataset))
    identity = {"tflite": tflite.sha256, "dataset": known, "runtime": runtime}
    blobs = {"tflite": tflite} | ({"arrays": arrays} if arrays else {})
    libraries = WITH_LITERT if runtime == "LiteRT" else (*WITH_LITERT, "tflite-micro")
    return call(
        "score", title, "light", {"dataset": dataset, "runtime": runtime}, identity, MEASURING, libraries, blobs
    )


def inputs_identity(model: str, dataset: str) -> dict[str, Any]:
    """What identifies the inputs: the data set, or the model that says the range of made-up ones."""
    known = catalog.dataset_or_none(dataset)
    return fingerprint.of_model(catalog.model(model)) if known is None else fingerprint.of_dataset(known)


def likeness_call(tflite: Blob, reference: Blob, model: str, dataset: str, arrays: Blob | None) -> Call:
    """Compare a variant's answers with float32's on samples without labels; on made-up inputs without a data set."""
    identity = {"tflite": tflite.sha256, "reference": reference.sha256, "data": inputs_identity(model, dataset)}
    blobs = {"tflite": tflite, "reference": reference} | ({"arrays": arrays} if arrays else {})
    body = {"model": model, "dataset": dataset}
    title = f"answers of {model} beside float32's"
    return call("likeness", title, "light", body, identity, ("made_up.py", *MEASURING), WITH_LITERT, blobs)


MACS_ON_TFLM = 20_000_000_000
"""Work for which TFLM is compared with LiteRT: all samples of a small network, 130 of a MobileNetV2 (minutes, both of them)."""

FEWEST_ON_TFLM = 16


def micro_call(
    tflite: Blob, dataset: str | None, arrays: Blob | None, inspection: Mapping[str, Any], title: str
) -> Call:
    """Execute a `.tflite` on TFLM."""
    identity = {
        "tflite": tflite.sha256,
        "dataset": fingerprint.of_dataset(catalog.dataset(dataset)) if dataset else None,
        # If the file could not be inspected for the moment, the answer must not stand for the full one.
        "output_step": inspection.get("output_step"),
        "saving_bytes": inspection.get("arena_saving_bytes"),
    }
    macs = inspection.get("macs")
    body = {
        "dataset": dataset,
        "output_step": inspection.get("output_step"),
        "saving_bytes": inspection.get("arena_saving_bytes"),
        "most_samples": max(FEWEST_ON_TFLM, MACS_ON_TFLM // macs) if macs else None,
    }
    blobs = {"tflite": tflite} | ({"arrays": arrays} if arrays else {})
    # Sizes and scores of all variants are told first: executing on TFLM takes longest.
    libraries = (*WITH_LITERT, "tflite-micro")
    return call("micro", title, "light", body, identity, MEASURING, libraries, blobs, patience=2)


def latency_call(tflite: Blob, title: str) -> Call:
    """Time a `.tflite` on this computer."""
    from tinyml_core.environment import processor

    identity = {"tflite": tflite.sha256, "processor": processor()}
    return call("latency", title, "quiet", {}, identity, MEASURING, WITH_LITERT, {"tflite": tflite})


def npu_call(tflite: Blob, npu: NpuLike, title: str) -> Call:
    """Compile a `.tflite` for an NPU; boards that differ in the clock alone share the answer."""
    body = {"accelerator": npu.accelerator, "system_config": npu.system_config, "memory_mode": npu.memory_mode}
    identity = {"tflite": tflite.sha256} | body
    libraries = (*WITH_LITERT, "ethos-u-vela")
    return call("npu", title, "light", body, identity, ("npu.py", *MEASURING), libraries, {"tflite": tflite})
