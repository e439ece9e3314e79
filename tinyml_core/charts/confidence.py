"""Confidence before and after: how sure float32 and a variant are of each sample."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.before_after import COLUMNS, Axes, dots, sentences
from tinyml_core.charting import Chart, sentence_per_row


def draw(answers: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """One dot a sample.

    `domain` is taken as all charts take it, and not used: colour tells changed answers.
    """
    return dots(answers, Axes(["Confidence of float32"], ["Confidence of this variant"], 0.0, 1.0, ".0%"))


def alt_text(answers: pd.DataFrame) -> str:
    """Mean confidence of both, and how many answers changed."""

    def say(rows: pd.DataFrame) -> str:
        before, after = rows["before"].astype(float).mean(), rows["after"].astype(float).mean()
        changed = int(rows["kind"].eq("changed").sum())
        return f"mean confidence {after:.1%}, of float32 {before:.1%}; {changed} of the {len(rows):,} answers drawn changed."

    return sentence_per_row(sentences(answers, say), "No confidence to draw.")


CHART = Chart(
    name="confidence",
    order=43,
    title="Confidence, before and after",
    question="Is the variant as sure of its answers as float32?",
    columns=COLUMNS,
    draw=draw,
    alt=alt_text,
    frame="answers",
    page="inspect",
)
