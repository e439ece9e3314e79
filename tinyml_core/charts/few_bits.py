"""The score against the bits of a weight: simulated, with what was executed laid over it."""

from __future__ import annotations

from collections.abc import Iterable

import altair as alt
import pandas as pd

from tinyml_core.analysis.few_bits import BitsPoint, FewBits
from tinyml_core.charts import base
from tinyml_core.charts.base import Chart
from tinyml_core.compress.techniques import number_formats
from tinyml_core.domain.metrics import METRICS
from tinyml_core.domain.outcome import Score

BITS_COLUMNS = ("label", "series", "bits", "metric", "score", "score_low", "score_high")
DASHES = {"per channel": [1, 0], "per tensor": [5, 4]}


def draw(bits: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A line a granularity with its 95 % bars, and a diamond for each variant that was executed."""
    metric = base.metric_of(bits)
    rows = bits.assign(
        **{name: bits[name].astype(float) for name in ("bits", "score", "score_low", "score_high")},
        text=[base.score_text(metric, value) for value in bits["score"]],
    ).dropna(subset=["score"])
    is_simulated = rows["series"].isin(list(DASHES))
    simulated, measured = rows[is_simulated], rows[~is_simulated]
    steps = sorted({int(value) for value in rows["bits"]}, reverse=True)
    x = alt.X(
        "bits:O", title=["Bits a weight", "simulation: weights rounded, activations float32"],
        scale=base.names_scale(steps), axis=alt.Axis(labelAngle=0),
    )  # fmt: skip
    y = base.score_axis(alt.Y, metric, base.score_domain(rows, metric))
    dash = alt.StrokeDash(
        "series:N", title="One scale", scale=alt.Scale(domain=list(DASHES), range=list(DASHES.values())),
        legend=alt.Legend(orient="top"),
    )  # fmt: skip
    tooltip = base.tooltips(label="Weights", text=METRICS[metric].title)
    return base.layered(
        alt.Chart(simulated)
        .mark_rule(color=base.NEUTRAL, opacity=0.35, strokeWidth=3)
        .encode(x=x, y=alt.Y("score_low:Q"), y2="score_high:Q"),
        alt.Chart(simulated).mark_line(color=base.NEUTRAL, strokeWidth=2).encode(x=x, y=y, strokeDash=dash),
        alt.Chart(simulated).mark_point(filled=True, color=base.NEUTRAL, size=50).encode(x=x, y=y, tooltip=tooltip),
        alt.Chart(measured)
        .mark_point(shape="diamond", filled=True, color=base.TEXT, size=140)
        .encode(x=x, y=y, tooltip=tooltip),
        height=300,
    )


def alt_text(bits: pd.DataFrame) -> str:
    """Each number of bits with its score."""
    metric = base.metric_of(bits)
    sentences = [
        f"{row['label']}{' (executed)' if row['series'] not in DASHES else ''}: {base.score_text(metric, row['score'])}."
        for _, row in bits.iterrows()
    ]
    return base.sentence_per_row(sentences, "Nothing to draw.", "A simulation: only weights are rounded.")


CHART = Chart(
    name="few_bits", order=20, title="How few bits? (a simulation)",
    question="How does the score fall when the weights are stored in fewer and fewer bits?",
    columns=BITS_COLUMNS, draw=draw, alt=alt_text, frame="bits", page="studies",
)  # fmt: skip

# ---- Studies of a model's weights as tidy frames: what their charts are made of ------------------------------------


MEASURED = "measured"

LAID_OVER = ("float16", "int16x8", "int8", "lq_int8", "lq_w8", "lq_w4", "lq_w2")
"""Number formats whose variants are laid over the simulation, at the bits of their weights."""


def bits(found: FewBits, measured: Iterable[tuple[str, str, Score]] = ()) -> pd.DataFrame:
    """One row a simulated point, and one a variant that was executed: its number format (of `LAID_OVER`), title and score."""
    simulated = [
        (_label(point), point.granularity, point.bits, found.metric, point.score, point.low, point.high)
        for point in found.points
    ]
    executed = [
        (title, MEASURED, number_formats()[name].bits, score.metric, score.value, score.low, score.high)
        for name, title, score in measured
        if name in LAID_OVER
    ]
    return pd.DataFrame([*simulated, *executed], columns=list(BITS_COLUMNS))


def _label(point: BitsPoint) -> str:
    return f"{point.bits} {'bit' if point.bits == 1 else 'bits'}, {point.granularity}"
