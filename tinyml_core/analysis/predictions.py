"""The answers of a variant and of float32 on held-out samples: counted, paired, and binned by confidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tinyml_core.analysis.samples import Series, montage, recording
from tinyml_core.domain.dataset import Arrays, Dataset, Task
from tinyml_core.measure import litert, score
from tinyml_core.measure.litert import to_real
from tinyml_core.measure.packed import run_on_tflm
from tinyml_core.measure.score import classes

MOST_SHOWN = 24
MOST_VALUES = 32
DIGITS = 6

SUM_TOLERANCE = 0.02
"""By how much the outputs of a softmax may miss the sum of 1: each of ten int8 outputs is rounded to 1/256."""

Run = Callable[[np.ndarray], np.ndarray]


def predictions(
    content: bytes, reference: bytes, arrays: Arrays, dataset: Dataset, logits: bool, on_tflm: bool
) -> tuple[Predictions, dict[str, bytes]]:
    """Both files' answers, what changed, and a PNG of each changed image that is shown.

    Args:
        content: The variant.
        reference: float32's file.
        arrays: The data set.
        dataset: Its card.
        logits: True if the model was trained to answer with logits, of which a softmax makes probabilities.
        on_tflm: True if only TFLM can run the variant.

    Raises:
        Expected: An interpreter refuses a file.
    """

    def run_reference(x: np.ndarray) -> np.ndarray:
        outputs, _, details = litert.run(reference, x, arrays.x_scale)
        return to_real(outputs, details)

    def run_variant(x: np.ndarray) -> np.ndarray:
        run = run_on_tflm if on_tflm else litert.run
        outputs, *_, details = run(content, x, arrays.x_scale)
        return to_real(outputs, details)

    before, real = _answers(run_reference, arrays, dataset, logits, None)
    after, _ = _answers(run_variant, arrays, dataset, logits, real)
    y = arrays.y[arrays.test].reshape(len(arrays.test), -1)[:, 0]
    moved = np.flatnonzero(np.abs(np.subtract(after.answers, before.answers)) > (dataset.answer_tolerance or 0.0))
    effects = _effects(before, after, y)
    pictures: dict[str, bytes] = {}
    shown = []
    for place in sorted(map(int, moved), key=lambda place: ORDER.index(effects[place]))[:MOST_SHOWN]:
        picture, series, values = sample_shown(int(arrays.test[place]), arrays, dataset)
        name = f"sample {place}" if picture else ""
        pictures |= {name: picture} if picture else {}
        was, now = float(before.answers[place]), float(after.answers[place])
        sure, sure_now = (each.confidences[place] if each.confidences else None for each in (before, after))
        changed = ChangedSample(place, float(y[place]), was, now, sure, sure_now, effects[place], name, series, values)
        shown.append(changed)
    number, names = len(before.confusion) or (2 if dataset.task is Task.ANOMALY else 0), dataset.class_names
    found = Predictions(
        task=str(dataset.task),
        truths=tuple(_rounded(y)),
        reference=before,
        variant=after,
        probabilities=real,
        changed=len(moved),
        worse=sum(effects[place] == "worse" for place in moved),
        better=sum(effects[place] == "better" for place in moved),
        shown=tuple(shown),
        class_names=tuple(names[label] if label < len(names) else str(label) for label in range(number)),
        tolerance=dataset.answer_tolerance,
    )
    return found, pictures


def _answers(
    run: Run, arrays: Arrays, dataset: Dataset, logits: bool, probabilities: Probabilities | None
) -> tuple[Answers, Probabilities]:
    """One file's answers; what its outputs are is decided by float32's, which are not rounded."""
    x, y = arrays.x[arrays.test], arrays.y[arrays.test]
    outputs = run(x)
    if dataset.task is Task.ANOMALY:
        errors, limit = score.reconstruction_errors(outputs, x, arrays.x_scale), score.threshold(run, arrays)
        decided = score.decisions(errors, limit)
        return Answers(tuple(decided.tolist()), errors=tuple(_rounded(errors)), limit=limit), "none"
    if dataset.task is Task.REGRESSION:
        values, targets = outputs.reshape(len(y)), y.reshape(len(y))
        return Answers(tuple(values.tolist()), errors=tuple(_rounded(values.astype(np.float64) - targets))), "none"
    answers = classes(outputs)
    kind = probabilities or _kind(outputs, logits)
    number = max(outputs.shape[1], 2, int(y.max()) + 1)
    counted = tuple(tuple(row) for row in confusion(y, answers, number).tolist())
    found = Answers(tuple(answers.tolist()), confusion=counted)
    if kind == "none":
        return found, kind
    sure = (softmax(outputs) if kind == "softmax of logits" else outputs).max(axis=1)
    bins = binned(sure, answers == y)
    error = expected_calibration_error(bins)
    return replace(found, confidences=tuple(_rounded(sure)), bins=bins, calibration_error=error), kind


def _kind(outputs: np.ndarray, logits: bool) -> Probabilities:
    """What a classifier's float outputs are; of a single one no confidence is told."""
    if outputs.shape[1] == 1:
        return "none"
    if outputs.min() >= -1e-6 and np.abs(outputs.sum(axis=1) - 1).max() <= SUM_TOLERANCE:
        return "as they are"
    return "softmax of logits" if logits else "none"


def softmax(outputs: np.ndarray) -> np.ndarray:
    """Probabilities of logits, row by row."""
    shifted = np.exp(outputs.astype(np.float64) - outputs.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def confusion(truths: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """`(true class, answer)`, counted."""
    return np.bincount(truths.astype(np.int64) * classes + answers, minlength=classes**2).reshape(classes, classes)


def binned(confidences: np.ndarray, right: np.ndarray) -> tuple[ConfidenceBin, ...]:
    """Bins of equal width over 0 to 1; those without samples are left out."""
    number = np.clip((confidences * BINS).astype(int), 0, BINS - 1)
    inside = [(place, np.flatnonzero(number == place)) for place in range(BINS)]
    return tuple(
        ConfidenceBin(
            place / BINS, (place + 1) / BINS, len(these), float(confidences[these].mean()), float(right[these].mean())
        )
        for place, these in inside
        if len(these)
    )


def expected_calibration_error(bins: tuple[ConfidenceBin, ...]) -> float:
    """Mean distance of confidence and accuracy, each bin as heavy as its samples (Guo et al. 2017)."""
    total = sum(each.samples for each in bins)
    return sum(each.samples * abs(each.confidence - each.accuracy) for each in bins) / total


Effect = Literal["worse", "better", "other"]
ORDER: tuple[Effect, ...] = ("worse", "better", "other")
"""In which changed samples are shown."""


def _effects(before: Answers, after: Answers, y: np.ndarray) -> list[Effect]:
    """For each sample whether its answer became worse or better, by right and wrong or by the distance from the target."""
    if before.errors and before.limit is None:
        old, new = np.abs(before.errors), np.abs(after.errors)
    else:
        old, new = np.asarray(before.answers) != y, np.asarray(after.answers) != y
    return ["worse" if b > a else "better" if b < a else "other" for a, b in zip(old, new, strict=True)]


def sample_shown(index: int, arrays: Arrays, dataset: Dataset) -> tuple[bytes, Series | None, tuple[float, ...]]:
    """A sample as PNG, as curves, or as its first numbers; the others are empty."""
    if dataset.kind_of_sample == "image":
        return montage(arrays.x[[index]].astype("float32") * arrays.x_scale)[0], None, ()
    if dataset.kind_of_sample == "series":
        return b"", recording(arrays, index, ""), ()
    return b"", None, tuple(_rounded(arrays.x[index].ravel()[:MOST_VALUES].astype(np.float64) * arrays.x_scale))


def _rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in np.asarray(values, dtype=np.float64).ravel()]


Probabilities = Literal["as they are", "softmax of logits", "none"]
"""How a classifier's outputs become probabilities: they are some; the model was trained on logits; or nobody knows."""

BINS = 10
"""Bins of confidence, of equal width."""


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """The samples of which a model was about equally sure: their mean confidence, and the share it answered rightly."""

    low: float
    high: float
    samples: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Answers:
    """One file's answers, in the order of the held-out samples.

    Attributes:
        answers: Class index, value, or 1 where it is called anomalous.
        errors: Of a regression: answer less target. Of an anomaly detector: mean squared error of its copy. Else empty.
        confidences: Probability of the class answered; empty where the outputs are no probabilities.
        confusion: Of a classifier: one row a true class, one column an answer, counted.
        bins: Of `confidences`; those without samples are left out.
        calibration_error: Mean distance of confidence and accuracy over the bins, weighted by their samples (expected
            calibration error; Guo et al. 2017); None without confidences.
        limit: The error above which an anomaly detector calls a sample anomalous.
    """

    answers: tuple[float, ...]
    errors: tuple[float, ...] = ()
    confidences: tuple[float, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    bins: tuple[ConfidenceBin, ...] = ()
    calibration_error: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class ChangedSample:
    """A held-out sample that the variant answers otherwise than float32.

    Attributes:
        place: Its number among the held-out samples, from 0.
        truth: Label or target.
        before: float32's answer; `after` is the variant's.
        confidence_before: None where outputs are no probabilities.
        effect: Whether the change was for the better, for the worse, or from one wrong answer to another.
        picture: Name of the blob that holds its PNG; empty if it is no image.
        series: Its curves, if it is a recording; what is neither has the first of its numbers as `values`.
    """

    place: int
    truth: float
    before: float
    after: float
    confidence_before: float | None
    confidence_after: float | None
    effect: Effect
    picture: str = ""
    series: Series | None = None
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Predictions:
    """A variant's answers beside float32's; `truths` are labels or targets of the held-out samples, in order.

    Attributes:
        changed: How many answers changed: another class, another decision, or a value that moved by more than the data
            set's tolerance; `worse` of them are further from the truth now, `better` are nearer.
        shown: Some of them, those for the worse first.
        class_names: What each label stands for; the numbers themselves where the data set names none.
    """

    task: str
    truths: tuple[float, ...]
    reference: Answers
    variant: Answers
    probabilities: Probabilities
    changed: int
    worse: int
    better: int
    shown: tuple[ChangedSample, ...]
    class_names: tuple[str, ...] = ()
    tolerance: float | None = None

    def name(self, label: float) -> str:
        """A class by name, a value as a number."""
        return self.class_names[round(label)] if self.class_names else f"{label:.4g}"
