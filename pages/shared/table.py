"""The comparison table: one row a variant; what is not known yet says what is being done."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import choice
from tinyml_core import catalog, frames
from tinyml_core.comparison import Comparison, Row
from tinyml_core.estimate_words import short
from tinyml_core.metrics import METRICS, SCORE_OF_TASK, format_bytes, format_score, format_time
from tinyml_core.outcome import Failure, Latency
from tinyml_core.sentence import factor_words

TIME = "Time on a board"
MOST_SYMBOLS = 6
WHERE = {"runs": "✓ runs", "refused": "✗ refused", "not executed": "? not executed"}


def draw(comparison: Comparison) -> None:
    """Draw the table; a click on a row chooses the variant that the details show."""
    rows = comparison.rows
    metric = SCORE_OF_TASK[catalog.models()[comparison.question.model].task]
    largest = max((row.flash_bytes or 0 for row in rows), default=0)
    shown = pd.DataFrame([_cells(row, comparison) for row in rows])
    # While something is being measured or has failed, what is said about it stands beside the technique.
    numbers = list(shown)[1:-1]
    all_well = all(row.measured for row in rows)
    order = ["Technique", *numbers] if all_well else ["Technique", "State", *numbers]
    st.dataframe(
        shown,
        hide_index=True,
        column_order=order,
        key=f"table_{len(rows)}",
        on_select=lambda: _choose(comparison, f"table_{len(rows)}"),
        selection_mode="single-row",
        column_config=_columns(largest, metric) | _time_column(comparison),
        row_height=38,
        placeholder="",
        alt=" ".join(f"{row.technique.title}: {_spoken(row)}." for row in rows),
    )
    st.caption(
        "Flash and sizes are counted. Scores and this computer's time are measured here with LiteRT; “on TFLM” and the "
        "arena are measured here with the real TensorFlow Lite Micro interpreter; the time on a board is estimated. "
        "★ is the recommended variant: the smallest that runs on TFLM and is not worse than float32 beyond "
        "chance. Tick a row for everything about it."
    )


def _choose(comparison: Comparison, key: str) -> None:
    chosen = st.session_state[key].selection.rows
    if chosen and chosen[0] < len(comparison.rows):
        choice.choose(comparison.rows[chosen[0]].technique.name)


def _columns(largest: int, metric: str) -> dict[str, Any]:
    column = st.column_config

    def help_of(name: str) -> str:
        metric = METRICS[name]
        better = f" {metric.better.capitalize()} is better." if metric.better else ""
        return f"{metric.explanation}{better} How it is known: {metric.known}."

    return {
        "Technique": column.TextColumn(width=195, pinned=True),
        "Flash": column.ProgressColumn(
            help=help_of("flash_bytes"), format="%.1f KB", min_value=0, max_value=max(1.0, largest / 1024), width=120
        ),
        "Against float32": column.TextColumn(help=help_of("smaller_factor"), width=100),
        "Score": column.TextColumn(help=help_of(metric), width=155),
        "Changed": column.TextColumn(help=help_of("changed"), width=70),
        "On TFLM": column.TextColumn(help="Executed on the real interpreter, not looked up.", width=85),
        "Arena": column.TextColumn(help=help_of("arena_bytes"), width=70),
        "This computer": column.TextColumn(help=help_of("latency_p50_ms"), width=95),
        "Boards": column.TextColumn(help="✓ fits, ▲ tight, ✗ too big, ⊘ cannot run, ? unknown", width=70),
        "State": column.TextColumn(width="medium"),
    }


def _time_board(comparison: Comparison) -> int | None:
    """Which chosen board the table estimates the time for: that of the limits, else the first."""
    names = [board.name for board in comparison.boards]
    if not names:
        return None
    wanted = comparison.question.limits.board
    return names.index(wanted) if wanted in names else 0


def _time_column(comparison: Comparison) -> dict[str, Any]:
    index = _time_board(comparison)
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


def _cells(row: Row, comparison: Comparison) -> dict[str, Any]:
    measured, score, flash = row.measured, row.score, row.flash_bytes
    arena = measured.micro.arena_minimum_bytes if measured else None
    index = _time_board(comparison)
    return {
        "Technique": f"★ {row.technique.title}" if row.picked else row.technique.title,
        "Flash": None if flash is None else round(flash / 1024, 1),
        "Against float32": factor_words(row.smaller_factor) if row.smaller_factor else None,
        "Score": None if score is None else _score(row),
        "Changed": None if row.agreement is None else f"{row.agreement.changed}",
        "On TFLM": None if measured is None else WHERE[measured.micro.status],
        "Arena": None if arena is None else format_bytes(arena),
        "This computer": _latency(row),
        **(
            {}
            if index is None
            else {TIME: short(row.latencies[index], row.fits[index].verdict) if row.latencies else None}
        ),
        "Boards": _boards(row),
        "State": state(row),
    }


def _boards(row: Row) -> str | None:
    """A symbol a board, or how often each verdict where there are many."""
    symbols = [frames.SYMBOLS[fit.verdict] for fit in row.fits]
    if len(symbols) > MOST_SYMBOLS:
        return " ".join(f"{symbol}{symbols.count(symbol)}" for symbol in frames.SYMBOLS.values() if symbol in symbols)
    return "".join(symbols) or None


def _score(row: Row) -> str:
    score = row.score
    assert score is not None
    low, high = (format_score(score.metric, limit).removesuffix(" %") for limit in (score.low, score.high))
    return f"{format_score(score.metric, score.value)} [{low} to {high}]"


def _latency(row: Row) -> str | None:
    if isinstance(row.latency, Latency):
        return f"{format_time(row.latency.p50_ms)}{' (busy)' if row.latency.busy else ''}"
    if isinstance(row.latency, Failure):
        return "not measured"
    return "waiting for a quiet moment" if row.measured else None


def state(row: Row) -> str:
    """What is being done, what went wrong, or that it is measured."""
    if row.outcome is None:
        return f"… {row.stage}"
    if isinstance(row.outcome, Failure):
        return f"✗ {row.outcome.reason}"
    return (
        f"measured, {len(row.warnings)} notes"
        if len(row.warnings) > 1
        else "measured, 1 note"
        if row.warnings
        else "measured"
    )


def _spoken(row: Row) -> str:
    if row.flash_bytes is None:
        return state(row)
    size = format_bytes(row.flash_bytes)
    return f"{size}, {_score(row)}" if row.score else size
