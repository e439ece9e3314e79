"""What is inside a variant as tidy frames: what the charts of the Inspect page are made of."""

from __future__ import annotations

from collections.abc import Iterable
from math import nan

import altair as alt
import pandas as pd

from tinyml_core.analysis.anatomy import QuantizedTensor
from tinyml_core.analysis.inputs_outputs import real_range
from tinyml_core.charts import base
from tinyml_core.charts.base import Chart
from tinyml_core.domain.inspection import Tensor

RANGE_COLUMNS = ("title", "order", "dtype", "low", "high", "step")
SCALE_COLUMNS = ("label", "channel", "scale", "zero_point")


def ranges(variants: Iterable[tuple[str, int, Tensor]]) -> pd.DataFrame:
    """One row a variant: the real numbers that one input or output can carry; NaN for floats, which carry any.

    Args:
        variants: Title and place of each technique, and its tensor.
    """
    rows = [
        (title, order, tensor.dtype, *(real_range(tensor) or (nan, nan)), nan if tensor.scale is None else tensor.scale)
        for title, order, tensor in variants
    ]
    return pd.DataFrame(rows, columns=list(RANGE_COLUMNS))


def scales(tensor: QuantizedTensor) -> pd.DataFrame:
    """One row a channel (or block) of one tensor."""
    points = tensor.zero_points * len(tensor.scales) if len(tensor.zero_points) == 1 else tensor.zero_points
    pairs = enumerate(zip(tensor.scales, points, strict=True))
    rows = [(tensor.name, number, scale, point) for number, (scale, point) in pairs]
    return pd.DataFrame(rows, columns=list(SCALE_COLUMNS))


# ---- The scales of one tensor, channel by channel ------------------------------------------------------------------


def draw_channel_scales(scales: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A thin bar a channel."""
    rows = scales.astype(dict.fromkeys(("channel", "scale", "zero_point"), "float64"))
    last = float(rows["channel"].max()) if len(rows) else 0.0
    x = alt.X(
        "channel:Q", title="Channel", scale=alt.Scale(domain=[-0.5, last + 0.5], nice=False),
        axis=alt.Axis(format="d", tickMinStep=1, grid=False),
    )  # fmt: skip
    y = alt.Y("scale:Q", title="Scale (one step)", axis=alt.Axis(format="~g", tickCount=4))
    tooltip = base.tooltips(channel=("Channel", "d"), scale=("Scale", ".6g"), zero_point=("Zero point", "d"))
    bars = alt.Chart(rows).mark_bar(size=max(1.0, min(12.0, 240.0 / (last + 1))), color=base.NEUTRAL)
    return base.layered(bars.encode(x=x, y=y, tooltip=tooltip), height=150)


def channel_scales_in_words(scales: pd.DataFrame) -> str:
    """Smallest and largest scale."""
    sentences = []
    for label, rows in scales.groupby("label", sort=False):
        each = rows["scale"].astype(float)
        wider = f", {each.max() / each.min():.3g} times as large" if each.min() > 0 else ""
        sentences.append(f"{label}: {len(each)} scales, from {each.min():.4g} to {each.max():.4g}{wider}.")
    return base.sentence_per_row(sentences, "No scale to draw.")


CHANNEL_SCALES = Chart(
    name="channel_scales", order=33, title="Scale of each channel",
    question="How different are the channels, so that one scale for all would be too coarse for some?",
    columns=SCALE_COLUMNS, draw=draw_channel_scales, alt=channel_scales_in_words, frame="scales", page="inspect",
)  # fmt: skip


# ---- Which real numbers an input or output can carry, variant by variant -------------------------------------------


def draw_end_ranges(ranges: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A bar a quantized variant, from the smallest to the largest value; floats are named and have no bar."""
    rows = base.ordered_rows(ranges)
    rows = rows.astype(dict.fromkeys(("low", "high", "step"), "float64")).assign(
        text=[range_text(row) for _, row in rows.iterrows()]
    )
    titles = base.titles_of(rows)
    known = rows.dropna(subset=["low", "high"])
    low = min(0.0, float(known["low"].min())) if len(known) else 0.0
    high = max(0.0, float(known["high"].max())) if len(known) else 0.0
    air = 0.04 * (high - low) or 1.0
    x = base.number_axis(alt.X, "low", "Real units", (low - air, high + air), ".4~g")
    y = base.technique_rows(titles, padding=0.5)
    tooltip = base.tooltips(title="Technique", text="Carries")
    words = base.labels(rows, align="left", baseline="middle", dx=4, dy=-7)
    return base.layered(
        alt.Chart(known)
        .mark_bar(height=8, yOffset=9)
        .encode(x=x, x2="high:Q", y=y, color=base.technique_color(domain), tooltip=tooltip),
        words.encode(x=alt.value(0), y=y, text="text:N", tooltip=tooltip),
        height=max(50, base.row_px(titles, 46) * len(titles)),
    )


def range_text(row: pd.Series) -> str:
    """What one variant's tensor carries: `int8: -1 to 0.992 in steps of 0.00781`."""
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return f"{row['dtype']}: any value" if "float" in str(row["dtype"]) else f"{row['dtype']}: has no scale"
    return f"{row['dtype']}: {row['low']:.3g} to {row['high']:.3g} in steps of {row['step']:.3g}"


def end_ranges_in_words(ranges: pd.DataFrame) -> str:
    """Each variant's range."""
    sentences = [f"{row['title']}: {range_text(row)}." for _, row in base.ordered_rows(ranges).iterrows()]
    return base.sentence_per_row(sentences, "No variant to draw.")


END_RANGES = Chart(
    name="end_ranges", order=30, title="Range in real units",
    question="Which real numbers can it carry, and in how fine steps?",
    columns=RANGE_COLUMNS, draw=draw_end_ranges, alt=end_ranges_in_words, frame="ranges", page="inspect",
)  # fmt: skip

CHARTS = (CHANNEL_SCALES, END_RANGES)
