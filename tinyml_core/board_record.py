"""A variant on a board, as the JSON record states it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tinyml_core.boards.fit import Fit
from tinyml_core.boards.latency.estimate import Estimate, NoEstimate
from tinyml_core.boards.latency.power import Energy
from tinyml_core.comparison import Row
from tinyml_core.npu import NpuEstimate
from tinyml_core.outcome import Failure


def board_record(row: Row, index: int) -> dict[str, Any]:
    """One variant on one board: the sums, and time and energy as estimates with their bands."""
    latency, energy = row.latencies[index], row.energies[index]
    return fit_record(row.fits[index]) | {
        "latency_ms": _latency_estimate(latency) if isinstance(latency, Estimate) else None,
        "energy_uj": _energy_estimate(energy) if isinstance(energy, Energy) else None,
        "npu": _npu(row.npus.get(row.fits[index].board)),
        "no_latency": latency.reason if isinstance(latency, NoEstimate) else None,
        "no_energy": energy.reason if isinstance(energy, NoEstimate) else None,
    }


def _npu(found: NpuEstimate | Failure | None) -> dict[str, Any] | None:
    """Vela's estimate, or why there is none; null on boards without an NPU that it compiles for."""
    if found is None:
        return None
    if isinstance(found, Failure):
        return {"status": "failed", "failure": failure_record(found)}
    return {"status": "estimated", "known": found.known, **asdict(found)}


def _latency_estimate(found: Estimate) -> dict[str, Any]:
    return {
        "low": found.low_ms,
        "estimate": found.estimate_ms,
        "high": found.high_ms,
        "basis": found.basis,
        "evidence": found.evidence,
        "runtime": found.runtime,
        "cycles": found.cycles,
        "known_macs_share": found.known_macs_share,
        "flags": list(found.flags),
    }


def _energy_estimate(found: Energy) -> dict[str, Any]:
    return {"low": found.low_uj, "estimate": found.estimate_uj, "high": found.high_uj, "basis": found.basis}


def fit_record(fit: Fit) -> dict[str, Any]:
    """The sums of one variant on one board."""
    return {
        "board": fit.board,
        "verdict": fit.verdict,
        "flash_needed_bytes": fit.flash_needed_bytes,
        "flash_available_bytes": fit.flash_available_bytes,
        "ram_needed_bytes": fit.ram_needed_bytes,
        "ram_available_bytes": fit.ram_available_bytes,
        "flash_parts": [asdict(part) for part in fit.flash_parts],
        "ram_parts": [asdict(part) for part in fit.ram_parts],
        "reasons": list(fit.reasons),
    }


def failure_record(failure: Failure | None) -> dict[str, Any] | None:
    """A failure: stage, reason, advice, link, the library's own words, and whether a person stopped it."""
    if failure is None:
        return None
    return {
        "stage": failure.stage,
        "reason": failure.reason,
        "advice": failure.advice,
        "link": failure.link,
        "detail": failure.detail,
        "stopped": failure.stopped,
    }
