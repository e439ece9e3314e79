"""The scales of one tensor, channel by channel."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import NEUTRAL, Chart, layered, sentence_per_row


def draw(scales: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A thin bar a channel.

    `domain` is taken as all charts take it, and not used.
    """
    rows = scales.astype(dict.fromkeys(("channel", "scale", "zero_point"), "float64"))
    last = float(rows["channel"].max()) if len(rows) else 0.0
    x = alt.X(
        "channel:Q",
        title="Channel",
        scale=alt.Scale(domain=[-0.5, last + 0.5], nice=False),
        axis=alt.Axis(format="d", tickMinStep=1, grid=False),
    )
    y = alt.Y("scale:Q", title="Scale (one step)", axis=alt.Axis(format="~g", tickCount=4))
    tooltip = [
        alt.Tooltip("channel:Q", title="Channel", format="d"),
        alt.Tooltip("scale:Q", title="Scale", format=".6g"),
        alt.Tooltip("zero_point:Q", title="Zero point", format="d"),
    ]
    base = alt.Chart(rows).encode(x=x, y=y, tooltip=tooltip)
    return layered(
        base.mark_bar(size=max(1.0, min(12.0, 240.0 / (last + 1))), color=NEUTRAL),
        height=150,
    )


def alt_text(scales: pd.DataFrame) -> str:
    """Smallest and largest scale."""
    sentences = []
    for label, rows in scales.groupby("label", sort=False):
        each = rows["scale"].astype(float)
        wider = f", {each.max() / each.min():.3g} times as large" if each.min() > 0 else ""
        sentences.append(f"{label}: {len(each)} scales, from {each.min():.4g} to {each.max():.4g}{wider}.")
    return sentence_per_row(sentences, "No scale to draw.")


CHART = Chart(
    name="channel_scales",
    order=33,
    title="Scale of each channel",
    question="How different are the channels, so that one scale for all would be too coarse for some?",
    columns=("label", "channel", "scale", "zero_point"),
    draw=draw,
    alt=alt_text,
    frame="scales",
    page="inspect",
)
