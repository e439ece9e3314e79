"""Two variants of one model that should be alike, in one sentence: where the tools that made them differ."""

from __future__ import annotations

from dataclasses import replace

from tinyml_core import catalog
from tinyml_core.comparing import paired
from tinyml_core.comparison import Comparison, Row
from tinyml_core.compress.techniques import number_formats
from tinyml_core.metrics import format_bytes, format_score
from tinyml_core.outcome import Score
from tinyml_core.values import Technique


def with_pairs(comparison: Comparison) -> Comparison:
    """The comparison with a note on each row whose counterpart of the other quantizer is measured too."""
    dataset = comparison.question.dataset
    tolerance = catalog.dataset(dataset).answer_tolerance if dataset else None

    def noted(row: Row) -> Row:
        other = comparison.row(counterpart(row.technique))
        sentence = "" if other is None else two_quantizers(row, other, tolerance)
        return replace(row, notes=(*row.notes, sentence)) if sentence else row

    return replace(comparison, rows=tuple(noted(row) for row in comparison.rows))


def counterpart(technique: Technique) -> str:
    """The technique of TensorFlow's converter that one of the other quantizer stands beside; empty if there is none.

    Only for those that are a number format and nothing else: a training stage would have given other weights.
    """
    alone = technique.name == technique.number_format and technique.name in number_formats()
    return number_formats()[technique.name].counterpart if alone else ""


def two_quantizers(row: Row, other: Row, tolerance: float | None) -> str:
    """Size, score, answers and arena of a variant against another's; empty while one of the two is not measured.

    Args:
        row: The variant.
        other: The one to compare it with.
        tolerance: For regression, how far two answers may lie apart and still count as equal; None for classification.
    """
    if row.flash_bytes is None or other.flash_bytes is None or row.measured is None or other.measured is None:
        return ""
    told = [_size("flash", row.flash_bytes, other.flash_bytes)]
    if row.score is not None and other.score is not None:
        told.append(_answers(row.score, other.score, tolerance))
    arena, other_arena = row.measured.micro.arena_minimum_bytes, other.measured.micro.arena_minimum_bytes
    if arena is not None and other_arena is not None:
        told.append(_size("arena", arena, other_arena))
    return f"Against {other.technique.title}: {'; '.join(told)}."


def _size(what: str, ours_bytes: int, theirs_bytes: int) -> str:
    if ours_bytes == theirs_bytes:
        return f"{what} equal ({format_bytes(ours_bytes)})"
    direction = "smaller" if ours_bytes < theirs_bytes else "larger"
    return f"{what} {format_bytes(abs(ours_bytes - theirs_bytes))} {direction} ({format_bytes(ours_bytes)})"


def _answers(ours: Score, theirs: Score, tolerance: float | None) -> str:
    changed = paired(ours, theirs, tolerance).changed
    number = "every answer the same" if not changed else f"{changed} of {ours.samples:,} answers differ"
    return (
        f"{number} (score {format_score(ours.metric, ours.value)}, there {format_score(theirs.metric, theirs.value)})"
    )
