"""What a variant answers on held-out samples beside what float32 answers: plain values, made in a worker, drawn by a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tinyml_core.samples import Series

Probabilities = Literal["as they are", "softmax of logits", "none"]
"""How a classifier's outputs become probabilities: they are some; the model was trained on logits; or nobody knows."""

BINS = 10
"""Bins of confidence, of equal width."""


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """The samples of which a model was about equally sure.

    Attributes:
        confidence: Their mean confidence, 0 to 1.
        accuracy: Share of them that it answered rightly.
    """

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
        series: Its curves, if it is a recording.
        values: Its numbers, if it is neither, the first of them.
    """

    place: int
    truth: float
    before: float
    after: float
    confidence_before: float | None
    confidence_after: float | None
    effect: Literal["worse", "better", "other"]
    picture: str = ""
    series: Series | None = None
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Predictions:
    """A variant's answers beside float32's.

    Attributes:
        truths: Labels or targets of the held-out samples, in order.
        changed: How many answers changed: another class, another decision, or a value that moved by more than the data
            set's tolerance.
        worse: How many of them are further from the truth now.
        better: How many are nearer.
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
        if self.class_names:
            return self.class_names[round(label)]
        return f"{label:.4g}"
