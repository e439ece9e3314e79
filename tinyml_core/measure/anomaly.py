"""How unusual an autoencoder finds each sample, and from where on it calls one anomalous."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinyml_core.call import Expected
from tinyml_core.dataset import Arrays
from tinyml_core.measure import roc
from tinyml_core.outcome import Failure, Score

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
    bounded: np.ndarray = np.nan_to_num(squares, nan=WORST, posinf=WORST)
    return bounded


def threshold(run: Run, arrays: Arrays) -> float:
    """The error above which a sample is called anomalous, found on the model's own errors on normal training samples."""
    x = arrays.x[arrays.train[:NORMAL_SAMPLES]]
    return float(np.percentile(reconstruction_errors(run(x), x, arrays.x_scale), PERCENTILE))


def decisions(errors: np.ndarray, limit: float) -> np.ndarray:
    """1 for each sample that is called anomalous, else 0."""
    return (errors > limit).astype(np.int64)


def score(run: Run, arrays: Arrays) -> Score:
    """Area under the ROC curve of the reconstruction errors on held-out samples."""
    x, anomalous = arrays.x[arrays.test], arrays.y[arrays.test].astype(bool)
    errors = reconstruction_errors(run(x), x, arrays.x_scale)
    placed = roc.placements(errors, anomalous)
    low, high = roc.interval(placed, anomalous)
    return Score(
        metric="roc_auc",
        value=roc.area(placed, anomalous),
        low=low,
        high=high,
        samples=len(x),
        chance=0.5,
        answers=tuple(decisions(errors, threshold(run, arrays)).tolist()),
        errors=tuple((1 - placed).tolist()),
        anomalous=tuple(anomalous.astype(int).tolist()),
    )
