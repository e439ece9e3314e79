"""Steps that study the weights of a float32 `.tflite`: fewer bits, and which layers suffer most. Need no TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cattrs

from tinyml_core import catalog
from tinyml_core.steps import Bytes, Result, calibration_inputs, unpack
from tinyml_core.training_stage import Report


def few_bits(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Score a float32 `.tflite` with simulated weights of 16 bits and fewer."""
    from tinyml_core.measure.few_bits import few_bits as simulate

    task = catalog.dataset(body["dataset"]).task
    return cattrs.unstructure(simulate(blobs["tflite"], unpack(blobs["arrays"]), task, report)), {}


def rank_layers(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Rank the layers of a float32 `.tflite` by what quantizing each alone does to the output."""
    from tinyml_core.compress import converter
    from tinyml_core.compress.mixed_precision import rank_layers as rank

    samples = body["calibration_samples"]
    arrays = calibration_inputs(body["model"], samples, blobs)
    report("quantizing each layer alone")
    return {"layers": cattrs.unstructure(rank(blobs["tflite"], converter.calibration(arrays, samples)))}, {}


def load_runtimes(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Load LiteRT, its quantizer and TFLM before anybody waits for them."""
    from tinyml_core.measure import micro

    report("loading LiteRT, its quantizer and TFLM")
    from ai_edge_litert import interpreter, schema_py_generated  # noqa: F401
    from litert_quantizer import quantizer  # noqa: F401

    if micro.available():
        from tflite_micro import runtime  # noqa: F401
    return {}, {}
