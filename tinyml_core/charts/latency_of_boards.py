"""How long one inference of one variant takes: all chosen boards, as estimates with their bands."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.band_chart import COLUMNS, draw_bands, spoken
from tinyml_core.charting import Chart, named_rows, sentence_per_row

MOST_ROWS = 8


def draw(fits: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A row a board, the fastest first, of the first variant of the frame; grey, for colour means technique.

    `domain` is taken as all charts take it, and not used.
    """
    rows = _of_one_variant(fits)
    boards = [str(title) for title in rows["board_title"]]
    return draw_bands(rows, named_rows("board_title:N", boards), None, "board_title")


def _of_one_variant(fits: pd.DataFrame) -> pd.DataFrame:
    rows = fits[fits["technique"].eq(fits["technique"].iloc[0])] if len(fits) else fits
    known = rows["latency_ms"].astype(float).notna()
    if len(rows) > MOST_ROWS and known.any():
        rows = rows[known]  # a long list of boards without an estimate tells nobody anything
    return rows.assign(latency_ms=rows["latency_ms"].astype(float)).sort_values(
        ["latency_ms", "board_order"], kind="stable", na_position="last"
    )


def alt_text(fits: pd.DataFrame) -> str:
    """Each board's estimate and band."""
    rows = _of_one_variant(fits)
    titles = ", ".join(str(title) for title in fits["title"].drop_duplicates())
    sentences = [spoken(str(row["board_title"]), row) for _, row in rows.iterrows()]
    return sentence_per_row([f"Of {titles}.", *sentences] if sentences else [], "No board to draw.")


CHART = Chart(
    name="latency_of_boards",
    order=7,
    title="How fast on each board",
    question="How long does one inference of this variant take on each board, as far as anybody can tell?",
    columns=("technique", "title", "board", "board_title", "board_order", *COLUMNS),
    draw=draw,
    alt=alt_text,
    frame="fits",
    page="boards",
)
