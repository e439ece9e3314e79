"""The comparison table: one row a variant; what is not known yet says what is being done."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import choice
from pages.shared.table_cells import TIME, cells, shown_flash_bytes, spoken, time_board, training_notes
from tinyml_core import catalog
from tinyml_core.comparison import REFERENCE, Comparison
from tinyml_core.metrics import METRICS, SCORE_OF_TASK
from tinyml_core.score_words import score_head

ROW_PX = 38
LETTER_PX, CELL_PADDING_PX = 6.3, 18
LEAST_STATE_PX, MOST_STATE_PX = 200, 300
"""Of the state; a longer one would push the numbers out of sight, and the details say it whole."""
MOST_ROWS = 16
"""Of more rows the table shows so many, and scrolls."""


def draw(comparison: Comparison) -> None:
    """Draw the table; a click on a row chooses the variant that the details show."""
    rows = comparison.rows
    metric = SCORE_OF_TASK[catalog.model(comparison.question.model).task]
    head = score_head(comparison.question.model, comparison.question.dataset)
    largest = max((shown_flash_bytes(row) or 0 for row in rows), default=0)
    shown = pd.DataFrame([cells(row, comparison) for row in rows])
    # While something is being measured or has failed, what is said about it stands beside the technique.
    numbers = list(shown)[1:-1]
    order = ["Technique", *numbers]
    if not all(row.measured for row in rows):
        order.insert(1, "State")
    elif any(training_notes(row) for row in rows):
        order.append("State")
    st.dataframe(
        shown,
        hide_index=True,
        column_order=order,
        key=f"table_{len(rows)}",
        on_select=lambda: _choose(comparison, f"table_{len(rows)}"),
        selection_mode="single-row",
        column_config=_columns(largest, metric, head, _state_px(shown)) | _time_column(comparison),
        row_height=ROW_PX,
        height=ROW_PX * (1 + min(len(rows), MOST_ROWS)) + 3,
        placeholder="",
        alt=" ".join(f"{row.technique.title}: {spoken(row)}." for row in rows),
    )
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
        choice.choose(comparison.rows[chosen[0]].technique.name)


def _state_px(shown: pd.DataFrame) -> int:
    """The width that the longest state takes, within what the table can spare."""
    letters = max((len(state) for state in shown["State"]), default=0)
    return min(MOST_STATE_PX, max(LEAST_STATE_PX, round(LETTER_PX * letters) + CELL_PADDING_PX))


def _columns(largest: int, metric: str, head: str, state_px: int) -> dict[str, Any]:
    column = st.column_config

    def help_of(name: str) -> str:
        metric = METRICS[name]
        better = f" {metric.better.capitalize()} is better." if metric.better else ""
        return f"{metric.explanation}{better} How it is known: {metric.known}."

    return {
        "Technique": column.TextColumn(width=226, pinned=True),
        "Flash": column.ProgressColumn(
            help=help_of("flash_bytes"), format="%.1f KB", min_value=0, max_value=max(1.0, largest / 1024), width=105
        ),
        "Against float32": column.TextColumn(help=help_of("smaller_factor"), width=100),
        "Score": column.TextColumn(
            head[:1].upper() + head[1:], help=help_of(metric), width=155 if len(head) < 20 else 190
        ),
        METRICS["worth"].title: column.TextColumn(help=help_of("worth"), width=262),
        "Changed": column.TextColumn(help=help_of("changed"), width=70),
        "On TFLM": column.TextColumn(
            help="TensorFlow Lite Micro, which runs on microcontrollers: executed here, not looked up. ▲: it runs, but its answers "
            "are not those that the score counts.",
            width=105,
        ),
        "Arena": column.TextColumn(help=help_of("arena_bytes"), width=70),
        "This computer": column.TextColumn(help=help_of("latency_p50_ms"), width=95),
        "Boards": column.TextColumn(help="✓ fits, ▲ tight, ✗ too big, ⊘ cannot run, ? unknown", width=70),
        "State": column.TextColumn(width=state_px),
    }


def _time_column(comparison: Comparison) -> dict[str, Any]:
    index = time_board(comparison)
    if index is None:
        return {}
    title = comparison.boards[index].title
    return {
        TIME: st.column_config.TextColumn(
            f"On {title}",
            help=f"Time of one inference on {title}: the band of an estimate from published latencies of other models. Nobody has "
            "run this variant there. Another board: under My limits.",
            width=125,
        )
    }
