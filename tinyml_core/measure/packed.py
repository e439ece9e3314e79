"""Packed files run on TFLM alone: they are scored there, and count only if they answer as the unpacked file does."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyml_core.domain.dataset import Arrays, Task
from tinyml_core.domain.outcome import Failure, Report, Score, TrainingFacts
from tinyml_core.domain.technique import Packing
from tinyml_core.engine.call import Expected
from tinyml_core.engine.progress import timed
from tinyml_core.measure import tflm
from tinyml_core.measure.litert import stored_inputs, to_real
from tinyml_core.measure.score import score_run
from tinyml_core.measure.tflite import weight_types
from tinyml_core.measure.tflm_refusals import explain


def run_on_tflm(content: bytes, x: np.ndarray, x_scale: float) -> tuple[np.ndarray, dict[str, Any]]:
    """The stored outputs for raw inputs, `(samples, values)`, and the details of the output.

    Raises:
        Expected: TFLM is not here, or refuses the file.
    """
    if not tflm.available():
        raise Expected(Failure("executing on TFLM", tflm.NOT_HERE.cause, tflm.NOT_HERE.fix))
    ready, words = tflm.load(content, tflm.ROOMY_ARENA_BYTES)
    if ready is None:
        told = explain(words, weight_types(content))
        raise Expected(Failure("executing on TFLM", told.cause, told.fix, told.link, lasting=True, detail=words))
    put, get = as_litert_says(ready.get_input_details(0)), as_litert_says(ready.get_output_details(0))
    outputs = []
    with timed("invoke_s"):
        for start in range(0, len(x), 500):
            stored = stored_inputs(x[start : start + 500], x_scale, put)
            for index in range(len(stored)):
                ready.set_input(stored[index : index + 1], 0)
                ready.invoke()
                outputs.append(ready.get_output(0).ravel().copy())
    return np.stack(outputs), get


def as_litert_says(details: dict[str, Any]) -> dict[str, Any]:
    """TFLM's details of a tensor with the entry `quantization`, `(scale, zero point)`, that LiteRT's have."""
    parameters = details["quantization_parameters"]
    scales, points = parameters["scales"], parameters["zero_points"]
    return details | {"quantization": (float(scales[0]), int(points[0])) if len(scales) else (0.0, 0)}


def pack(
    tflite: bytes, packing: Packing, arrays: Arrays, training: TrainingFacts, report: Report
) -> tuple[TrainingFacts, dict[str, bytes]]:
    """Pack a `.tflite`, and prove on TFLM that the packed one answers the same on every held-out sample of its data.

    What training left to be told of the file is handed on.

    Raises:
        Expected: It cannot be packed, or answers otherwise.
    """
    packed = packing.pack(tflite)
    report("comparing packed and unpacked on TFLM")
    prove_equal(packed, tflite, arrays)
    return training, {"tflite": packed}


def prove_equal(packed: bytes, unpacked: bytes, arrays: Arrays) -> None:
    """Nothing, if both files give the very same stored outputs on TFLM for every held-out sample.

    Raises:
        Expected: They differ (a table of the wrong kind corrupts weights without a word), or TFLM refuses one of them.
    """
    x = arrays.x[arrays.test]
    first, second = (run_on_tflm(file, x, arrays.x_scale)[0] for file in (packed, unpacked))
    different = int(np.count_nonzero((first != second).any(axis=1)))
    if different:
        reason = f"The packed file answers differently on {different} of {len(first)} held-out samples, "
        reason += "so it is not used."
        raise Expected(Failure("packing", reason, "Use the same variant without packing.", lasting=True))


def score_on_tflm(content: bytes, arrays: Arrays, task: Task) -> Score:
    """Score a file on TFLM, where LiteRT does not know its operators; else as `score`."""
    return score_run(lambda x: to_real(*run_on_tflm(content, x, arrays.x_scale)), arrays, task)
