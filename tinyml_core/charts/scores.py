"""The score of each variant as an interval."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charts import base
from tinyml_core.charts.base import Chart
from tinyml_core.domain.metrics import METRICS, format_score


def draw(table: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A dot and its 95 % bar a technique, and a dashed line at float32 if it was measured."""
    metric = base.metric_of(table)
    rows = base.with_words(base.ordered_rows(table))
    low, high = base.score_domain(rows, metric)
    measured = rows.dropna(subset=["score"])
    missing = rows[rows["score"].isna()].assign(score=low)
    reference = measured[measured["technique"].eq("float32")]
    middle, title = (low + high) / 2, []
    if len(reference):
        middle = float(reference["score"].iloc[0])
        title = [f"dashed: float32 at {format_score(metric, middle)}"]
    # numbers stand on the side of their dot that the dashed line leaves free
    left_of_dot, right_of_dot = measured[measured["score"].lt(middle)], measured[measured["score"].ge(middle)]

    x = base.score_axis(alt.X, metric, (low, high), title)
    y = base.technique_rows(base.titles_of(rows))
    color = base.technique_color(domain)
    return base.layered(
        alt.Chart(reference).mark_rule(color=base.NEUTRAL, strokeDash=[5, 4], strokeWidth=1.5).encode(x=x),
        alt.Chart(measured)
        .mark_rule(strokeWidth=3, opacity=0.6)
        .encode(x=alt.X("score_low:Q"), x2="score_high:Q", y=y, color=color),
        alt.Chart(measured)
        .mark_point(filled=True, size=130, opacity=1)
        .encode(x=x, y=y, color=color, tooltip=base.score_tooltip(metric)),
        base.labels(left_of_dot, align="right", dx=-5, dy=-14).encode(x=x, y=y, text="score_text:N"),
        base.labels(right_of_dot, align="left", dx=5, dy=-14).encode(x=x, y=y, text="score_text:N"),
        base.labels(missing, align="left", dx=5).encode(x=x, y=y, text="score_text:N"),
        height=max(80, base.row_px(base.titles_of(rows), 46) * len(rows)),
    )


def alt_text(table: pd.DataFrame) -> str:
    """Each variant's score and interval, in words."""
    name = METRICS[base.metric_of(table)]
    rows = base.with_words(base.ordered_rows(table))
    sentences = [
        f"{row['title']}: {row['score_text']}"
        + ("." if pd.isna(row["score"]) else f", 95 % interval {row['interval_text']}.")
        for _, row in rows.iterrows()
    ]
    first = f"{name.title} on held-out samples, {name.better} is better."
    return base.sentence_per_row(sentences, "No variant to draw.", first)


CHART = Chart(
    name="scores", order=3, title="Score with its interval",
    question="Can a difference between the variants be told at all, or do their intervals overlap?",
    columns=(
        "technique", "title", "order", "flash_bytes", "metric", "score", "score_low", "score_high", "micro_status",
        "arena_bytes",
    ),
    draw=draw, alt=alt_text,
)  # fmt: skip
