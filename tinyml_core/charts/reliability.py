"""Calibration of confidence: is a classifier right as often as it is sure?"""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.analysis.predictions import Predictions
from tinyml_core.charts import base
from tinyml_core.charts.base import Chart

CALIBRATION_COLUMNS = ("title", "side", "confidence", "accuracy", "samples", "low", "high")
_SHAPES = {"before": "circle", "after": "diamond"}


def draw(calibration: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A dot a bin of confidence, the larger the more samples; on the dashed line a model is right as often as it is sure."""
    rows = calibration.astype(dict.fromkeys(CALIBRATION_COLUMNS[2:], "float64"))
    rows = rows.dropna(subset=["confidence", "accuracy", "samples"])
    rows = rows.assign(label=[f"{count:,.0f}" for count in rows["samples"].fillna(0.0)])
    x = base.number_axis(alt.X, "confidence", "Confidence (mean of a bin)", (0, 1.02), ".0%")
    y = base.number_axis(
        alt.Y, "accuracy", ["Share of right answers", "(numbers: samples of this variant)"], (0, 1.02), ".0%"
    )
    ends = pd.DataFrame({"confidence": [0.0, 1.0], "accuracy": [0.0, 1.0]})
    color = base.technique_color(domain)
    tooltip = base.tooltips(
        title="Technique", confidence=("Mean confidence", ".1%"), accuracy=("Right answers", ".1%"),
        samples=("Samples", ",d")
    )  # fmt: skip
    shape = alt.Shape(
        "side:N",
        scale=alt.Scale(domain=list(_SHAPES), range=list(_SHAPES.values())),
        legend=alt.Legend(
            title=None, orient="top", labelExpr="datum.label == 'before' ? 'float32' : 'this variant'",
            symbolFillColor=base.NEUTRAL, symbolStrokeColor=base.NEUTRAL,
        ),
    )  # fmt: skip
    size = alt.Size("samples:Q", scale=alt.Scale(type="sqrt", range=[40, 240]), legend=None)
    drawn = alt.Chart(rows)
    return base.layered(
        alt.Chart(ends).mark_line(color=base.NEUTRAL, strokeDash=[4, 4]).encode(x=x, y=y),
        drawn.mark_line(strokeWidth=1.5, opacity=0.7).encode(x=x, y=y, color=color, detail="side:N"),
        drawn.mark_point(filled=True, opacity=0.9).encode(
            x=x, y=y, color=color, shape=shape, size=size, tooltip=tooltip
        ),
        base.labels(rows[rows["side"].eq("after")], font_px=11, dy=16).encode(x=x, y=y, text="label:N"),
        height=320,
    )


def alt_text(calibration: pd.DataFrame) -> str:
    """Each bin's confidence, share of right answers and samples."""
    sentences = []
    for title, rows in calibration.groupby("title", sort=False):
        rows = rows.dropna(subset=["confidence", "accuracy", "samples"])
        bins = ", ".join(
            f"{row['accuracy']:.0%} right of {row['samples']:,.0f} at a confidence of {row['confidence']:.0%}"
            for _, row in rows.iterrows()
        )
        sentences.append(f"{title}: {bins or 'not measured'}.")
    return base.sentence_per_row(sentences, "No confidence to draw.")


CHART = Chart(
    name="reliability", order=44, title="Calibration of confidence", question="Is it right as often as it is sure?",
    columns=CALIBRATION_COLUMNS, draw=draw, alt=alt_text, frame="calibration", page="inspect",
)  # fmt: skip


def calibration(found: Predictions, title: str, reference_title: str) -> pd.DataFrame:
    """One row a bin of confidence and file."""
    rows = [
        (name, side, each.confidence, each.accuracy, each.samples, each.low, each.high)
        for name, side, answers in ((reference_title, "before", found.reference), (title, "after", found.variant))
        for each in answers.bins
    ]
    return pd.DataFrame(rows, columns=list(CALIBRATION_COLUMNS))
