"""The comparison table: one row a variant; what is not known yet says what is being done."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import widgets
from tinyml_core.compare.columns import Column, Shown, placed, score_with_interval, state, training_notes
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.domain.metrics import format_bytes
from tinyml_core.domain.technique import REFERENCE

ROW_PX = 38
LETTER_PX, CELL_PADDING_PX = 6.3, 18

LEAST_STATE_PX, MOST_STATE_PX = 200, 300
"""Of the state; a longer one would push the numbers out of sight, and the details say it whole."""

LONG_HEAD = 20
"""Letters from which a column takes its other width."""

MOST_ROWS = 16
"""Of more rows the table shows so many, and scrolls."""


def draw(comparison: Comparison) -> None:
    """Draw the table; a click on a row chooses the variant that the details show."""
    rows = comparison.rows
    columns = placed("page", comparison)
    cells = {column.title: [column.shown("page", row, comparison) for row in rows] for column in columns}
    # While something is being measured or has failed, what is said about it stands beside the technique.
    order = [title for title in cells if title != "State"]
    if not all(row.measured for row in rows):
        order.insert(1, "State")
    elif any(training_notes(row) for row in rows):
        order.append("State")
    st.dataframe(
        pd.DataFrame({title: [_rounded(cell) for cell in column] for title, column in cells.items()}), hide_index=True,
        column_order=order, key=f"table_{len(rows)}", on_select=lambda: _choose(comparison, f"table_{len(rows)}"),
        selection_mode="single-row",
        column_config={column.title: _config(column, cells, comparison) for column in columns}, row_height=ROW_PX,
        height=ROW_PX * (1 + min(len(rows), MOST_ROWS)) + 3, placeholder="",
        alt=" ".join(f"{row.technique.title}: {_spoken(row)}." for row in rows),
    )  # fmt: skip
    st.caption(
        f"{_yardstick(comparison)}Flash and sizes are counted. {_scored_with(comparison)} “On TFLM” says whether TensorFlow Lite "
        "Micro (TFLM), the interpreter that runs on microcontrollers, executes it; the arena is the RAM that it needs while it "
        "runs. Both are measured here with the real interpreter; the time on a board is estimated. "
        f"{_recommended(comparison)} Tick a row for everything about it."
    )


def _yardstick(comparison: Comparison) -> str:
    """Says that float32 is there, where no row shows it."""
    if comparison.row(REFERENCE) is not None:
        return ""
    return "All is compared with float32, which is measured too, though it was not chosen and has no row. "


def _recommended(comparison: Comparison) -> str:
    if not comparison.question.dataset:
        return "Without data nothing is scored, so no variant is recommended."
    return "★ is the recommended variant: the smallest that runs on TFLM and is not worse than float32 beyond chance."


def _scored_with(comparison: Comparison) -> str:
    if not comparison.question.dataset:
        return "This computer's time is measured here with LiteRT."
    words = "Scores and this computer's time are measured here with LiteRT"
    if not any(row.packed for row in comparison.rows):
        return f"{words}."
    return f"{words}; packed variants are scored on TFLM, which alone can read them, and not timed."


def _choose(comparison: Comparison, key: str) -> None:
    chosen = st.session_state[key].selection.rows
    if chosen and chosen[0] < len(comparison.rows):
        widgets.choose(comparison.rows[chosen[0]].technique.name)


def _state_px(states: list[Shown]) -> int:
    """The width that the longest state takes, within what the table can spare."""
    letters = max((len(str(state)) for state in states), default=0)
    return min(MOST_STATE_PX, max(LEAST_STATE_PX, round(LETTER_PX * letters) + CELL_PADDING_PX))


def _rounded(cell: Shown) -> Shown:
    return round(cell, 1) if isinstance(cell, float) else cell


def _config(column: Column, cells: dict[str, list[Shown]], comparison: Comparison) -> Any:
    """How Streamlit draws a column."""
    head, place = column.head_at("page", comparison), column.page
    assert place is not None
    about: dict[str, Any] = {
        "label": None if head == column.title else head,
        "width": (place.long_px if len(head) >= LONG_HEAD else 0) or place.width_px or _state_px(cells["State"]),
        "help": column.tooltip(comparison),
    }
    if column.bar:
        largest = max(1.0, *(float(cell or 0) for cell in cells[column.title]))
        return st.column_config.ProgressColumn(**about, format=column.bar, min_value=0, max_value=largest)
    return st.column_config.TextColumn(**about, pinned=column.title == next(iter(cells)) or None)


def _spoken(row: Row) -> str:
    """The row for those who cannot see the table."""
    if row.flash_bytes is None:
        return state(row)
    size = format_bytes(row.flash_bytes)
    return f"{size}, {score_with_interval(row.score)}" if row.score else size
