"""How unusual an autoencoder finds each sample, and from where on it calls one anomalous."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from tinyml_core.domain import statistics
from tinyml_core.domain.dataset import Arrays, Task
from tinyml_core.domain.outcome import Failure, Score
from tinyml_core.engine.call import Expected
from tinyml_core.measure import litert

Run = Callable[[np.ndarray], np.ndarray]
"""Takes raw inputs, gives a model's real outputs, `(samples, values)`."""

NORMAL_SAMPLES = 500
"""Training samples, all normal, by which the threshold is set."""

WORST = 1e30
"""The error of a copy that is not even a number; JSON can write it."""

PERCENTILE = 95
"""Of the errors on them: one normal sample in twenty is called anomalous, which is what a false alarm may cost."""


def reconstruction_errors(outputs: np.ndarray, x: np.ndarray, x_scale: float) -> np.ndarray:
    """Anomaly score of each sample: the mean squared difference of real output and real input, `(samples,)`.

    An output that is not a number is as bad a copy as can be.

    Raises:
        Expected: The model does not answer with as many values as it is given.
    """
    real = x.reshape(len(x), -1).astype(np.float32) * np.float32(x_scale)
    if outputs.shape != real.shape:
        reason = f"A copy of {real.shape[1]} values was expected; the model answers with {outputs.shape[1]}."
        raise Expected(Failure("scoring", reason, "Only an autoencoder can be scored on this data set.", lasting=True))
    squares = np.square(outputs.astype(np.float64) - real).mean(axis=1)
    return np.asarray(np.nan_to_num(squares, nan=WORST, posinf=WORST))


def threshold(run: Run, arrays: Arrays) -> float:
    """The error above which a sample is called anomalous, found on the model's own errors on normal training samples."""
    x = arrays.x[arrays.train[:NORMAL_SAMPLES]]
    return float(np.percentile(reconstruction_errors(run(x), x, arrays.x_scale), PERCENTILE))


def decisions(errors: np.ndarray, limit: float) -> np.ndarray:
    """1 for each sample that is called anomalous, else 0."""
    return (errors > limit).astype(np.int64)


def score_anomaly(run: Run, arrays: Arrays) -> Score:
    """Area under the ROC curve of the reconstruction errors on held-out samples."""
    x, anomalous = arrays.x[arrays.test], arrays.y[arrays.test].astype(bool)
    errors = reconstruction_errors(run(x), x, arrays.x_scale)
    placed = statistics.placements(errors, anomalous)
    answers = decisions(errors, threshold(run, arrays))
    bounds = statistics.interval(placed, anomalous)
    return _score(
        "roc_auc", statistics.area(placed, anomalous), bounds, 0.5, answers, 1 - placed, anomalous.astype(int)
    )


def score(content: bytes, arrays: Arrays, task: Task) -> Score:
    """Score a `.tflite` on the held-out samples, with a 95 % interval and each sample's answer.

    Raises:
        Expected: LiteRT refuses the file, or it does not fit the data.
    """
    return score_run(lambda x: litert.answers(content, x, arrays.x_scale), arrays, task)


def score_run(run: Run, arrays: Arrays, task: Task) -> Score:
    """Score whatever answers, in Keras, LiteRT or TFLM, on the held-out samples; the task decides the metric.

    Only an anomaly detector is shown training samples too: its threshold hangs on them.
    """
    if task is Task.ANOMALY:
        return score_anomaly(run, arrays)
    outputs, y = run(arrays.x[arrays.test]), arrays.y[arrays.test]
    if task is Task.CLASSIFICATION:
        answers = classes(outputs)
        errors = (answers != y).astype(np.int64)
        right = len(y) - int(errors.sum())
        bounds, chance = statistics.wilson(right, len(y)), float(np.bincount(y).max() / len(y))
        return _score("accuracy", right / len(y), bounds, chance, answers, errors)
    values, y = outputs.reshape(len(y)), y.reshape(len(y))
    distances = np.abs(values.astype(np.float64) - y)
    bounds, chance = statistics.bootstrap_mean(distances), float(np.abs(y - y.mean()).mean())
    return _score("mean_absolute_error", float(distances.mean()), bounds, chance, values, distances)


def _score(
    metric: Literal["accuracy", "mean_absolute_error", "roc_auc"], value: float, bounds: tuple[float, float],
    chance: float, answers: np.ndarray, errors: np.ndarray, anomalous: np.ndarray | None = None,
) -> Score:  # fmt: skip
    truth = () if anomalous is None else tuple(anomalous.tolist())
    found = tuple(answers.tolist()), tuple(errors.tolist())
    return Score(metric, value, *bounds, len(answers), chance, *found, truth)


def classes(outputs: np.ndarray) -> np.ndarray:
    """The class that each output names, `(samples,)`: the largest value, or, of a single probability, whether it is over one half.

    A single value that can leave 0 to 1 is no probability but a logit; it is over one half where the logit is positive.
    """
    if outputs.shape[1] > 1:
        return np.asarray(outputs.argmax(axis=1))
    values = outputs[:, 0]
    probability = bool(np.all((values >= 0) & (values <= 1)))
    return (values > (0.5 if probability else 0.0)).astype(np.int64)
