"""Four sizes of each variant: flash, the .tflite file, the file compressed, and its C source text."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from tinyml_core.charts import base
from tinyml_core.charts.base import Chart
from tinyml_core.domain.metrics import METRICS

_SHAPES = {"gzip_bytes": "diamond", "tflite_bytes": "square", "flash_bytes": "circle", "c_source_bytes": "triangle-up"}
_KINDS = tuple(_SHAPES)

_ROW_PX = 38
"""A line for the title, and one for the marks below it."""


def draw(table: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """Four marks a variant on a logarithmic axis, where the C text, six times the rest, leaves the others their room.

    The bar from gzip to flash is what compressing wins; the open square round the flash is the .tflite, which is the same
    but for at most 15 bytes.
    """
    rows = base.ordered_rows(table)
    marks = _marks(rows)
    titles = base.titles_of(rows)
    known = marks.dropna(subset=["size_kb"])
    flash = known["name"].eq("flash_bytes")
    tflite = known["name"].eq("tflite_bytes")
    # The domain is padded in pixels, so that the numbers beside the outermost marks have room on a phone too.
    scale = alt.Scale(type="log", domain=_range(known["size_kb"]), nice=False, padding=34)
    x = alt.X(
        "size_kb:Q", title="KB (logarithmic axis)", scale=scale,
        axis=alt.Axis(values=_round_numbers(known["size_kb"]), format="~g", labelOverlap="greedy", grid=True),
    )  # fmt: skip
    # The title stands above its marks and not beside them: composed ones are long, and a phone is narrow.
    y = alt.Y("title:N", axis=None, scale=base.names_scale(titles))
    color = base.technique_color(domain)
    shape = alt.Shape(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=[METRICS[name].title for name in _KINDS], range=list(_SHAPES.values())),
        legend=alt.Legend(orient="top", columns=2, symbolStrokeColor=base.NEUTRAL, symbolFillColor="transparent"),
    )
    tooltip = base.tooltips(
        title="Technique", kind="Size", size_text="In KB", size_bytes=("In bytes", ",d"), explanation="What it is"
    )
    mark: dict[str, Any] = {"x": x, "y": y, "shape": shape, "color": color, "tooltip": tooltip}
    won = alt.Chart(known[flash].dropna(subset=["gzip_kb"])).mark_rule(strokeWidth=5, opacity=0.35)
    text_far = alt.Chart(known[flash].dropna(subset=["c_source_kb"])).mark_rule(
        strokeWidth=1, strokeDash=[2, 3], color=base.NEUTRAL
    )
    left_of = base.labels(known[known["name"].eq("gzip_bytes")], align="right", baseline="middle", dx=-9, font_px=11)
    right_of = base.labels(
        known[flash | known["name"].eq("c_source_bytes")], align="left", baseline="middle", dx=11, font_px=11
    )
    heads = base.labels(
        marks[marks["name"].eq("flash_bytes")], align="left", baseline="middle", dy=-15, fontWeight="bold"
    )
    return base.layered(
        text_far.encode(x=x, x2="c_source_kb:Q", y=y),
        won.encode(x=alt.X("gzip_kb:Q"), x2="size_kb:Q", y=y, color=color),
        alt.Chart(known[~tflite]).mark_point(filled=True, size=80, opacity=1).encode(**mark),
        alt.Chart(known[tflite]).mark_point(filled=False, size=190, strokeWidth=1.5).encode(**mark),
        left_of.encode(x=x, y=y, text="number:N"), right_of.encode(x=x, y=y, text="number:N"),
        heads.encode(x=alt.value(0), y=y, text="head:N"), height=max(60, _ROW_PX * len(titles)),
    )  # fmt: skip


def _marks(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a variant and size."""
    marks: list[dict[str, Any]] = []
    for _, row in rows.iterrows():
        for name in _KINDS:
            size = float(row[name])
            marks.append(
                {
                    "title": row["title"],
                    "name": name,
                    "kind": METRICS[name].title,
                    "size_bytes": size,
                    "size_kb": size / 1024,
                    "gzip_kb": float(row["gzip_bytes"]) / 1024,
                    "c_source_kb": float(row["c_source_bytes"]) / 1024,
                    "size_text": base.no_number(row) if pd.isna(size) else base.bytes_text(size),
                    "head": f"{row['title']}: {base.no_number(row)}" if pd.isna(size) else row["title"],
                    "number": "" if pd.isna(size) else _short(size / 1024),
                    "explanation": METRICS[name].explanation,
                }
            )
    columns = [
        "title", "name", "kind", "size_bytes", "size_kb", "gzip_kb", "c_source_kb", "size_text", "head", "number",
        "explanation",
    ]  # fmt: skip
    return pd.DataFrame(marks, columns=columns)


def _short(size_kb: float) -> str:
    return f"{size_kb:.1f}" if size_kb < 100 else f"{size_kb:,.0f}"


def _range(sizes_kb: pd.Series[float]) -> list[float]:
    if sizes_kb.empty:
        return [1.0, 10.0]
    low, high = float(sizes_kb.min()), float(sizes_kb.max())
    return [low, high] if high > low else [low / 2, high * 2]


def _round_numbers(sizes_kb: pd.Series[float]) -> list[float]:
    """1, 2, 5, 10, 20, 50, ... as far as there are sizes."""
    low, high = _range(sizes_kb)
    steps = [digit * 10.0**power for power in range(-3, 7) for digit in (1, 2, 5)]
    return [step for step in steps if low * 0.7 <= step <= high * 1.4]


def alt_text(table: pd.DataFrame) -> str:
    """The four sizes of each variant, in words."""
    sentences = []
    for _, row in base.ordered_rows(table).iterrows():
        known = [f"{METRICS[kind].title} {base.bytes_text(row[kind])}" for kind in _KINDS if pd.notna(row[kind])]
        sentences.append(f"{row['title']}: {', '.join(known) or base.no_number(row)}.")
    return base.sentence_per_row(sentences, "No variant to draw.")


CHART = Chart(
    name="four_sizes", order=2, title="Four sizes",
    question="Which of its sizes does each variant shrink: flash, which the board must hold; gzip, which an over-the-air "
    "update and compressed storage cost; the .tflite file; or the C text, which only your source folder sees?",
    columns=("technique", "title", "order", "status", *_KINDS), draw=draw, alt=alt_text,
)  # fmt: skip
