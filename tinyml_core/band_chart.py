"""Estimates with their bands, one row each, on a logarithmic axis: what the charts of latency on boards share."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import NEUTRAL, TEXT, layered
from tinyml_core.metrics import format_time

ROW_PX = 34
COLUMNS = ("latency_low_ms", "latency_ms", "latency_high_ms", "latency_text", "runtime", "verdict")


def draw_bands(rows: pd.DataFrame, y: alt.Y, color: alt.Color | None, names: str) -> alt.LayerChart:
    """A dot at each estimate and a line over its band; rows without an estimate say why there is none.

    Args:
        rows: Sorted; with the columns of `COLUMNS`, numbers NaN where there is no estimate.
        y: The rows' axis.
        color: By technique; None for grey.
        names: The column that names a row, for the tooltip.
    """
    numbers = rows[list(COLUMNS[:3])].astype(float)
    rows = rows.assign(
        **numbers,
        known=numbers["latency_ms"].notna(),
        text=[
            _words(estimate, text, verdict)
            for estimate, text, verdict in zip(
                numbers["latency_ms"], rows["latency_text"], rows["verdict"], strict=True
            )
        ],
    )
    known = rows[rows["known"]]
    lowest = float(known["latency_low_ms"].min()) if len(known) else 1.0
    highest = float(known["latency_high_ms"].max()) if len(known) else 10.0
    rows = rows.assign(
        text_at=[high if ok else lowest for ok, high in zip(rows["known"], rows["latency_high_ms"], strict=True)]
    )
    x = alt.X(
        "latency_ms:Q",
        title=["Estimated time of one inference in ms", "(lower is better, logarithmic; line: the estimate's band)"],
        # room on the right for the words behind the longest band
        scale=alt.Scale(type="log", domain=[lowest / 1.2, highest * (highest / lowest) ** 0.45 * 1.6], nice=False),
        axis=alt.Axis(format="~r", tickCount=4, labelOverlap=True),
    )
    tooltip = [
        alt.Tooltip(f"{names}:N", title=names.removesuffix("_title").capitalize()),
        alt.Tooltip("latency_text:N", title="Time"),
        alt.Tooltip("latency_low_ms:Q", title="Band from, ms", format=".3~g"),
        alt.Tooltip("latency_high_ms:Q", title="Band to, ms", format=".3~g"),
        alt.Tooltip("runtime:N", title="Kernels"),
    ]
    paint = alt.value(NEUTRAL) if color is None else color
    base = alt.Chart(rows[rows["known"]])
    return layered(
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(
            x=alt.X("latency_low_ms:Q"), x2="latency_high_ms:Q", y=y, color=paint, tooltip=tooltip
        ),
        base.mark_point(filled=True, size=90, opacity=1).encode(x=x, y=y, color=paint, tooltip=tooltip),
        alt.Chart(rows)
        .mark_text(align="left", baseline="middle", dx=6, fontSize=12, color=TEXT)
        .encode(x=alt.X("text_at:Q"), y=y, text="text:N", tooltip=tooltip),
        height=max(80, ROW_PX * len(rows)),
    )


def _words(estimate_ms: float, text: object, verdict: object) -> str:
    if pd.isna(estimate_ms):
        return "no estimate"
    partly = " or more" if isinstance(text, str) and "unknown" in text else ""
    return f"{format_time(estimate_ms)}{partly}{', too big' if verdict == 'too big' else ''}"


def spoken(name: str, row: pd.Series) -> str:
    """One row in words."""
    if pd.isna(row["latency_ms"]):
        return f"{name}: no estimate."
    low, estimate, high = (format_time(float(row[column])) for column in COLUMNS[:3])
    too_big = " It is too big for that board." if row["verdict"] == "too big" else ""
    return f"{name}: about {estimate}, band {low} to {high}.{too_big}"
