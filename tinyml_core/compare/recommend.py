"""Which variants are worth choosing: the Pareto front, what lost too much, and the one to recommend."""

from __future__ import annotations

from collections.abc import Sequence

from tinyml_core.compare.comparison import Row
from tinyml_core.compare.rules import beats_chance
from tinyml_core.domain import metrics
from tinyml_core.domain.outcome import Score


def goodness(score: Score) -> float:
    """A number that is larger for a better score, whatever its metric."""
    return metrics.gain(score.metric, score.value)


def pareto(rows: Sequence[Row]) -> set[str]:
    """Techniques that no other beats in flash and score at once."""
    known = [(row.technique.name, row.flash_bytes, row.score) for row in rows]
    points = [(name, flash, goodness(score)) for name, flash, score in known if flash is not None and score is not None]
    return {
        name
        for name, flash, good in points
        if not any(less <= flash and more >= good and (less, more) != (flash, good) for _, less, more in points)
    }


def lost(row: Row) -> bool:
    """True if the variant is worse than float32 beyond chance."""
    if row.agreement is None or row.score is None:
        return False
    return metrics.gain(row.score.metric, row.agreement.difference) < 0 and row.agreement.beyond_chance


MOST_DIFFERENT = 0.01
"""Share of answers in which TFLM and LiteRT may differ before LiteRT's score says nothing of the board."""

WRONG_ON_TFLM = "weights_dequantized"
"""Code of the warning that TFLM computes with wrong scales; that no answer changed on some samples is luck."""


def computes_wrongly(row: Row) -> bool:
    """True if TFLM is known to compute something else than the file says."""
    return any(warned.code == WRONG_ON_TFLM for warned in row.warnings)


def useless_on_board(row: Row) -> str:
    """Why a measured variant is of no use on a microcontroller whatever its size, in a few words; empty if it is."""
    if row.measured and row.measured.micro.status == "refused":
        return "TFLM refuses it"
    if computes_wrongly(row):
        return "TFLM computes wrong answers"
    return "" if scored_as_on_board(row) else "TFLM answers differently"


def scored_as_on_board(row: Row) -> bool:
    """False if TFLM answers so differently from LiteRT that the score, which is LiteRT's, does not hold on a board."""
    if computes_wrongly(row):
        return False
    agreement = row.measured.micro.agreement if row.measured else None
    if agreement is None or not agreement.samples:
        return True
    return agreement.samples - agreement.equal_answers <= MOST_DIFFERENT * agreement.samples


def pick(rows: Sequence[Row]) -> Row | None:
    """The smallest variant that runs on TFLM and is not worse than float32 beyond chance; None if there is none.

    What answers no better than a blind guess is never picked, however small it is.
    """
    running = [row for row in rows if row.measured and row.measured.micro.status == "runs" and row.flash_bytes]
    good = [
        row for row in running if row.score and beats_chance(row.score) and not lost(row) and scored_as_on_board(row)
    ]
    arena = {row.technique.name: row.measured.micro.arena_minimum_bytes for row in good if row.measured}
    return min(good, key=lambda row: (row.flash_bytes, arena[row.technique.name]), default=None)
