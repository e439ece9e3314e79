"""A comparison as plain text for a terminal."""

from __future__ import annotations

from tinyml_core.advice import advise
from tinyml_core.comparison import Comparison, Row
from tinyml_core.estimate_words import estimated
from tinyml_core.likeness import Likeness
from tinyml_core.metrics import format_bytes, format_score, format_time
from tinyml_core.outcome import Failure, Latency, Outcome
from tinyml_core.score_words import score_head
from tinyml_core.sentence import summary

MOST_TIMES = 4
"""On how many boards times are printed; the record holds all."""


def columns(rows: list[tuple[str, ...]]) -> str:
    """Rows as aligned columns; the first row is the head."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def comparison_text(comparison: Comparison, title: str) -> str:
    """Table, failures, warnings and summary."""
    parts = [title, columns([_head(comparison), *(_cells(row) for row in comparison.rows)])]
    for row in comparison.rows:
        if isinstance(row.outcome, Failure):
            parts.append(f"{row.technique.name}: {row.outcome.reason} {row.outcome.advice}".rstrip())
        elif row.measured and row.measured.micro.status != "runs":
            parts.append(f"{row.technique.name} on TFLM: {row.measured.micro.cause} {row.measured.micro.fix}")
        parts += [f"{row.technique.name}: {warned.title}. {warned.text}" for warned in row.warnings]
        parts += [f"{row.technique.name}: {note}" for note in row.notes]
    parts += [f"{row.technique.name}, worth it? {row.worth.text}." for row in comparison.rows if row.worth]
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


def _head(comparison: Comparison) -> tuple[str, ...]:
    score = score_head(comparison.question.model, comparison.question.dataset)
    return (
        "technique",
        "flash",
        "vs float32",
        score,
        "95 % interval",
        "changed",
        "on TFLM",
        "arena",
        "this PC",
        "boards",
    )


def _cells(row: Row) -> tuple[str, ...]:
    measured, score = row.measured, row.score
    if measured is None:
        return (row.technique.name, *["-"] * 5, "stopped" if row.stopped else "failed", "-", "-", "-")
    arena = measured.micro.arena_minimum_bytes
    fitting = sum(fit.verdict in ("fits", "tight") for fit in row.fits)
    interval = "-"
    if score:
        interval = f"{format_score(score.metric, score.low)} to {format_score(score.metric, score.high)}"
    return (
        row.technique.name,
        format_bytes(row.flash_bytes) if row.flash_bytes else "-",
        f"{row.smaller_factor:.1f}x" if row.smaller_factor else "-",
        format_score(score.metric, score.value) if score else "-",
        interval,
        _changed(row),
        measured.micro.status,
        format_bytes(arena) if arena else "-",
        format_time(row.latency.p50_ms) if isinstance(row.latency, Latency) else "-",
        f"{fitting} of {len(row.fits)}" if row.fits else "-",
    )


def _changed(row: Row) -> str:
    """Changed answers; without labels, or without data, how many differ from float32's."""
    if row.agreement is not None:
        return str(row.agreement.changed)
    return row.likeness.short if isinstance(row.likeness, Likeness) else "-"


def outcome_line(outcome: Outcome) -> str:
    """One variant's outcome in a few words."""
    if isinstance(outcome, Failure):
        return outcome.reason if outcome.stopped else f"failed while {outcome.stage}: {outcome.reason}"
    inspection = outcome.inspection
    size = "unreadable" if isinstance(inspection, Failure) else format_bytes(inspection.sizes.flash_bytes)
    return f"measured, {size}, {outcome.micro.status} on TFLM"
