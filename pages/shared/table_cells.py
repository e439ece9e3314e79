"""The cells of the comparison table: one variant's numbers as a person reads them."""

from __future__ import annotations

import textwrap
from typing import Any

from tinyml_core import frames
from tinyml_core.comparison import Comparison, Row
from tinyml_core.estimate_words import short
from tinyml_core.likeness import Likeness
from tinyml_core.metrics import METRICS, format_bytes, format_score, format_time
from tinyml_core.outcome import Failure, Latency, Score
from tinyml_core.picking import computes_wrongly, scored_as_on_board
from tinyml_core.sentence import factor_words

TIME = "Time on a board"
MOST_SYMBOLS = 6
MOST_LETTERS = 76
"""Of a state; the column is as wide as the longest, and numbers shall stay in sight."""
WHERE = {"runs": "✓ runs", "refused": "✗ refused", "not executed": "? not executed"}


def time_board(comparison: Comparison) -> int | None:
    """Which chosen board the table estimates the time for: that of the limits, else the first."""
    names = [board.name for board in comparison.boards]
    if not names:
        return None
    wanted = comparison.question.limits.board
    return names.index(wanted) if wanted in names else 0


def cells(row: Row, comparison: Comparison) -> dict[str, Any]:
    """All cells of a row, by column; None where nothing is known yet."""
    measured, flash = row.measured, shown_flash_bytes(row)
    arena = measured.micro.arena_minimum_bytes if measured else None
    index = time_board(comparison)
    return {
        "Technique": f"★ {row.technique.title}" if row.picked else row.technique.title,
        "Flash": None if flash is None else round(flash / 1024, 1),
        "Against float32": factor_words(row.smaller_factor) if row.smaller_factor else None,
        "Score": _shown_score(row),
        METRICS["worth"].title: None if row.worth is None else row.worth.text,
        "Changed": _changed(row),
        "On TFLM": _on_tflm(row),
        "Arena": None if arena is None else format_bytes(arena),
        "Boards": _boards(row),
        **(
            {}
            if index is None
            else {TIME: short(row.latencies[index], row.fits[index].verdict) if row.latencies else None}
        ),
        # Last of the numbers: a wide table is cut at its end, and nothing is ranked by this one.
        "This computer": _latency(row),
        "State": state(row),
    }


def shown_flash_bytes(row: Row) -> int | None:
    """Flash as soon as the file is read: it needs no other variant and does not change any more."""
    early = row.so_far.inspection
    return early.sizes.flash_bytes if row.outcome is None and early is not None else row.flash_bytes


def _changed(row: Row) -> str | None:
    if row.agreement is not None:
        return f"{row.agreement.changed}"
    return row.likeness.short if isinstance(row.likeness, Likeness) else None


def _boards(row: Row) -> str | None:
    """A symbol a board, or how often each verdict where there are many."""
    symbols = [frames.SYMBOLS[fit.verdict] for fit in row.fits]
    if len(symbols) > MOST_SYMBOLS:
        return " ".join(f"{symbol}{symbols.count(symbol)}" for symbol in frames.SYMBOLS.values() if symbol in symbols)
    return "".join(symbols) or None


def _on_tflm(row: Row) -> str | None:
    if row.measured is None:
        return None
    if row.measured.micro.status == "runs" and not scored_as_on_board(row):
        return "▲ runs wrongly" if computes_wrongly(row) else "▲ differs"
    return WHERE[row.measured.micro.status]


def _shown_score(row: Row) -> str | None:
    score = row.measured.score if row.measured else row.so_far.score
    return f"not scored: {score.reason}" if isinstance(score, Failure) else _score(score) if score else None


def _score(score: Score) -> str:
    low, high = (format_score(score.metric, limit).removesuffix(" %") for limit in (score.low, score.high))
    return f"{format_score(score.metric, score.value)} [{low} to {high}]"


def _latency(row: Row) -> str | None:
    if isinstance(row.latency, Latency):
        return f"{format_time(row.latency.p50_ms)}{' (busy)' if row.latency.busy else ''}"
    if isinstance(row.latency, Failure):
        return f"not measured: {row.latency.reason}"
    return "waiting for a quiet moment" if row.measured else None


def state(row: Row) -> str:
    """What is being done, what went wrong, or that it is measured; cut where the details say it whole."""
    return textwrap.shorten(_whole_state(row), MOST_LETTERS, placeholder=" …")


def _whole_state(row: Row) -> str:
    if row.outcome is None:
        return f"… {row.stage}"
    if isinstance(row.outcome, Failure):
        return "■ was stopped" if row.outcome.stopped else f"✗ {row.outcome.reason}"
    told = [*training_notes(row), *_count(len(row.warnings))]
    return ", ".join(["measured", *told])


def training_notes(row: Row) -> list[str]:
    """What training left to be told, in the fewest words."""
    if row.measured is None:
        return []
    facts = row.measured.training
    dense = [f"left as they were: {', '.join(facts.dense_layers)}"] if facts.dense_layers else []
    return dense + [note.rstrip(".") for note in facts.notes]


def _count(warnings: int) -> list[str]:
    return [f"{warnings} notes" if warnings > 1 else "1 note"] if warnings else []


def spoken(row: Row) -> str:
    """The row for those who cannot see the table."""
    if row.flash_bytes is None:
        return state(row)
    size = format_bytes(row.flash_bytes)
    return f"{size}, {_score(row.score)}" if row.score else size
