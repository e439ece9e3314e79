"""One measured variant on many boards: what it needs, whether it fits, how long it takes and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinyml_core.boards.board import Board
from tinyml_core.boards.fit import Fit, Verdict, fit
from tinyml_core.boards.latency.estimate import Estimate, NoEstimate, estimate
from tinyml_core.boards.latency.power import Energy, energy
from tinyml_core.boards.latency.runtimes import all_runtimes
from tinyml_core.domain.metrics import format_energy, format_time
from tinyml_core.domain.outcome import Failure, Measurement


def short(found: Estimate | NoEstimate, verdict: Verdict) -> str:
    """A cell of a table: the band alone, `22 ms to 38 ms`, or that there is none."""
    if isinstance(found, NoEstimate):
        return "no estimate"
    if verdict == "too big":
        return "too big for it"
    low = format_time(found.low_ms)
    return f"at least {low}" if found.at_least else f"{low} to {format_time(found.high_ms)}"


def estimated(latency: Estimate | NoEstimate, energy: Energy | NoEstimate) -> str:
    """Time and energy on a board in a sentence, or why there are none."""
    if isinstance(latency, NoEstimate):
        return f"No estimate of time: {latency.reason}"
    runtime = all_runtimes()[latency.runtime].title
    low, high = format_time(latency.low_ms), format_time(latency.high_ms)
    if latency.at_least:
        return f"At least {low} (estimated, {runtime}; {latency.unknown_words})."
    words = f"About {format_time(latency.estimate_ms)} (estimated, {low} to {high}, {runtime})"
    if isinstance(energy, Energy):
        low, high = format_energy(energy.low_uj), format_energy(energy.high_uj)
        words += f", {format_energy(energy.estimate_uj)} ({low} to {high})"
    return f"{words}."


@dataclass(frozen=True, slots=True)
class Placed:
    """A variant on some boards; all three in the boards' order."""

    fits: tuple[Fit, ...] = ()
    latencies: tuple[Estimate | NoEstimate, ...] = ()
    energies: tuple[Energy | NoEstimate, ...] = ()


def fits_on(measured: Measurement, boards: Sequence[Board]) -> tuple[Fit, ...]:
    """The sums and verdicts; none if the file could not be read."""
    inspection = measured.inspection
    if isinstance(inspection, Failure):
        return ()
    flash_bytes, operators = inspection.sizes.flash_bytes, inspection.operators
    return tuple(fit(board, flash_bytes, measured.micro, operators) for board in boards)


def on_boards(measured: Measurement, boards: Sequence[Board], runtime: str = "") -> Placed:
    """Everything about a variant on each board; pure arithmetic.

    `runtime` names kernels to estimate for on boards that offer them; empty for each board's usual ones.
    """
    inspection = measured.inspection
    if isinstance(inspection, Failure):
        return Placed()
    # What TFLM refuses has no time on TFLM; other runtimes may take it, but nobody has published how fast.
    refused = NoEstimate("TFLM refuses this variant.") if measured.micro.status == "refused" else None
    latencies = tuple(refused or estimate(board, inspection.work, runtime or None) for board in boards)
    pairs = zip(boards, latencies, strict=True)
    energies = tuple(found if isinstance(found, NoEstimate) else energy(board, found) for board, found in pairs)
    return Placed(fits_on(measured, boards), latencies, energies)
