"""One variant on one board in full: both sums, time and energy, what would make it fit, and the board's card."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import board_card, board_table, boards_view, npu_view, speed_view
from tinyml_core.boards.board import boards_with
from tinyml_core.boards.remedies import remedies, smallest_board
from tinyml_core.comparison import Comparison, Row
from tinyml_core.inspection import Inspection
from tinyml_core.placing import fits_on


def draw(comparison: Comparison, fits: pd.DataFrame) -> None:
    """The cell that was clicked; the recommended variant on the first board if none was.

    Args:
        comparison: With at least one variant measured.
        fits: Its frame of variants and boards.
    """
    rows = {row.technique.name: row for row in comparison.rows if row.fits}
    st.divider()
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        row = rows[_variant(rows)]
    with right:
        index = _board(comparison)
    board, fit = comparison.boards[index], row.fits[index]
    with st.container(border=True):
        boards_view.one(fit, board, row.technique.name)
        others = {other.technique.title: other.fits[index] for other in rows.values() if other is not row}
        for sentence in remedies(fit, board, _operators(row), others):
            st.markdown(f":material/lightbulb: {sentence}")
        if board.npu is not None and board.npu.compiled_for:
            npu_view.draw(row, board)
    st.caption(_smallest(row, comparison))
    speed_view.draw(comparison, row, index, fits)
    board_table.draw(row, fits)
    board_card.draw(board)


def _variant(rows: dict[str, Row]) -> str:
    """The box that names the variant; follows the recommendation until a person chooses."""
    state = st.session_state
    if state.get("cell_variant") not in rows or not state.get("cell_chosen"):
        running = [name for name, row in rows.items() if row.measured and row.measured.micro.status == "runs"]
        smallest = min(running, key=lambda name: rows[name].flash_bytes or 0, default=next(iter(rows)))
        state.cell_variant = next((name for name, row in rows.items() if row.picked), smallest)
        state.cell_chosen = False

    def choose() -> None:
        state.cell_chosen = True

    return str(
        st.selectbox(
            "Variant",
            list(rows),
            key="cell_variant",
            format_func=lambda name: rows[name].technique.title,
            on_change=choose,
        )
    )


def _board(comparison: Comparison) -> int:
    titles = {board.name: board.title for board in comparison.boards}
    if st.session_state.get("cell_board") not in titles:
        st.session_state.cell_board = next(iter(titles))
    chosen = st.selectbox("Board", list(titles), key="cell_board", format_func=lambda name: titles[name])
    return list(titles).index(str(chosen))


def _smallest(row: Row, comparison: Comparison) -> str:
    """The other way round: of all boards, not only the chosen ones, the smallest that runs this variant."""
    known = boards_with(comparison.question.own_boards)
    assert row.measured is not None
    board = smallest_board(fits_on(row.measured, tuple(known.values())), known)
    if board is None:
        return f"None of the {len(known)} known boards runs {row.technique.title}."
    return (
        f"The smallest of all {len(known)} known boards that runs {row.technique.title}: **{board.title}** "
        f"({board.ram_contiguous_bytes.value // 1024:,} KB of RAM, {board.flash_usable_bytes.value // 1024:,} KB of flash)."
    )


def _operators(row: Row) -> tuple[str, ...]:
    inspection = row.measured.inspection if row.measured else None
    return inspection.operators if isinstance(inspection, Inspection) else ()
