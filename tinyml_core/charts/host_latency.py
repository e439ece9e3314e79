"""Latency on this computer: grey, because variants must not be ranked by it."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charts import base
from tinyml_core.charts.base import Chart
from tinyml_core.domain.metrics import METRICS, format_time

_WARNING = "This processor is not a microcontroller: a variant that is slower here may be the fastest there."


def draw(table: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """The median as a dot, and a line to the time that nine of ten runs stayed below; the axis starts at zero."""
    rows = base.ordered_rows(table)
    p50, p90 = rows["latency_p50_ms"].astype(float), rows["latency_p90_ms"].astype(float)
    rows = rows.assign(
        latency_p50_ms=p50,
        latency_p90_ms=p90,
        text_at=p90.fillna(p50).fillna(0.0),
        text=[
            base.no_number(row) if pd.isna(row["latency_p50_ms"]) else format_time(float(row["latency_p50_ms"]))
            for _, row in rows.iterrows()
        ],
    )
    measured = rows.dropna(subset=["latency_p50_ms"])
    longest = float(rows["text_at"].max()) if len(rows) else 0.0
    title = [f"One inference in {METRICS['latency_p50_ms'].unit}", "dot: median; tick: 90 % of runs below"]
    # a third more than the longest line, for the number behind it
    x = base.number_axis(alt.X, "latency_p50_ms", title, (0, 1.33 * longest or 1.0), ",~r", 4)
    y = base.technique_rows(base.titles_of(rows))
    tooltip = base.tooltips(
        title="Technique", latency_p50_ms=("Median in ms", METRICS["latency_p50_ms"].d3),
        latency_p90_ms=("90 % of runs below, in ms", METRICS["latency_p90_ms"].d3),
    )  # fmt: skip
    return base.layered(
        alt.Chart(measured).mark_rule(strokeWidth=2, color=base.NEUTRAL).encode(x=x, x2="latency_p90_ms:Q", y=y),
        alt.Chart(measured)
        .mark_tick(thickness=2, size=14, color=base.NEUTRAL)
        .encode(x=alt.X("latency_p90_ms:Q"), y=y, tooltip=tooltip),
        alt.Chart(measured)
        .mark_point(filled=True, size=110, opacity=1, color=base.NEUTRAL)
        .encode(x=x, y=y, tooltip=tooltip),
        base.labels(rows, align="left", baseline="middle", dx=8).encode(x=alt.X("text_at:Q"), y=y, text="text:N"),
        height=max(80, base.row_px(base.titles_of(rows), 38) * len(rows)),
        title=alt.Title(
            "Do not rank variants by this", subtitle=base.wrapped(_WARNING, 46).split("\n"), subtitleColor=base.TEXT,
            subtitleFontSize=13, offset=12,
        ),
    )  # fmt: skip


def alt_text(table: pd.DataFrame) -> str:
    """Each variant's median and 90 % time on this computer, in words, and the warning."""
    sentences = [
        f"{row['title']}: {base.no_number(row)}."
        if pd.isna(row["latency_p50_ms"])
        else f"{row['title']}: median {format_time(row['latency_p50_ms'])}"
        + ("." if pd.isna(row["latency_p90_ms"]) else f", 90 % of runs below {format_time(row['latency_p90_ms'])}.")
        for _, row in base.ordered_rows(table).iterrows()
    ]
    first = "Time of one inference on this computer. Do not rank variants by it."
    return base.sentence_per_row(sentences, "No variant to draw.", first)


CHART = Chart(
    name="host_latency", order=5, title="Latency on this computer",
    question="How long does one inference take on this computer, which is not a microcontroller?",
    columns=("technique", "title", "order", "status", "latency_p50_ms", "latency_p90_ms"), draw=draw, alt=alt_text,
)  # fmt: skip
