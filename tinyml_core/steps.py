"""What a worker can do, step by step: each takes data and gives data, and imports its libraries itself."""

from __future__ import annotations

import importlib
import io
import tarfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import cattrs

from tinyml_core import catalog
from tinyml_core.call import Expected
from tinyml_core.dataset import Arrays
from tinyml_core.outcome import Failure
from tinyml_core.training_stage import Report

Bytes = Mapping[str, bytes]
Result = tuple[Any, dict[str, bytes]]
Step = Callable[[Mapping[str, Any], Bytes, Report], Result]


def load_dataset(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Load and split a data set; gives its arrays as one uncompressed `.npz`."""
    report("loading the data set")
    try:
        arrays = catalog.dataset(body["dataset"]).load(body.get("folder"))
    except (EOFError, ValueError, OSError, zlib.error, tarfile.TarError) as error:
        if isinstance(error, FileNotFoundError) or not body.get("folder"):
            raise
        raise Expected(_damaged(body["dataset"], body["folder"], error)) from error
    return {}, {"arrays": pack(arrays)}


def samples(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """A few real samples for a thumbnail; gives `Samples`, and a PNG if they are pictures."""
    from tinyml_core.samples import samples as pick

    report("picking samples")
    shown, png = pick(catalog.dataset(body["dataset"]), unpack(blobs["arrays"]))
    return cattrs.unstructure(shown), {"png": png} if png else {}


def fetch(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Bring the files of a data set or of a model from the internet; they lie in the user's folder then."""
    from tinyml_core import fetching

    known: Mapping[str, Any] = catalog.datasets() if body["kind"] == "dataset" else catalog.models()
    outcome = fetching.fetch(known[body["name"]], report)
    if isinstance(outcome, Failure):
        raise Expected(outcome)
    return {"paths": [str(path) for path in outcome]}, {}


def _damaged(dataset: str, folder: str, error: Exception) -> Failure:
    return Failure(
        stage="loading the data set",
        reason=f"The files of {dataset} in {folder} cannot be read: {error}.",
        advice=f"Delete them and fetch them again: tinyml fetch {dataset}.",
    )


_unpacked: dict[int, tuple[bytes, Arrays]] = {}
"""By address; the bytes are held too, so that no other bytes can come to lie there."""


def pack(arrays: Arrays) -> bytes:
    """Arrays as one uncompressed `.npz`; `unpack` reads them."""
    import numpy as np

    packed = io.BytesIO()
    parts = {"x": arrays.x, "y": arrays.y, "train": arrays.train, "test": arrays.test}
    if arrays.groups is not None:
        parts["groups"] = arrays.groups
    np.savez(packed, allow_pickle=False, x_scale=arrays.x_scale, **parts)
    return packed.getvalue()


def unpack(content: bytes) -> Arrays:
    """The arrays of a packed data set; the last one stays unpacked while its bytes stay the same object."""
    import numpy as np

    if id(content) not in _unpacked or len(content) == 0:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = Arrays(
                **{name: stored[name] for name in ("x", "y", "train", "test")},
                x_scale=float(stored["x_scale"]),
                groups=stored["groups"] if "groups" in stored.files else None,
            )
        _unpacked.clear()
        _unpacked[id(content)] = (content, arrays)
    return _unpacked[id(content)][1]


def inspect(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Read a `.tflite` without executing it."""
    from tinyml_core.measure.inspect_file import inspect_file

    report("reading the file")
    return cattrs.unstructure(inspect_file(blobs["tflite"])), {}


def calibration_inputs(model: str, samples: int, blobs: Bytes) -> Arrays:
    """The data set to calibrate on, or so many made-up inputs for a model without data."""
    from tinyml_core.made_up import made_up_inputs

    return unpack(blobs["arrays"]) if "arrays" in blobs else made_up_inputs(catalog.model(model), samples)


def weight_values(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Count the weights of a `.tflite` against float32's."""
    from tinyml_core.measure.weight_values import weight_values as count

    report("reading the weights")
    return cattrs.unstructure(count(blobs["tflite"], blobs["reference"])), {}


def score(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Score a `.tflite` on held-out data with LiteRT, or on TFLM where only TFLM can run it."""
    task = catalog.dataset(body["dataset"]).task
    if body["runtime"] == "TFLM":
        from tinyml_core.measure.packed import score_on_tflm as score_file
    else:
        from tinyml_core.measure.score import score as score_file
    report(f"scoring on {body['runtime']}")
    return cattrs.unstructure(score_file(blobs["tflite"], unpack(blobs["arrays"]), task)), {}


def micro(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Execute a `.tflite` on TFLM."""
    from tinyml_core.measure.micro import micro as execute

    report("executing on TFLM")
    dataset = catalog.dataset_or_none(body["dataset"] or "")
    arrays = unpack(blobs["arrays"]) if dataset else None
    if arrays is not None and body["most_samples"] is not None:
        arrays = replace(arrays, test=arrays.test[: body["most_samples"]])
    tolerance = dataset.answer_tolerance if dataset else None
    task = dataset.task if dataset else None
    made = execute(blobs["tflite"], arrays, tolerance, body["output_step"], body["saving_bytes"], task)
    return cattrs.unstructure(made), {}


MADE_UP_SAMPLES = 200


def likeness(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Compare a variant's answers with float32's where nothing can be scored."""
    from tinyml_core.made_up import made_up_inputs
    from tinyml_core.measure.likeness import likeness as compare

    report("comparing answers with float32's")
    model = catalog.model(body["model"])
    arrays = unpack(blobs["arrays"]) if "arrays" in blobs else made_up_inputs(model, MADE_UP_SAMPLES)
    x = arrays.x[arrays.test] if "arrays" in blobs else arrays.x
    found = compare(blobs["tflite"], blobs["reference"], x, arrays.x_scale, model.task)
    return found | {"made_up": "arrays" not in blobs}, {}


def latency(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Time a `.tflite` on this computer; called when nothing else runs."""
    from tinyml_core.measure.host_latency import host_latency

    report("timing on this computer")
    return cattrs.unstructure(host_latency(blobs["tflite"])), {}


def npu(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Compile a `.tflite` for an Ethos-U NPU."""
    from tinyml_core.measure.npu import npu as compile_for

    report("compiling for the NPU")
    names = (body["accelerator"], body["system_config"], body["memory_mode"])
    return cattrs.unstructure(compile_for(blobs["tflite"], *names)), {}


def _in(module: str, name: str) -> Step:
    """A step of another module, which is imported when the step is done."""

    def step(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
        done: Result = getattr(importlib.import_module(f"tinyml_core.{module}"), name)(body, blobs, report)
        return done

    return step


MAKING = ("export", "train", "train_here", "train_on", "convert_variant", "requantize", "pack", "warm_up")
STUDYING = ("few_bits", "rank_layers", "load_runtimes")
INSPECTING = ("anatomy", "layer_errors", "predictions", "try_one")
STEPS: dict[str, Step] = {
    **{
        step.__name__: step
        for step in (load_dataset, fetch, samples, inspect, weight_values, score, likeness, micro, latency, npu)
    },
    **{name: _in("making", name) for name in MAKING},
    **{name: _in("studying", name) for name in STUDYING},
    "read_model": _in("uploads.reading", "read_model"),
    "read_data": _in("uploads.reading_data", "read_data"),
    **{name: _in("inspecting", name) for name in INSPECTING},
}
