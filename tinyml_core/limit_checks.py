"""One limit against one variant: kept, probably kept, or not, and why, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tinyml_core.boards.fit import Fit
from tinyml_core.boards.latency.estimate import Estimate, NoEstimate
from tinyml_core.boards.latency.power import Energy
from tinyml_core.comparison import REFERENCE, Row
from tinyml_core.metrics import METRICS, format_bytes, format_energy, format_time

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


def memory(title: str, needed: int | None, high: int | None, limit: int | None) -> list[Check]:
    """Flash or RAM of the whole program; `high` is what it needs at the high end of an estimated part's band."""
    if limit is None:
        return []
    if needed is None:
        return [
            Check(title, "no", f"{title}: not known, because there is no arena; the limit is {format_bytes(limit)}.")
        ]
    if needed > limit:
        over = format_bytes(needed - limit)
        words = (
            f"{title}: the whole program needs {format_bytes(needed)}, {over} over the limit of {format_bytes(limit)}."
        )
        return [Check(title, "no", words)]
    if high is not None and high > limit:
        words = (
            f"{title}: needs {format_bytes(needed)}, with the band of the runtime's code up to {format_bytes(high)}; "
            f"the limit is {format_bytes(limit)}."
        )
        return [Check(title, "probably", words)]
    return [Check(title, "yes", f"{title}: needs {format_bytes(needed)} of the limit of {format_bytes(limit)}.")]


def points(row: Row, limit: float) -> Check:
    """Accuracy lost against float32 on the same samples."""
    if row.technique.name == REFERENCE:
        return Check("accuracy", "yes", "Accuracy: it is what the others are compared with.")
    if row.agreement is None or row.score is None:
        return Check("accuracy", "no", "Accuracy: not measured, so nobody knows what is lost.")
    if METRICS[row.score.metric].better == "higher":
        # Of 100: percentage points of accuracy, or hundredths of the area under the ROC curve.
        loss, unit = -100 * row.agreement.difference, "points"
    else:
        reference = row.score.value - row.agreement.difference
        loss, unit = 100 * row.agreement.difference / reference if reference else 0.0, "percent more error"
    if loss <= 0:
        return Check("accuracy", "yes", "Accuracy: nothing is lost.")
    kept: Kept = "yes" if loss <= limit else "no"
    words = f"Accuracy: {loss:.1f} {unit} lost against float32, {'within' if kept == 'yes' else 'over'} the limit of {limit:g}."
    return Check("accuracy", kept, words)


def latency(found: Estimate | NoEstimate, limit: float) -> Check:
    """Estimated time of one inference."""
    if isinstance(found, NoEstimate):
        return Check("latency", "no", f"Latency: no estimate. {found.reason}")
    band = f"{format_time(found.estimate_ms)} (band {format_time(found.low_ms)} to {format_time(found.high_ms)})"
    if found.known_macs_share < 1 and found.estimate_ms <= limit:
        return Check("latency", "no", f"Latency: at least {band}, but a part of it is unknown.")
    return _banded("latency", "Latency", band, (found.estimate_ms, found.high_ms), limit, format_time(limit))


def energy(found: Energy | NoEstimate, limit: float) -> Check:
    """Estimated energy of one inference."""
    if isinstance(found, NoEstimate):
        return Check("energy", "no", f"Energy: no estimate. {found.reason}")
    band = f"{format_energy(found.estimate_uj)} (band {format_energy(found.low_uj)} to {format_energy(found.high_uj)})"
    return _banded("energy", "Energy", band, (found.estimate_uj, found.high_uj), limit, format_energy(limit))


def _banded(name: str, title: str, band: str, numbers: tuple[float, float], limit: float, shown: str) -> Check:
    estimate, high = numbers
    if estimate > limit:
        return Check(name, "no", f"{title}: about {band}, over the limit of {shown}.")
    if high > limit:
        return Check(name, "probably", f"{title}: about {band}; the band reaches over the limit of {shown}.")
    return Check(name, "yes", f"{title}: about {band}, below the limit of {shown}.")
