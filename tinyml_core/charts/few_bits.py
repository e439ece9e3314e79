"""The score against the bits of a weight: simulated, with what was executed laid over it."""

from __future__ import annotations

from collections.abc import Iterable

import altair as alt
import pandas as pd

from tinyml_core.analysis.few_bits import FewBits
from tinyml_core.charts.base import (
    NEUTRAL,
    TEXT,
    Chart,
    layered,
    metric_of,
    score_domain,
    score_title,
    sentence_per_row,
)
from tinyml_core.compress.techniques import number_formats
from tinyml_core.domain.metrics import METRICS, format_score
from tinyml_core.domain.outcome import Score

DASHES = {"per channel": [1, 0], "per tensor": [5, 4]}


def draw(bits: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A line a granularity with its 95 % bars, and a diamond for each variant that was executed.

    `domain` is taken as all charts take it, and not used: a line here is no technique.
    """
    metric = metric_of(bits)
    rows = bits.assign(
        **{name: bits[name].astype(float) for name in ("bits", "score", "score_low", "score_high")},
        text=["not measured" if pd.isna(value) else format_score(metric, float(value)) for value in bits["score"]],
    ).dropna(subset=["score"])
    low, high = score_domain(rows, metric)
    simulated, measured = rows[rows["series"].isin(list(DASHES))], rows[~rows["series"].isin(list(DASHES))]
    steps = sorted({int(value) for value in rows["bits"]}, reverse=True)
    x = alt.X(
        "bits:O",
        title=["Bits a weight", "simulation: weights rounded, activations float32"],
        scale=alt.Scale(domain=steps) if steps else alt.Undefined,
        axis=alt.Axis(labelAngle=0),
    )
    y = alt.Y(
        "score:Q",
        title=score_title(metric, low),
        scale=alt.Scale(domain=[low, high], zero=False, nice=False),
        axis=alt.Axis(format=METRICS[metric].d3, tickCount=5),
    )
    dash = alt.StrokeDash(
        "series:N",
        title="One scale",
        scale=alt.Scale(domain=list(DASHES), range=list(DASHES.values())),
        legend=alt.Legend(orient="top"),
    )
    tooltip = [alt.Tooltip("label:N", title="Weights"), alt.Tooltip("text:N", title=METRICS[metric].title)]
    return layered(
        alt.Chart(simulated)
        .mark_rule(color=NEUTRAL, opacity=0.35, strokeWidth=3)
        .encode(x=x, y=alt.Y("score_low:Q"), y2="score_high:Q"),
        alt.Chart(simulated).mark_line(color=NEUTRAL, strokeWidth=2).encode(x=x, y=y, strokeDash=dash),
        alt.Chart(simulated).mark_point(filled=True, color=NEUTRAL, size=50).encode(x=x, y=y, tooltip=tooltip),
        alt.Chart(measured)
        .mark_point(shape="diamond", filled=True, color=TEXT, size=140)
        .encode(x=x, y=y, tooltip=tooltip),
        height=300,
    )


def alt_text(bits: pd.DataFrame) -> str:
    """Each number of bits with its score."""
    metric = metric_of(bits)
    sentences = [
        f"{row['label']}{' (executed)' if row['series'] not in DASHES else ''}: "
        + ("not measured." if pd.isna(row["score"]) else f"{format_score(metric, float(row['score']))}.")
        for _, row in bits.iterrows()
    ]
    return sentence_per_row(
        ["A simulation: only weights are rounded.", *sentences] if sentences else [], "Nothing to draw."
    )


CHART = Chart(
    name="few_bits",
    order=20,
    title="How few bits? (a simulation)",
    question="How does the score fall when the weights are stored in fewer and fewer bits?",
    columns=("label", "series", "bits", "metric", "score", "score_low", "score_high"),
    draw=draw,
    alt=alt_text,
    frame="bits",
    page="studies",
)

# ---- Studies of a model's weights as tidy frames: what their charts are made of ------------------------------------


BITS_COLUMNS = ("label", "series", "bits", "metric", "score", "score_low", "score_high")
MEASURED = "measured"

LAID_OVER = ("float16", "int16x8", "int8", "lq_int8", "lq_w8", "lq_w4", "lq_w2")
"""Number formats whose variants are laid over the simulation, at the bits of their weights."""


def bits(found: FewBits, measured: Iterable[tuple[str, str, Score]] = ()) -> pd.DataFrame:
    """One row a simulated point, and one a variant that was executed.

    Args:
        found: The simulation.
        measured: Number format, title and score of variants; formats that are not in `LAID_OVER` are left out.
    """
    rows = [
        {
            "label": f"{point.bits} {'bit' if point.bits == 1 else 'bits'}, {point.granularity}",
            "series": point.granularity,
            "bits": point.bits,
            "metric": found.metric,
            "score": point.score,
            "score_low": point.low,
            "score_high": point.high,
        }
        for point in found.points
    ]
    rows += [
        {
            "label": title,
            "series": MEASURED,
            "bits": number_formats()[number_format].bits,
            "metric": score.metric,
            "score": score.value,
            "score_low": score.low,
            "score_high": score.high,
        }
        for number_format, title, score in measured
        if number_format in LAID_OVER
    ]
    return pd.DataFrame(rows, columns=list(BITS_COLUMNS))
