"""One dot a sample, float32's number across and the variant's up: what charts of confidence and residuals share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import altair as alt
import pandas as pd

from tinyml_core.analysis.predictions import Predictions
from tinyml_core.charts.base import NEUTRAL, Chart, layered, number_axis, sentence_per_row, tooltips

COLUMNS = ("title", "place", "kind", "truth", "before", "after")
KINDS = {"same answer": ("circle", NEUTRAL), "changed": ("diamond", "#c2363a")}


def in_words(answers: pd.DataFrame, say: Callable[[pd.DataFrame], str], nothing: str) -> str:
    """One sentence a variant, for those who cannot see the dots: `say` is told its rows that have both numbers."""
    told = []
    for title, rows in answers.groupby("title", sort=False):
        both = rows.dropna(subset=["before", "after"])
        told.append(f"{title}: {'not measured.' if both.empty else say(both)}")
    return sentence_per_row(told, nothing)


def dots(rows: pd.DataFrame, titles: tuple[str, str], span: tuple[float, float], axis_format: str) -> alt.LayerChart:
    """Dots on the diagonal did not change; diamonds are answers that did. Both axes cover the same span."""
    rows = rows.astype(dict.fromkeys(("place", "before", "after"), "float64")).dropna(subset=["before", "after"])
    x = number_axis(alt.X, "before", [titles[0]], span, axis_format, clamp=True)
    y = number_axis(alt.Y, "after", [titles[1]], span, axis_format, clamp=True)
    shapes, colors = (alt.Scale(domain=list(KINDS), range=list(each)) for each in zip(*KINDS.values(), strict=True))
    legend = alt.Legend(title=None, orient="top")
    tooltip = tooltips(
        place=("Sample", ",d"), kind="Answer", before=("float32", ".4~g"), after=("This variant", ".4~g")
    )
    return layered(
        alt.Chart(pd.DataFrame({"before": span, "after": span}))
        .mark_line(color=NEUTRAL, strokeDash=[4, 4])
        .encode(x=x, y=y),
        alt.Chart(rows)
        .mark_point(filled=True, size=55, opacity=0.65)
        .encode(
            x=x, y=y, tooltip=tooltip, shape=alt.Shape("kind:N", scale=shapes, legend=legend),
            color=alt.Color("kind:N", scale=colors, legend=legend),
        ),
        height=320,
    )  # fmt: skip


# ---- Confidence before and after: how sure float32 and a variant are of each sample --------------------------------


def draw_confidence(answers: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """One dot a sample; colour tells changed answers."""
    return dots(answers, ("Confidence of float32", "Confidence of this variant"), (0.0, 1.0), ".0%")


def confidence_in_words(answers: pd.DataFrame) -> str:
    """Mean confidence of both, and how many answers changed."""

    def say(rows: pd.DataFrame) -> str:
        before, after = rows["before"].astype(float).mean(), rows["after"].astype(float).mean()
        changed = int(rows["kind"].eq("changed").sum())
        return f"mean confidence {after:.1%}, of float32 {before:.1%}; {changed} of the {len(rows):,} answers drawn changed."

    return in_words(answers, say, "No confidence to draw.")


CONFIDENCE = Chart(
    name="confidence", order=43, title="Confidence, before and after",
    question="Is the variant as sure of its answers as float32?",
    columns=COLUMNS, draw=draw_confidence, alt=confidence_in_words, frame="answers", page="inspect",
)  # fmt: skip


# ---- Residuals of a regression before and after: how far each answer lies from its target --------------------------


def draw_residuals(answers: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """One dot a sample; the further from zero, the larger the error. Colour tells changed answers."""
    values = pd.concat([answers["before"], answers["after"]]).astype(float).dropna()
    far = (float(values.abs().max()) * 1.05 if len(values) else 1.0) or 1.0
    return dots(answers, ("Answer less target, float32", "Answer less target, this variant"), (-far, far), "~g")


def residuals_in_words(answers: pd.DataFrame) -> str:
    """Mean and largest absolute residual of both."""

    def say(rows: pd.DataFrame) -> str:
        before, after = rows["before"].astype(float), rows["after"].astype(float)
        return (
            f"mean residual {after.mean():.3g}, largest distance {after.abs().max():.3g}; of float32 "
            f"{before.mean():.3g} and {before.abs().max():.3g}."
        )

    return in_words(answers, say, "No residuals to draw.")


RESIDUALS = Chart(
    name="residuals", order=45, title="Residuals, before and after",
    question="How far from the target are the answers of this variant, and of float32?",
    columns=COLUMNS, draw=draw_residuals, alt=residuals_in_words, frame="answers", page="inspect",
)  # fmt: skip

# ---- What was found inside a variant as tidy frames: what the charts of the Inspect page are made of ---------------


ANSWER_COLUMNS = ("title", "side", "place", "kind", "truth", "before", "after", "value", "limit")

MOST_POINTS = 1000
"""Samples in one chart; of more, evenly spaced ones are drawn."""


def confidences(found: Predictions, title: str) -> pd.DataFrame:
    """One row a sample: how sure float32 (`before`) and the variant (`after`) are of their answers."""
    if not found.variant.confidences:
        return pd.DataFrame([], columns=list(ANSWER_COLUMNS))
    return _samples(found, title, found.reference.confidences, found.variant.confidences)


def residuals(found: Predictions, title: str) -> pd.DataFrame:
    """One row a sample of a regression: answer less target of float32 (`before`) and of the variant (`after`)."""
    return _samples(found, title, found.reference.errors, found.variant.errors)


def _samples(found: Predictions, title: str, before: Sequence[float], after: Sequence[float]) -> pd.DataFrame:
    tolerance = found.tolerance or 0.0
    pairs = zip(found.reference.answers, found.variant.answers, strict=True)
    kinds = ["changed" if abs(new - old) > tolerance else "same answer" for old, new in pairs]
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


CHARTS = (CONFIDENCE, RESIDUALS)
