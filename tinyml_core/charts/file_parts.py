"""Where flash goes: the bytes of one file, part by part."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import Chart, sentence_per_row
from tinyml_core.labelled_bars import labelled_bars


def draw(parts: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A bar a part: operators in order of execution, then what is not weights.

    `domain` is taken as all charts take it, and not used.
    """
    sizes = parts["size_bytes"].astype(float)
    shares = parts["share"].astype(float)
    rows = parts.assign(
        size_bytes=sizes,
        text=[_size_text(size, share) for size, share in zip(sizes, shares, strict=True)],
    )
    longest = float(sizes.max()) if len(rows) else 0.0
    x = alt.X(
        "size_bytes:Q",
        title="Bytes (share of the file behind each bar)",
        scale=alt.Scale(domain=[0, 1.6 * longest or 1.0], nice=False),
        axis=alt.Axis(format="~s", tickCount=4),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Part"),
        alt.Tooltip("kind:N", title="Kind"),
        alt.Tooltip("size_bytes:Q", title="Bytes", format=",d"),
    ]
    return labelled_bars(rows, x, tooltip)


def _size_text(size_bytes: float, share: float) -> str:
    return f"{size_bytes:,.0f}" if pd.isna(share) else f"{size_bytes:,.0f} ({100 * share:.1f} %)"


def alt_text(parts: pd.DataFrame) -> str:
    """Each part's bytes."""
    sentences = [
        f"{row['label']}: {_size_text(float(row['size_bytes']), float(row['share']))}." for _, row in parts.iterrows()
    ]
    return sentence_per_row(sentences, "No part to draw.")


CHART = Chart(
    name="file_parts",
    order=31,
    title="Where flash goes",
    question="Which layers fill the file, and how much of it is no weights at all?",
    columns=("label", "kind", "size_bytes", "share"),
    draw=draw,
    alt=alt_text,
    frame="file_parts",
    page="inspect",
)
