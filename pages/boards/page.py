"""The Boards page: what is best within the limits, the map, one variant on one board in full, and all boards in a table."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.boards import cell, own
from pages.shared import chart_view, run
from tinyml_core.compare import frames
from tinyml_core.compare.comparison import Comparison
from tinyml_core.compare.question import Question


def live(question: Question) -> None:
    """Draw what is known; comes back by itself while variants are measured."""
    asked = run.ask(question)
    comparison = asked.snapshot()
    if not asked.done:
        run.wait_for_rows(lambda: run.ask(question), run.known(comparison), lambda asked: asked.done)
    if not question.boards:
        st.info("Choose at least one board under Boards above.", icon=":material/developer_board:")
    elif any(row.fits for row in comparison.rows):
        fits = frames.fits(comparison)
        with st.container(key="found"):
            run.draw(comparison)
            _map(comparison, fits)
        cell.draw_one_cell(comparison, fits)
    own.draw()


def _map(comparison: Comparison, fits: pd.DataFrame) -> None:
    chart = chart_view.named("board_map")
    st.subheader(chart.title, anchor=False)
    st.caption(
        f"{chart.question} Click a cell for the whole sum, the time and the energy. RAM holds the arena, "
        "which TensorFlow Lite Micro (TFLM), the interpreter that runs there, needs while it runs."
    )
    chart_view.draw(chart, fits, frames.colour_order(comparison), key="board_map", on_select=_choose)


def _choose() -> None:
    chosen = cell_of(st.session_state["board_map"].selection)
    if chosen is not None:
        st.session_state.cell_variant, st.session_state.cell_board = chosen
        st.session_state.cell_chosen = True


def cell_of(selection: Any) -> tuple[str, str] | None:
    """Technique and board of a clicked cell, or None."""
    points = selection.get("cell") or []
    if not points or "technique" not in points[0] or "board" not in points[0]:
        return None
    return str(points[0]["technique"]), str(points[0]["board"])
