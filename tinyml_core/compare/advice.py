"""Which variant is best within a person's limits, why, and what the next better one fails on.

Limits hold on one board: flash and RAM are those of the whole program there, latency and energy are estimates with a
band. A variant whose estimate keeps a limit while its band does not keeps it `probably`; one of which the number is not
known does not keep it, because nobody can say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tinyml_core.boards.fit import Fit
from tinyml_core.boards.latency.estimate import Estimate, NoEstimate
from tinyml_core.boards.latency.power import Energy
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import Limits
from tinyml_core.compare.recommend import lost, scored_as_on_board
from tinyml_core.compare.sentences import named
from tinyml_core.domain.metrics import format_bytes, format_energy, format_time, is_error
from tinyml_core.domain.technique import REFERENCE


@dataclass(frozen=True, slots=True)
class Judged:
    """A variant against all limits."""

    row: Row
    checks: tuple[Check, ...]

    @property
    def kept(self) -> Kept:
        """The worst of its checks."""
        return "no" if self.failed else "probably" if self.having("probably") else "yes"

    @property
    def failed(self) -> tuple[Check, ...]:
        """The limits it does not keep."""
        return self.having("no")

    def having(self, kept: Kept) -> tuple[Check, ...]:
        """Its checks with this answer."""
        return tuple(check for check in self.checks if check.kept == kept)


@dataclass(frozen=True, slots=True)
class Advice:
    """The best variant within the limits, None if no variant keeps all, and all of it in sentences.

    `next_better` would be preferred, were it not for a limit; without a best one it is the one that breaks the fewest.
    """

    best: Judged | None
    next_better: Judged | None
    text: str


def judge(row: Row, limits: Limits, index: int) -> Judged | None:
    """A variant against the limits on their board, which has the place `index` among the comparison's boards.

    None if nothing was measured, if the row has no sums for that board, or if TFLM computes other answers than those
    that were scored.
    """
    if row.measured is None or index >= len(row.fits) or not scored_as_on_board(row):
        return None
    fit = row.fits[index]
    checks = [on_board(fit)]
    if limits.flash_bytes is not None:
        checks.append(memory("Flash", fit.flash_needed_bytes, fit.flash_high_bytes, limits.flash_bytes))
    if limits.ram_bytes is not None:
        checks.append(memory("RAM", fit.ram_needed_bytes, None, limits.ram_bytes))
    if limits.points_lost is not None:
        checks.append(points(row, limits.points_lost))
    if limits.latency_ms is not None:
        checks.append(estimated("latency", row.latencies[index], limits.latency_ms))
    if limits.energy_uj is not None:
        checks.append(estimated("energy", row.energies[index], limits.energy_uj))
    return Judged(row, tuple(checks))


def advise(comparison: Comparison, limits: Limits) -> Advice | None:
    """The best variant within the limits, why, and what the next better one fails on; of those measured so far.

    The order of preference is that of the recommendation: what loses no accuracy beyond chance comes before what does,
    then the smaller flash. None while nothing is measured or if the board is not among those compared.
    """
    names = [board.name for board in comparison.boards]
    if limits.board not in names:
        return None
    index = names.index(limits.board)
    found = [judged for row in comparison.rows if (judged := judge(row, limits, index)) is not None]
    if not found:
        return None
    board, so_far = comparison.boards[index].title, ""
    if not comparison.complete:
        known = sum(row.measured is not None for row in comparison.rows)
        so_far = f"So far, with {known} of {len(comparison.rows)} measured: "
    ranked = sorted(found, key=lambda judged: _preference(judged.row))
    best = next((judged for kept in ("yes", "probably") for judged in ranked if judged.kept == kept), None)
    if best is None:
        nearest = min(ranked, key=lambda judged: len(judged.failed))
        text = f"{so_far}No variant keeps all limits on {board}. "
        text += f"Nearest is {named(nearest.row.technique)}: {_sentences(nearest.failed)}"
        return Advice(None, nearest, text)
    better = [judged for judged in ranked[: ranked.index(best)] if judged.kept != "yes"]
    return Advice(best, better[-1] if better else None, so_far + _praise(best, better, board, limits.given))


def _praise(best: Judged, better: Sequence[Judged], board: str, given: bool) -> str:
    row = best.row
    if row.score is None:
        reason = "the smallest; its score was not measured."
    elif lost(row):
        reason = "the one that loses least of those that keep them."
    else:
        reason = "the smallest whose score is not worse than float32's beyond chance."
    within = "within the limits" if given else "of those that run"
    words = f"{named(row.technique)} is the best {within} on {board}: {reason}"
    if doubtful := best.having("probably"):
        words += f" Only probably: {_sentences(doubtful)}"
    if better:
        reasons = better[-1].failed or better[-1].having("probably")
        if reasons[0].limit == "board":
            reasons = reasons[:1]  # what does not run there needs no further reason
        words += f" Next better would be {named(better[-1].row.technique)}, but: {_sentences(reasons)}"
    return words.strip()


def _sentences(checks: Sequence[Check]) -> str:
    return " ".join(check.text for check in checks)


def _preference(row: Row) -> tuple[float, int]:
    """Smaller is better: what is lost beyond chance first, then flash."""
    loss = abs(row.agreement.difference) if row.agreement and lost(row) else 0.0
    return loss, row.flash_bytes or 0


# ---- One limit against one variant: kept, probably kept, or not, and why, in a sentence ----------------------------

Kept = Literal["yes", "probably", "no"]


@dataclass(frozen=True, slots=True)
class Check:
    """One limit against one variant; `text` is a whole sentence."""

    limit: str
    kept: Kept
    text: str


def on_board(fit: Fit) -> Check:
    """What the board itself can hold; only probably, where the verdict hangs on an estimate."""
    sure = fit.flash_high_bytes <= fit.flash_available_bytes and (fit.ram_needed_bytes or 0) <= fit.ram_available_bytes
    kept: Kept = "no" if fit.verdict not in ("fits", "tight") else "yes" if sure else "probably"
    return Check("board", kept, " ".join(fit.reasons))


def memory(title: str, needed: int | None, high: int | None, limit: int) -> Check:
    """Flash or RAM of the whole program; `high` is what it needs at the high end of an estimated part's band."""
    most = format_bytes(limit)
    if needed is None:
        return Check(title, "no", f"{title}: not known, because there is no arena; the limit is {most}.")
    needs = format_bytes(needed)
    if needed > limit:
        over = format_bytes(needed - limit)
        return Check(title, "no", f"{title}: the whole program needs {needs}, {over} over the limit of {most}.")
    if high is not None and high > limit:
        up_to = f"with the band of the runtime's code up to {format_bytes(high)}"
        return Check(title, "probably", f"{title}: needs {needs}, {up_to}; the limit is {most}.")
    return Check(title, "yes", f"{title}: needs {needs} of the limit of {most}.")


def points(row: Row, limit: float) -> Check:
    """Accuracy lost against float32 on the same samples."""
    if row.technique.name == REFERENCE:
        return Check("accuracy", "yes", "Accuracy: it is what the others are compared with.")
    if row.agreement is None or row.score is None:
        return Check("accuracy", "no", "Accuracy: not measured, so nobody knows what is lost.")
    # Of 100: percentage points of accuracy, or hundredths of the area under the ROC curve.
    loss, unit = -100 * row.agreement.difference, "points"
    if is_error(row.score.metric):
        reference = row.score.value - row.agreement.difference
        loss, unit = 100 * row.agreement.difference / reference if reference else 0.0, "percent more error"
    if loss <= 0:
        return Check("accuracy", "yes", "Accuracy: nothing is lost.")
    kept: Kept = "yes" if loss <= limit else "no"
    words = f"Accuracy: {loss:.1f} {unit} lost against float32, {'within' if kept == 'yes' else 'over'} the limit of {limit:g}."
    return Check("accuracy", kept, words)


def band(found: Estimate | Energy) -> tuple[Callable[[float], str], tuple[float, float, float]]:
    """How a time (in ms) or an energy (in µJ) is written, and its low end, estimate and high end."""
    if isinstance(found, Estimate):
        return format_time, (found.low_ms, found.estimate_ms, found.high_ms)
    return format_energy, (found.low_uj, found.estimate_uj, found.high_uj)


def estimated(name: str, found: Estimate | Energy | NoEstimate, limit: float) -> Check:
    """Estimated time or energy of one inference."""
    title = name.capitalize()
    if isinstance(found, NoEstimate):
        return Check(name, "no", f"{title}: no estimate. {found.reason}")
    shown, (low, estimate, high) = band(found)
    about, most = f"{shown(estimate)} (band {shown(low)} to {shown(high)})", shown(limit)
    if estimate > limit:
        return Check(name, "no", f"{title}: about {about}, over the limit of {most}.")
    if isinstance(found, Estimate) and found.at_least:
        return Check(name, "no", f"{title}: at least {about}, but a part of it is unknown.")
    if high > limit:
        return Check(name, "probably", f"{title}: about {about}; the band reaches over the limit of {most}.")
    return Check(name, "yes", f"{title}: about {about}, below the limit of {most}.")
