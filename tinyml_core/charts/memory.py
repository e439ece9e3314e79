"""What is inside a variant as tidy frames: what the charts of the Inspect page are made of."""

from __future__ import annotations

import json
from math import nan
from typing import Literal

import altair as alt
import pandas as pd

from tinyml_core.analysis.memory import Memory
from tinyml_core.charts import base
from tinyml_core.charts.base import Chart

MEMORY_COLUMNS = (
    "title", "tensor", "shape", "operator", "place", "start", "end", "low_bytes", "high_bytes", "size_bytes", "at_peak",
    "top_bytes", "measured_bytes",
)  # fmt: skip

Arrangement = Literal["stacked", "by address"]


def memory(
    found: Memory, title: str, top_bytes: float, measured_bytes: int | None, arrangement: Arrangement
) -> pd.DataFrame:
    """One row a tensor and the operators that it stays for at one height.

    Args:
        found: The tensors.
        title: Of the technique.
        top_bytes: To where the axis goes, so that several variants can be drawn to one scale.
        measured_bytes: Head of the arena that TFLM recorded; None if it was not executed.
        arrangement: `stacked` without gaps, so that the height is what is live; `by address`, as the planner places them.
    """
    rows = []
    for place, name in enumerate(found.operators, 1):
        low = 0
        for tensor in found.live(place):
            if arrangement == "by address":
                low = tensor.offset_bytes
            rows.append(
                {
                    "title": title,
                    "tensor": tensor.layer,
                    "shape": " x ".join(str(size) for size in tensor.shape) or "scalar",
                    "operator": f"{place}. {name.replace('_', ' ').lower()}",
                    "place": place,
                    "start": place - 0.5,
                    "end": place + 0.5,
                    "low_bytes": low,
                    "high_bytes": low + tensor.size_bytes,
                    "size_bytes": tensor.size_bytes,
                    "at_peak": place == found.peak_place,
                    "top_bytes": top_bytes,
                    "measured_bytes": nan if measured_bytes is None else measured_bytes,
                }
            )
            low += tensor.size_bytes
    return pd.DataFrame(rows, columns=list(MEMORY_COLUMNS))


MOST_NAMES = 14
"""Operators of more are numbered only."""

HEIGHT_PX = 240


def draw(memory: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A column an operator, a box a live tensor; the peak is darker and has a mark, TFLM's measured head is a dashed line."""
    numbers = ("place", "start", "end", "low_bytes", "high_bytes", "size_bytes", "top_bytes", "measured_bytes")
    rows = memory.astype(dict.fromkeys(numbers, "float64") | {"at_peak": "bool"})
    rows = rows.assign(strength=[0.95 if at_peak else 0.55 for at_peak in rows["at_peak"]])
    last = float(rows["place"].max()) if len(rows) else 1.0
    x = alt.X(
        "start:Q", title="Operators in order of execution", scale=alt.Scale(domain=[0.5, last + 0.5], nice=False),
        axis=_operator_axis(rows, last),
    )  # fmt: skip
    top = float(rows["top_bytes"].max()) if len(rows) else 1.0
    y = base.number_axis(alt.Y, "low_bytes", "Bytes", (0, 1.15 * top), ",d")
    tooltip = base.tooltips(tensor="Tensor", shape="Shape", size_bytes=("Bytes", ",d"), operator="While this runs")
    measured = rows.dropna(subset=["measured_bytes"]).head(1)
    measured = measured.assign(
        words=[f"TFLM's head, measured: {size:,.0f} bytes" for size in measured["measured_bytes"]]
    )
    peak = rows[rows["at_peak"]].sort_values("high_bytes").tail(1).assign(words="▼ peak")
    head = alt.Y("measured_bytes:Q")
    head_words = base.labels(measured, align="right", baseline="bottom", dx=-4, dy=-4)
    peak_words = base.labels(peak, align="left", baseline="bottom", dx=-5, dy=-18, fontWeight="bold")
    return base.layered(
        alt.Chart(rows)
        .mark_rect(stroke=alt.expr("background"), strokeWidth=1)
        .encode(
            x=x, x2="end:Q", y=y, y2="high_bytes:Q", color=base.technique_color(domain), tooltip=tooltip,
            opacity=alt.Opacity("strength:Q", scale=None, legend=None),
        ),
        alt.Chart(measured).mark_rule(strokeDash=[6, 4], strokeWidth=2, color=base.TEXT).encode(y=head),
        head_words.encode(x=alt.value("width"), y=head, text="words:N"),
        peak_words.encode(x=alt.X("place:Q"), y=alt.Y("high_bytes:Q"), text="words:N"),
        height=HEIGHT_PX,
    )  # fmt: skip


def _operator_axis(rows: pd.DataFrame, last: float) -> alt.Axis:
    """Names where there are few, numbers where there are many."""
    places = list(range(1, int(last) + 1))
    if len(places) > MOST_NAMES:
        return alt.Axis(tickMinStep=1, format="d", tickCount=10, grid=False)
    names = {str(int(row["place"])): str(row["operator"]) for _, row in rows.iterrows()}
    return alt.Axis(
        values=places, labelExpr=f"({json.dumps(names)})[datum.label] || datum.label", format="d", labelAngle=-35,
        labelOverlap=False, labelLimit=110, grid=False,
    )  # fmt: skip


def alt_text(memory: pd.DataFrame) -> str:
    """The peak, its operator, and how much is live during each operator."""
    sentences = []
    for title, rows in memory.groupby("title", sort=False):
        measured = rows["measured_bytes"].astype(float).dropna()
        peak = rows[rows["at_peak"].astype(bool)]
        words = f"{title}: "
        if len(peak):
            words += f"at most {peak['size_bytes'].sum():,.0f} bytes are live, during {peak['operator'].iloc[0]}. "
        if len(measured):
            words += f"TFLM measured a head of {measured.iloc[0]:,.0f} bytes. "
        each = rows.groupby("operator", sort=False)["size_bytes"].sum()
        sentences.append(words + " ".join(f"{operator}: {size:,.0f}." for operator, size in each.items()))
    return base.sentence_per_row(sentences, "No activation needs room.")


CHART = Chart(
    name="memory", order=32, title="Memory over time",
    question="Which operator needs most memory at once, and for which tensors?",
    columns=MEMORY_COLUMNS, draw=draw, alt=alt_text, frame="memory", page="inspect",
)  # fmt: skip
