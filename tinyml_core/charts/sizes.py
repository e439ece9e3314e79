"""Four sizes of each variant: flash, the .tflite file, the file compressed, and its C source text."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from tinyml_core.charting import TEXT, Chart, bytes_text, layered, ordered_rows, sentence_per_row, technique_color
from tinyml_core.metrics import METRICS

_KINDS = ("flash_bytes", "tflite_bytes", "gzip_bytes", "c_source_bytes")
_ROW_PX = 19


def draw(table: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A group of four bars a variant under its title, all on one scale that starts at zero."""
    rows = ordered_rows(table)
    heads, bars = _heads_and_bars(rows)
    keys = [key for head, group in zip(heads["row"], _groups(bars, len(heads)), strict=True) for key in (head, *group)]
    largest = bars["size_bytes"].max() if len(bars) else float("nan")
    widest = 1.0 if pd.isna(largest) else float(largest) / 1024

    # a quarter more than the longest bar, for the number behind it
    x = alt.X("size_kb:Q", title=None, scale=alt.Scale(domain=[0, 1.28 * widest], nice=False), axis=None)
    y = alt.Y(
        "row:N",
        title=None,
        scale=alt.Scale(domain=keys) if keys else alt.Undefined,
        axis=alt.Axis(labelExpr="split(datum.label, '|')[1]", labelLimit=120, labelPadding=8, labelOverlap=False),
    )
    color = technique_color(domain)
    tooltip = [
        alt.Tooltip("title:N", title="Technique"),
        alt.Tooltip("kind:N", title="Size"),
        alt.Tooltip("size_text:N", title="In KB"),
        alt.Tooltip("size_bytes:Q", title="In bytes", format=",d"),
        alt.Tooltip("explanation:N", title="What it is"),
    ]
    weight = alt.Opacity("weight:Q", scale=None, legend=None)
    drawn = alt.Chart(bars.dropna(subset=["size_bytes"])).mark_bar(size=13)
    numbers = alt.Chart(bars).mark_text(align="left", baseline="middle", dx=5, fontSize=12, color=TEXT)
    titles = alt.Chart(heads).mark_text(align="left", baseline="middle", dy=2, fontSize=13, fontWeight="bold")
    return layered(
        drawn.encode(x=x, y=y, color=color, opacity=weight, tooltip=tooltip),
        numbers.encode(x=alt.X("end_kb:Q"), y=y, text="size_text:N"),
        titles.encode(x=alt.X("end_kb:Q"), y=y, text="title:N", color=color),
        height=max(60, _ROW_PX * len(keys)),
    )


def _heads_and_bars(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two tidy frames: one row a title, and one row a bar."""
    heads: list[dict[str, Any]] = []
    bars: list[dict[str, Any]] = []
    for _, row in rows.iterrows():
        heads.append({"row": f"{row['technique']}|", "title": row["title"], "end_kb": 0.0})
        for kind in _KINDS:
            size = float(row[kind])
            bars.append(
                {
                    "row": f"{row['technique']}|{METRICS[kind].title}",
                    "title": row["title"],
                    "kind": METRICS[kind].title,
                    "size_bytes": size,
                    "size_kb": size / 1024,
                    "end_kb": 0.0 if pd.isna(size) else size / 1024,
                    "size_text": "not measured" if pd.isna(size) else bytes_text(size),
                    "weight": 1.0 if kind == "flash_bytes" else 0.55,
                    "explanation": METRICS[kind].explanation,
                }
            )
    bar_columns = ["row", "title", "kind", "size_bytes", "size_kb", "end_kb", "size_text", "weight", "explanation"]
    return pd.DataFrame(heads, columns=["row", "title", "end_kb"]), pd.DataFrame(bars, columns=bar_columns)


def _groups(bars: pd.DataFrame, count: int) -> list[list[str]]:
    keys = [str(key) for key in bars["row"]]
    return [keys[i * len(_KINDS) : (i + 1) * len(_KINDS)] for i in range(count)]


def alt_text(table: pd.DataFrame) -> str:
    """The four sizes of each variant, in words."""
    sentences = []
    for _, row in ordered_rows(table).iterrows():
        known = [f"{METRICS[kind].title} {bytes_text(row[kind])}" for kind in _KINDS if pd.notna(row[kind])]
        sentences.append(f"{row['title']}: {', '.join(known) or 'not measured'}.")
    return sentence_per_row(sentences, "No variant to draw.")


CHART = Chart(
    name="sizes",
    order=2,
    title="Four sizes",
    question="How large is each variant, and which of its sizes is meant?",
    columns=("technique", "title", "order", *_KINDS),
    draw=draw,
    alt=alt_text,
)
