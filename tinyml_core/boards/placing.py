"""Time and energy on a board in words."""

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
    if found.at_least:
        return f"at least {format_time(found.low_ms)}"
    return f"{format_time(found.low_ms)} to {format_time(found.high_ms)}"


def estimated(latency: Estimate | NoEstimate, energy: Energy | NoEstimate) -> str:
    """Time and energy on a board in a sentence, or why there are none."""
    if isinstance(latency, NoEstimate):
        return f"No estimate of time: {latency.reason}"
    runtime = all_runtimes()[latency.runtime].title
    if latency.at_least:
        return f"At least {format_time(latency.low_ms)} (estimated, {runtime}; {latency.unknown_words})."
    words = f"About {format_time(latency.estimate_ms)} (estimated, {format_time(latency.low_ms)} to "
    words += f"{format_time(latency.high_ms)}, {runtime})"
    if isinstance(energy, Energy):
        words += (
            f", {format_energy(energy.estimate_uj)} ({format_energy(energy.low_uj)} to {format_energy(energy.high_uj)})"
        )
    return f"{words}."


# ---- One measured variant on many boards: what it needs, whether it fits, how long it takes and what that costs ----


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

    Args:
        measured: The variant.
        boards: Which.
        runtime: Kernels to estimate for on boards that offer them; empty for each board's usual ones.
    """
    inspection = measured.inspection
    if isinstance(inspection, Failure):
        return Placed()
    refused = measured.micro.status == "refused"
    latencies: list[Estimate | NoEstimate] = []
    energies: list[Energy | NoEstimate] = []
    for board in boards:
        # What TFLM refuses has no time on TFLM; other runtimes may take it, but nobody has published how fast.
        found = (
            NoEstimate("TFLM refuses this variant.") if refused else estimate(board, inspection.work, runtime or None)
        )
        latencies.append(found)
        energies.append(found if isinstance(found, NoEstimate) else energy(board, found))
    return Placed(fits_on(measured, boards), tuple(latencies), tuple(energies))
