"""The score against the bits of a weight: simulated, with what was executed laid over it."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import NEUTRAL, TEXT, Chart, layered, metric_of, score_domain, score_title, sentence_per_row
from tinyml_core.metrics import METRICS, format_score

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
