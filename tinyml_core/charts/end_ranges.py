"""Which real numbers an input or output can carry, variant by variant."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import (
    TEXT,
    Chart,
    layered,
    ordered_rows,
    row_px,
    sentence_per_row,
    technique_color,
    technique_rows,
    titles_of,
)


def draw(ranges: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A bar a quantized variant, from the smallest to the largest value; floats are named and have no bar."""
    rows = ordered_rows(ranges)
    rows = rows.astype(dict.fromkeys(("low", "high", "step"), "float64")).assign(
        text=[range_text(row) for _, row in rows.iterrows()]
    )
    titles = titles_of(rows)
    known = rows.dropna(subset=["low", "high"])
    low = min(0.0, float(known["low"].min())) if len(known) else 0.0
    high = max(0.0, float(known["high"].max())) if len(known) else 0.0
    air = 0.04 * (high - low) or 1.0
    x = alt.X(
        "low:Q",
        title="Real units",
        scale=alt.Scale(domain=[low - air, high + air], nice=False),
        axis=alt.Axis(tickCount=5, format=".4~g"),
    )
    y = technique_rows(titles, padding=0.5)
    tooltip = [alt.Tooltip("title:N", title="Technique"), alt.Tooltip("text:N", title="Carries")]
    return layered(
        alt.Chart(known)
        .mark_bar(height=8, yOffset=9)
        .encode(x=x, x2="high:Q", y=y, color=technique_color(domain), tooltip=tooltip),
        alt.Chart(rows)
        .mark_text(align="left", baseline="middle", fontSize=12, color=TEXT, dx=4, dy=-7)
        .encode(x=alt.value(0), y=y, text="text:N", tooltip=tooltip),
        height=max(50, row_px(titles, 46) * len(titles)),
    )


def range_text(row: pd.Series) -> str:
    """What one variant's tensor carries: `int8: -1 to 0.992 in steps of 0.00781`."""
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return f"{row['dtype']}: any value" if "float" in str(row["dtype"]) else f"{row['dtype']}: has no scale"
    return f"{row['dtype']}: {row['low']:.3g} to {row['high']:.3g} in steps of {row['step']:.3g}"


def alt_text(ranges: pd.DataFrame) -> str:
    """Each variant's range."""
    sentences = [f"{row['title']}: {range_text(row)}." for _, row in ordered_rows(ranges).iterrows()]
    return sentence_per_row(sentences, "No variant to draw.")


CHART = Chart(
    name="end_ranges",
    order=30,
    title="Range in real units",
    question="Which real numbers can it carry, and in how fine steps?",
    columns=("title", "order", "dtype", "low", "high", "step"),
    draw=draw,
    alt=alt_text,
    frame="ranges",
    page="inspect",
)
