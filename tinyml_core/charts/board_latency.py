"""How long one inference takes on one board: all variants, as estimates with their bands."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.band_chart import COLUMNS, draw_bands, spoken
from tinyml_core.charting import Chart, ordered_rows, sentence_per_row, technique_color, technique_rows, titles_of


def draw(fits: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A row a variant, of the first board of the frame."""
    rows = _of_one_board(fits)
    return draw_bands(rows, technique_rows(titles_of(rows)), technique_color(domain), "title")


def _of_one_board(fits: pd.DataFrame) -> pd.DataFrame:
    return ordered_rows(fits[fits["board"].eq(fits["board"].iloc[0])] if len(fits) else fits)


def alt_text(fits: pd.DataFrame) -> str:
    """Each variant's estimate and band."""
    rows = _of_one_board(fits)
    return sentence_per_row([spoken(str(row["title"]), row) for _, row in rows.iterrows()], "No variant to draw.")


CHART = Chart(
    name="board_latency",
    order=6,
    title="How fast on this board",
    question="How long does one inference of each variant take there, as far as anybody can tell?",
    columns=("technique", "title", "order", "board", "board_title", *COLUMNS),
    draw=draw,
    alt=alt_text,
    frame="fits",
    page="boards",
)
