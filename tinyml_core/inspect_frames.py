"""What was found inside a variant as tidy frames: what the charts of the Inspect page are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tinyml_core.layer_errors import LayerErrors, decibels, guilty
from tinyml_core.predictions import Answers, Predictions

ERROR_COLUMNS = (
    "label", "place", "series", "snr_db", "text", "operator", "cosine", "worst", "worst_steps", "exact", "blamed",
)  # fmt: skip
CONFUSION_COLUMNS = ("title", "answer", "truth_place", "answer_place", "count", "before", "difference")
ANSWER_COLUMNS = ("title", "side", "place", "kind", "truth", "before", "after", "value", "limit")
CALIBRATION_COLUMNS = ("title", "side", "confidence", "accuracy", "samples", "low", "high")

OWN, BASE = "against the weights it was converted from", "against the model as it was trained first"
MOST_POINTS = 1000
"""Samples in one chart; of more, evenly spaced ones are drawn."""


def errors(found: LayerErrors) -> pd.DataFrame:
    """One row a layer and curve, in order of execution; `blamed` is the layer of the first curve where most error enters."""
    culprit = guilty(found.own)
    blamed = None if culprit is None else (OWN, culprit.place + 1)
    curves = [(OWN, found.own)] + ([(BASE, found.base)] if found.base is not None else [])
    rows = [
        {
            "label": layer.layer,
            "place": place,
            "series": series,
            "snr_db": layer.snr_db,
            "text": f"most enters here: {decibels(layer)}" if (series, place) == blamed else decibels(layer),
            "operator": layer.operator,
            "cosine": layer.cosine,
            "worst": layer.worst,
            "worst_steps": layer.worst_steps,
            "exact": layer.exact,
            "blamed": (series, place) == blamed,
        }
        for series, curve in curves
        for place, layer in enumerate(curve.layers, start=1)
    ]
    frame = pd.DataFrame(rows, columns=list(ERROR_COLUMNS))
    return frame.astype({"snr_db": "float64", "worst_steps": "float64"})


def confusion(found: Predictions) -> pd.DataFrame:
    """One row a true class and answer: counts of the variant, of float32, and their difference."""
    rows = [
        {
            "title": found.name(truth),
            "answer": found.name(answer),
            "truth_place": truth,
            "answer_place": answer,
            "count": count,
            "before": found.reference.confusion[truth][answer],
            "difference": count - found.reference.confusion[truth][answer],
        }
        for truth, counts in enumerate(found.variant.confusion)
        for answer, count in enumerate(counts)
    ]
    return pd.DataFrame(rows, columns=list(CONFUSION_COLUMNS))


def confidences(found: Predictions, title: str) -> pd.DataFrame:
    """One row a sample: how sure float32 (`before`) and the variant (`after`) are of their answers."""
    if not found.variant.confidences:
        return pd.DataFrame([], columns=list(ANSWER_COLUMNS))
    return _samples(found, title, found.reference.confidences, found.variant.confidences, _same_or_not(found))


def residuals(found: Predictions, title: str) -> pd.DataFrame:
    """One row a sample of a regression: answer less target of float32 (`before`) and of the variant (`after`)."""
    return _samples(found, title, found.reference.errors, found.variant.errors, _same_or_not(found))


def anomalies(found: Predictions, title: str, reference_title: str) -> pd.DataFrame:
    """One row a sample and file: how unusual it is found (`value`), and from where on that counts as an anomaly (`limit`)."""
    kinds = [found.name(truth) for truth in found.truths]
    rows = [
        {"title": name, "side": side, "place": place, "kind": kinds[place], "truth": found.truths[place]}
        | {"before": None, "after": None, "value": answers.errors[place], "limit": answers.limit}
        for name, side, answers in ((reference_title, "before", found.reference), (title, "after", found.variant))
        for place in _thinned(len(found.truths))
    ]
    return pd.DataFrame(rows, columns=list(ANSWER_COLUMNS))


def calibration(found: Predictions, title: str, reference_title: str) -> pd.DataFrame:
    """One row a bin of confidence and file."""
    return pd.DataFrame(
        [
            {"title": name, "side": side, "confidence": each.confidence, "accuracy": each.accuracy}
            | {"samples": each.samples, "low": each.low, "high": each.high}
            for name, side, answers in ((reference_title, "before", found.reference), (title, "after", found.variant))
            for each in answers.bins
        ],
        columns=list(CALIBRATION_COLUMNS),
    )


def _same_or_not(found: Predictions) -> list[str]:
    tolerance = found.tolerance or 0.0
    pairs = zip(found.reference.answers, found.variant.answers, strict=True)
    return ["changed" if abs(after - before) > tolerance else "same answer" for before, after in pairs]


def _samples(
    found: Predictions, title: str, before: Sequence[float], after: Sequence[float], kinds: list[str]
) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"title": title, "side": "after", "place": place, "kind": kinds[place], "truth": found.truths[place]}
        | {"before": before[place], "after": after[place], "value": after[place], "limit": None}
        for place in _thinned(len(before), always=[place for place, kind in enumerate(kinds) if kind == "changed"])
    ]
    return pd.DataFrame(rows, columns=list(ANSWER_COLUMNS))


def _thinned(count: int, always: Sequence[int] = ()) -> list[int]:
    """Places to draw: all, or evenly spaced ones with the first of those that matter most."""
    if count <= MOST_POINTS:
        return list(range(count))
    spaced = range(0, count, -(-count // MOST_POINTS))
    return sorted({*spaced, *always[: MOST_POINTS // 2]})


def answered_right(answers: Answers) -> int:
    """Samples on the diagonal of a confusion matrix."""
    return sum(counts[place] for place, counts in enumerate(answers.confusion))
