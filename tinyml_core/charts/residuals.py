"""Residuals of a regression before and after: how far each answer lies from its target."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.before_after import COLUMNS, Axes, dots, sentences
from tinyml_core.charting import Chart, sentence_per_row


def draw(answers: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """One dot a sample; the further from zero, the larger the error.

    `domain` is taken as all charts take it, and not used: colour tells changed answers.
    """
    values = pd.concat([answers["before"], answers["after"]]).astype(float).dropna()
    far = float(values.abs().max()) * 1.05 if len(values) else 1.0
    return dots(
        answers,
        Axes(["Answer less target, float32"], ["Answer less target, this variant"], -(far or 1.0), far or 1.0, "~g"),
    )


def alt_text(answers: pd.DataFrame) -> str:
    """Mean and largest absolute residual of both."""

    def say(rows: pd.DataFrame) -> str:
        before, after = rows["before"].astype(float), rows["after"].astype(float)
        return (
            f"mean residual {after.mean():.3g}, largest distance {after.abs().max():.3g}; of float32 "
            f"{before.mean():.3g} and {before.abs().max():.3g}."
        )

    return sentence_per_row(sentences(answers, say), "No residuals to draw.")


CHART = Chart(
    name="residuals",
    order=45,
    title="Residuals, before and after",
    question="How far from the target are the answers of this variant, and of float32?",
    columns=COLUMNS,
    draw=draw,
    alt=alt_text,
    frame="answers",
    page="inspect",
)
