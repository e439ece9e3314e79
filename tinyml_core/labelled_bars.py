"""Horizontal bars with a word behind each: what charts of layers and operators share."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import NEUTRAL, TEXT, layered, named_rows


def labelled_bars(rows: pd.DataFrame, x: alt.X, tooltip: list[alt.Tooltip]) -> alt.LayerChart:
    """A bar a row, in their order.

    Args:
        rows: With the columns `label` (what stands before a bar) and `text` (what stands behind it).
        x: Field, axis and scale of the bars' length.
        tooltip: Of bars and words.
    """
    y = named_rows("label:N", [str(label) for label in rows["label"]], label_limit_px=170)
    base = alt.Chart(rows)
    return layered(
        base.mark_bar(color=NEUTRAL, cornerRadiusEnd=2).encode(x=x, y=y, tooltip=tooltip),
        base.mark_text(align="left", baseline="middle", dx=5, fontSize=12, color=TEXT).encode(
            x=alt.X(x.shorthand), y=y, text="text:N", tooltip=tooltip
        ),
        height=max(80, 22 * len(rows)),
    )
