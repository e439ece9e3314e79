"""Steps that look inside a variant: its parts, where its error comes from, what it answers. Need no TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cattrs

from tinyml_core import catalog
from tinyml_core.call import Expected
from tinyml_core.dataset import Arrays
from tinyml_core.model import Model
from tinyml_core.outcome import Failure
from tinyml_core.steps import Bytes, Result, unpack
from tinyml_core.training_stage import Report

if TYPE_CHECKING:
    import numpy as np

    from tinyml_core.try_one import Given

MADE_UP = 64


def anatomy(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Lay a `.tflite` open: bytes, operators, quantization, memory over time."""
    from tinyml_core.measure.anatomy import anatomy as lay_open

    report("reading the file")
    return cattrs.unstructure(lay_open(blobs["tflite"])), {}


def layer_errors(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Compare a `.tflite` layer by layer with the float32 file `own`, and with `base` where that is another."""
    from tinyml_core.layer_errors import LayerErrors
    from tinyml_core.made_up import made_up_inputs
    from tinyml_core.measure.layer_errors import layer_errors as compare
    from tinyml_core.measure.layer_errors import samples_for

    report("comparing layer by layer")
    number = samples_for(blobs["own"])
    if "arrays" in blobs:
        arrays = unpack(blobs["arrays"])
        x = arrays.x[arrays.test[:number]]
    else:
        arrays = made_up_inputs(catalog.model(body["model"]), number)
        x = arrays.x
    references = [blobs[name] for name in ("own", "base") if name in blobs]
    curves = compare(blobs["tflite"], references, x, arrays.x_scale)
    found = LayerErrors(len(x), "arrays" not in blobs, curves[0], curves[1] if len(curves) > 1 else None)
    return cattrs.unstructure(found), {}


def predictions(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Answers of a `.tflite` and of float32 on held-out samples; gives a PNG of each changed image that is shown."""
    from tinyml_core.measure.predictions import predictions as predict

    report("answering the held-out samples")
    dataset = catalog.dataset(body["dataset"])
    arrays = unpack(blobs["arrays"])
    found, pictures = predict(
        blobs["tflite"], blobs["reference"], arrays, dataset, body["logits"], body["runtime"] == "TFLM"
    )
    return cattrs.unstructure(found), pictures


def try_one(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """One input through float32 and a variant; gives a PNG of it if it is an image of the data set."""
    from tinyml_core.measure.predictions import sample_shown
    from tinyml_core.measure.try_one import try_one as execute
    from tinyml_core.samples import label_of
    from tinyml_core.try_one import Given, Tried

    report("running one input")
    given = cattrs.structure(body["given"], Given)
    model, dataset = catalog.model(body["model"]), catalog.dataset_or_none(body["dataset"])
    arrays = unpack(blobs["arrays"]) if "arrays" in blobs else None
    runs, clipped = execute(
        blobs["tflite"], blobs["reference"], lambda inputs: _real_inputs(given, inputs, model, arrays)
    )
    tried = Tried(given, tuple(runs), clipped=clipped)
    if given.kind != "sample" or arrays is None or dataset is None:
        return cattrs.unstructure(tried), {}
    index = int(arrays.test[given.sample])
    picture, series, _ = sample_shown(index, arrays, dataset)
    truth = arrays.y[index].ravel()[0]
    named = dataset.classes is not None or bool(dataset.class_names)
    tried = replace(
        tried,
        truth=label_of(dataset, int(truth)) if named else f"{float(truth):.5g}",
        picture="picture" if picture else "",
        series=series,
    )
    return cattrs.unstructure(tried), {"picture": picture} if picture else {}


def _real_inputs(given: Given, inputs: list[dict[str, Any]], model: Model, arrays: Arrays | None) -> list[np.ndarray]:
    """Real values for each input of a model.

    Raises:
        Expected: The sample does not exist, or the model has several inputs and no random ones were asked for.
    """
    import numpy as np

    if given.kind == "random":
        low, high = model.input_range
        if arrays is not None:
            some = arrays.x[arrays.train[:MADE_UP]].astype(np.float32) * np.float32(arrays.x_scale)
            low, high = float(some.min()), float(some.max())
        random = np.random.RandomState(given.seed)
        return [random.uniform(low, high, size=tuple(details["shape"])).astype(np.float32) for details in inputs]
    if len(inputs) != 1:
        reason = f"The model has {len(inputs)} inputs, and a sample or typed values feed one."
        raise Expected(Failure("trying an input", reason, "Try a random input.", lasting=True))
    if given.kind == "typed":
        return [np.asarray(given.values, dtype=np.float32)]
    if arrays is None or not 0 <= given.sample < len(arrays.test):
        held = 0 if arrays is None else len(arrays.test)
        reason = f"There is no held-out sample {given.sample}; there are {held}, counted from 0."
        raise Expected(Failure("trying an input", reason, lasting=True))
    return [arrays.x[arrays.test[given.sample]].astype(np.float32) * np.float32(arrays.x_scale)]
