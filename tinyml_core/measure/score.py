"""How good a variant's answers are on held-out data, executed with LiteRT's default kernels."""

from __future__ import annotations

import numpy as np

from tinyml_core.dataset import Arrays, Task
from tinyml_core.measure import anomaly, litert, statistics
from tinyml_core.measure.anomaly import Run
from tinyml_core.measure.quantize import to_real
from tinyml_core.outcome import Score


def score(content: bytes, arrays: Arrays, task: Task) -> Score:
    """Score a `.tflite` on the held-out samples, with a 95 % interval and each sample's answer.

    Raises:
        Expected: LiteRT refuses the file, or it does not fit the data.
    """

    def run(x: np.ndarray) -> np.ndarray:
        outputs, _, details = litert.run(content, x, arrays.x_scale)
        return to_real(outputs, details)

    return score_run(run, arrays, task)


def score_run(run: Run, arrays: Arrays, task: Task) -> Score:
    """Score whatever answers, in Keras, LiteRT or TFLM, on the held-out samples.

    Args:
        run: Takes raw inputs, `(samples, *input_shape)`; gives real outputs, `(samples, values)`.
        arrays: The data. Only an anomaly detector is shown training samples too: its threshold hangs on them.
        task: Decides the metric.
    """
    if task is Task.ANOMALY:
        return anomaly.score(run, arrays)
    outputs, y = run(arrays.x[arrays.test]), arrays.y[arrays.test]
    if task is Task.CLASSIFICATION:
        return _accuracy(classes(outputs), y)
    return _mean_absolute_error(outputs.reshape(len(y)), y.reshape(len(y)))


def classes(outputs: np.ndarray) -> np.ndarray:
    """The class that each output names, `(samples,)`: the largest value, or, of a single probability, whether it is over one half.

    A single value that can leave 0 to 1 is no probability but a logit; it is over one half where the logit is positive.
    """
    if outputs.shape[1] > 1:
        found: np.ndarray = outputs.argmax(axis=1)
        return found
    values = outputs[:, 0]
    probability = bool(np.all((values >= 0) & (values <= 1)))
    return (values > (0.5 if probability else 0.0)).astype(np.int64)


def _accuracy(answers: np.ndarray, y: np.ndarray) -> Score:
    errors = (answers != y).astype(np.int64)
    right = len(y) - int(errors.sum())
    low, high = statistics.wilson(right, len(y))
    return Score(
        metric="accuracy",
        value=right / len(y),
        low=low,
        high=high,
        samples=len(y),
        chance=float(np.bincount(y).max() / len(y)),
        answers=tuple(answers.tolist()),
        errors=tuple(errors.tolist()),
    )


def _mean_absolute_error(answers: np.ndarray, y: np.ndarray) -> Score:
    errors = np.abs(answers.astype(np.float64) - y)
    low, high = statistics.bootstrap_mean(errors)
    return Score(
        metric="mean_absolute_error",
        value=float(errors.mean()),
        low=low,
        high=high,
        samples=len(y),
        chance=float(np.abs(y - y.mean()).mean()),
        answers=tuple(answers.tolist()),
        errors=tuple(errors.tolist()),
    )
