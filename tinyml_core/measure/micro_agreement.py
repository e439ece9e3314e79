"""Does TFLM answer as LiteRT does? Both execute the same held-out samples, LiteRT with its reference kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from tinyml_core.call import Expected
from tinyml_core.dataset import Arrays, Task
from tinyml_core.measure import anomaly, litert, tflite_file
from tinyml_core.measure.quantize import stored_inputs, to_real
from tinyml_core.measure.score import classes
from tinyml_core.outcome import MicroAgreement
from tinyml_core.stopwatch import timed

Decide = Callable[[np.ndarray], np.ndarray]
"""Takes real outputs, `(samples, values)`; gives each sample's answer, where that is neither a class nor a value."""


def agreement(
    content: bytes,
    ready: Any,
    arrays: Arrays | None,
    tolerance: float | None,
    output_step: float | None,
    task: Task | None = None,
) -> MicroAgreement | None:
    """TFLM's outputs against LiteRT's reference kernels on the same stored inputs; None where LiteRT cannot."""
    details = ready.get_input_details(0)
    if arrays is None:
        x, scale = (
            litert.made_up(np.random.default_rng(1), np.array([16, *details["shape"][1:]]), np.dtype(details["dtype"])),
            None,
        )
    else:
        x, scale = arrays.x[arrays.test], arrays.x_scale
    try:
        if scale is None:
            single = litert.interpreter(content, reference_kernels=True)
            single.allocate_tensors()
            if len(single.get_input_details()) != 1 or details["shape"][0] != 1:
                return None
            expected, put, get = litert.one_by_one(single, x), None, single.get_output_details()[0]
        else:
            expected, put, get = litert.run(content, x, scale, reference_kernels=True)
    except (Expected, ValueError, RuntimeError):
        return None
    stored = x if put is None else stored_inputs(x, scale or 1.0, put)
    actual = np.empty_like(expected)
    recurrent = tflite_file.has_variable_tensors(tflite_file.parse(content))
    with timed("invoke_s"):
        for index in range(len(stored)):
            if recurrent:  # LiteRT forgets the sample before, too; of models that stream neither does
                ready.reset()
            ready.set_input(stored[index : index + 1], 0)
            ready.invoke()
            actual[index] = ready.get_output(0).ravel()
    decide = _decide(content, arrays) if arrays is not None and task is Task.ANOMALY else None
    if task is Task.CLASSIFICATION and expected.shape[1] == 1:
        decide = classes  # one probability names one of two classes
    return compare(actual, expected, get, tolerance, output_step, decide)


def _decide(content: bytes, arrays: Arrays) -> Decide:
    """An anomaly detector's decision on each held-out sample, at the threshold that LiteRT's reference kernels give."""

    def run(x: np.ndarray) -> np.ndarray:
        outputs, _, details = litert.run(content, x, arrays.x_scale, reference_kernels=True)
        return to_real(outputs, details)

    limit, x = anomaly.threshold(run, arrays), arrays.x[arrays.test]
    return lambda outputs: anomaly.decisions(anomaly.reconstruction_errors(outputs, x, arrays.x_scale), limit)


def compare(
    actual: np.ndarray,
    expected: np.ndarray,
    details: dict[str, Any],
    tolerance: float | None,
    output_step: float | None,
    decide: Decide | None = None,
) -> MicroAgreement:
    """Equal answers (same class, same decision, or within the tolerance) and the largest difference of outputs.

    The difference is counted in quantization steps, also where a last DEQUANTIZE turns the steps into floats; for a
    model that computes in float it is relative to the largest output.
    """
    distance = np.abs(to_real(actual, details) - to_real(expected, details))
    # Two outputs that are both "not a number" agree; one alone is as far off as can be, in a number that JSON can write.
    both = np.isnan(to_real(actual, details)) & np.isnan(to_real(expected, details))
    distance = np.nan_to_num(np.where(both, 0.0, distance), nan=1e30, posinf=1e30)
    if decide is not None:
        equal = decide(to_real(actual, details)) == decide(to_real(expected, details))
    elif tolerance is None and expected.shape[1] > 1:
        equal = actual.argmax(axis=1) == expected.argmax(axis=1)
    else:
        equal = distance.max(axis=1) <= (tolerance or 0.0)
    unit: Literal["steps", "relative"]
    if output_step:
        largest, unit = round(float(distance.max()) / output_step, 2), "steps"
    else:
        largest, unit = float(distance.max()) / _largest(to_real(expected, details)), "relative"
    return MicroAgreement(int(np.count_nonzero(equal)), len(equal), largest, unit)


def _largest(values: np.ndarray) -> float:
    """The largest finite magnitude; 1 if there is none above zero."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0.0)) or 1.0
