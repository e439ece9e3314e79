"""Time and energy on a board in words."""

from __future__ import annotations

from tinyml_core.boards.latency.estimate import Estimate, NoEstimate
from tinyml_core.boards.latency.power import Energy
from tinyml_core.boards.latency.runtimes import all_runtimes
from tinyml_core.boards.verdict import Verdict
from tinyml_core.metrics import format_energy, format_time


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
