"""A comparison as plain text for a terminal."""

from __future__ import annotations

from tinyml_core.boards.placing import estimated
from tinyml_core.compare.advice import advise
from tinyml_core.compare.columns import placed
from tinyml_core.compare.comparison import Comparison
from tinyml_core.compare.sentences import summary
from tinyml_core.domain.metrics import format_bytes
from tinyml_core.domain.outcome import Failure, Outcome

MOST_TIMES = 4
"""On how many boards times are printed; the record holds all."""


def columns(rows: list[tuple[str, ...]]) -> str:
    """Rows as aligned columns; the first row is the head."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def comparison_text(comparison: Comparison, title: str) -> str:
    """Table, failures, warnings and summary."""
    parts = [title, columns(_table(comparison))]
    for row in comparison.rows:
        if isinstance(row.outcome, Failure):
            parts.append(f"{row.technique.name}: {row.outcome.reason} {row.outcome.advice}".rstrip())
        elif row.measured and row.measured.micro.status != "runs":
            parts.append(f"{row.technique.name} on TFLM: {row.measured.micro.cause} {row.measured.micro.fix}")
        parts += [f"{row.technique.name}: {warned.title}. {warned.text}" for warned in row.warnings]
        parts += [f"{row.technique.name}: {note}" for note in row.notes]
    parts += [f"{row.technique.name}, worth it? {row.tradeoff.text}." for row in comparison.rows if row.tradeoff]
    for index, board in enumerate(comparison.boards[:MOST_TIMES]):
        for row in comparison.rows:
            if row.fits and row.measured and row.measured.micro.status == "runs":
                words = estimated(row.latencies[index], row.energies[index])
                parts.append(f"{row.technique.name} on {board.title}: {words}")
    parts.append(summary(comparison))
    advised = advise(comparison, comparison.question.limits)
    if advised is not None and comparison.question.limits.given:
        parts.append(advised.text)
    return "\n".join(part for part in parts if part)


def _table(comparison: Comparison) -> list[tuple[str, ...]]:
    shown = placed("terminal", comparison)
    cells = [[column.shown("terminal", row, comparison) for column in shown] for row in comparison.rows]
    heads = tuple(column.head_at("terminal", comparison) for column in shown)
    return [heads, *(tuple("-" if cell is None else str(cell) for cell in row) for row in cells)]


def outcome_line(outcome: Outcome) -> str:
    """One variant's outcome in a few words."""
    if isinstance(outcome, Failure):
        return outcome.reason if outcome.stopped else f"failed while {outcome.stage}: {outcome.reason}"
    inspection = outcome.inspection
    size = "unreadable" if isinstance(inspection, Failure) else format_bytes(inspection.sizes.flash_bytes)
    return f"measured, {size}, {outcome.micro.status} on TFLM"
