"""What is held out of a data set, and what a score on it can tell: said before anything is measured."""

from __future__ import annotations

from math import sqrt

from tinyml_core.domain.dataset import Dataset, Task

ASSUMED = 0.9
"""The accuracy, or area under the ROC curve, for which the width of the interval is given."""


def held_out_words(dataset: Dataset) -> str:
    """How much is held out: `450 of 1,797 samples (25 %) are held out.`, and of what kind."""
    everything = dataset.samples_train + dataset.samples_test
    share = f"{100 * dataset.samples_test / everything:.0f} %"
    words = f"{dataset.samples_test:,} of {everything:,} samples ({share}) are held out"
    if dataset.anomalies_test:
        words += f", {dataset.anomalies_test:,} of them anomalous"
    if dataset.grouped_by:
        words += f", all of {dataset.groups_test} {dataset.grouped_by}s that nothing was trained on"
    return f"{words}."


def interval_words(dataset: Dataset) -> str:
    """What the interval of a score on so many samples is, and what it leaves out.

    Accuracy: Wilson's interval. ROC AUC: the standard error of Hanley and McNeil 1982 (Radiology 143, 29-36), which needs
    no data; the interval of a measured one is DeLong's.
    """
    if dataset.task is Task.REGRESSION:
        return (
            f"How wide the interval of the mean error is hangs on how much the errors differ; it is found by resampling the "
            f"{dataset.samples_test:,} of them."
        )
    if dataset.task is Task.CLASSIFICATION:
        from tinyml_core.domain.statistics import wilson  # here, so that a page can draw its chooser without NumPy

        low, high = wilson(round(ASSUMED * dataset.samples_test), dataset.samples_test)
        words = (
            f"On {dataset.samples_test:,} samples an accuracy of {100 * ASSUMED:.0f} % has a 95 % interval of {100 * low:.1f} "
            f"to {100 * high:.1f} %"
        )
    else:
        low, high = _area(dataset)
        words = f"On {dataset.samples_test:,} samples an area of {ASSUMED:.3f} has a 95 % interval of about {low:.3f} to {high:.3f}"
    one = dataset.grouped_by
    if not one:
        return f"{words}."
    return (
        f"{words}, if every sample counts for itself. Samples of one {one} are alike, and {dataset.groups_test} are few: what a "
        f"new {one} brings may lie outside."
    )


def _area(dataset: Dataset) -> tuple[float, float]:
    anomalous = dataset.anomalies_test or 0
    normal = dataset.samples_test - anomalous
    first, second = ASSUMED / (2 - ASSUMED), 2 * ASSUMED**2 / (1 + ASSUMED)
    usual, unusual = (normal - 1) * (second - ASSUMED**2), (anomalous - 1) * (first - ASSUMED**2)
    spread = sqrt((ASSUMED * (1 - ASSUMED) + unusual + usual) / (anomalous * normal))
    return max(0.0, ASSUMED - 1.96 * spread), min(1.0, ASSUMED + 1.96 * spread)


RANDOM_WEIGHTS = "Random weights: sizes, memory and speed are real, answers mean nothing."
SYNTHETIC = (
    "No data set comes with this model. Calibration and the comparison with TFLM use made-up inputs from a fixed seed."
)
NO_SCORE = "Accuracy not measured: no data set comes with this model."
