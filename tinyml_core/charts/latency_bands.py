"""Estimates with their bands, one row each, on a logarithmic axis: what the charts of latency on boards share."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from tinyml_core.charts import base
from tinyml_core.charts.base import Chart
from tinyml_core.domain.metrics import format_time

ROW_PX = 34
COLUMNS = ("latency_low_ms", "latency_ms", "latency_high_ms", "latency_text", "runtime", "verdict")


def draw_bands(rows: pd.DataFrame, y: alt.Y, color: alt.Color | None, names: str) -> alt.LayerChart:
    """A dot at each estimate and a line over its band; rows without an estimate say so.

    `rows` are sorted and have `COLUMNS`, NaN where there is no estimate; their column `names` stands in the tooltip. No
    `color` is grey.
    """
    numbers = rows[list(COLUMNS[:3])].astype(float)
    said = zip(numbers["latency_ms"], rows["latency_text"], rows["verdict"], strict=True)
    rows = rows.assign(**numbers, known=numbers["latency_ms"].notna(), text=[_words(*each) for each in said])
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
    tooltip = base.tooltips(
        **{names: names.removesuffix("_title").capitalize()}, latency_text="Time",
        latency_low_ms=("Band from, ms", ".3~g"), latency_high_ms=("Band to, ms", ".3~g"), runtime="Kernels",
    )  # fmt: skip
    shared: dict[str, Any] = {"y": y, "tooltip": tooltip}
    paint = alt.value(base.NEUTRAL) if color is None else color
    drawn = alt.Chart(rows[rows["known"]])
    words = base.labels(rows, align="left", baseline="middle", dx=6)
    return base.layered(
        drawn.mark_rule(strokeWidth=3, opacity=0.55).encode(
            x=alt.X("latency_low_ms:Q"), x2="latency_high_ms:Q", color=paint, **shared
        ),
        drawn.mark_point(filled=True, size=90, opacity=1).encode(x=x, color=paint, **shared),
        words.encode(x=alt.X("text_at:Q"), text="text:N", **shared),
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


# ---- How long one inference takes on one board: all variants, as estimates with their bands ------------------------


def draw_board_latency(fits: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A row a variant, of the first board of the frame."""
    rows = _of_one_board(fits)
    return draw_bands(rows, base.technique_rows(base.titles_of(rows)), base.technique_color(domain), "title")


def _of_one_board(fits: pd.DataFrame) -> pd.DataFrame:
    return base.ordered_rows(fits[fits["board"].eq(fits["board"].iloc[0])] if len(fits) else fits)


def board_latency_in_words(fits: pd.DataFrame) -> str:
    """Each variant's estimate and band."""
    rows = _of_one_board(fits)
    return base.sentence_per_row([spoken(str(row["title"]), row) for _, row in rows.iterrows()], "No variant to draw.")


BOARD_LATENCY = Chart(
    name="board_latency", order=6, title="How fast on this board",
    question="How long does one inference of each variant take there, as far as anybody can tell?",
    columns=("technique", "title", "order", "board", "board_title", *COLUMNS),
    draw=draw_board_latency, alt=board_latency_in_words, frame="fits", page="boards",
)  # fmt: skip

# ---- How long one inference of one variant takes: all chosen boards, as estimates with their bands -----------------


MOST_ROWS = 8


def draw_latency_of_boards(fits: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A row a board, the fastest first, of the first variant of the frame; grey, for colour means technique."""
    rows = _of_one_variant(fits)
    return draw_bands(
        rows, base.named_rows("board_title:N", [str(title) for title in rows["board_title"]]), None, "board_title"
    )


def _of_one_variant(fits: pd.DataFrame) -> pd.DataFrame:
    rows = fits[fits["technique"].eq(fits["technique"].iloc[0])] if len(fits) else fits
    known = rows["latency_ms"].astype(float).notna()
    if len(rows) > MOST_ROWS and known.any():
        rows = rows[known]  # a long list of boards without an estimate tells nobody anything
    return rows.assign(latency_ms=rows["latency_ms"].astype(float)).sort_values(
        ["latency_ms", "board_order"], kind="stable", na_position="last"
    )


def latency_of_boards_in_words(fits: pd.DataFrame) -> str:
    """Each board's estimate and band."""
    rows = _of_one_variant(fits)
    titles = ", ".join(str(title) for title in fits["title"].drop_duplicates())
    sentences = [spoken(str(row["board_title"]), row) for _, row in rows.iterrows()]
    return base.sentence_per_row(sentences, "No board to draw.", f"Of {titles}.")


LATENCY_OF_BOARDS = Chart(
    name="latency_of_boards", order=7, title="How fast on each board",
    question="How long does one inference of this variant take on each board, as far as anybody can tell?",
    columns=("technique", "title", "board", "board_title", "board_order", *COLUMNS),
    draw=draw_latency_of_boards, alt=latency_of_boards_in_words, frame="fits", page="boards",
)  # fmt: skip

CHARTS = (BOARD_LATENCY, LATENCY_OF_BOARDS)
