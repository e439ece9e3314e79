"""A comparison as tidy frames, one row a variant, units in the column names: what charts and CSV files are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tinyml_core import catalog
from tinyml_core.boards.latency.estimate import Estimate, NoEstimate
from tinyml_core.boards.latency.power import Energy
from tinyml_core.boards.latency.runtimes import all_runtimes
from tinyml_core.comparison import Comparison, Row
from tinyml_core.compress import techniques
from tinyml_core.inspection import Inspection, OperatorWork
from tinyml_core.metrics import SCORE_OF_TASK, format_energy, format_time
from tinyml_core.outcome import Latency

SYMBOLS = {"fits": "✓", "tight": "▲", "too big": "✗", "cannot run": "⊘", "unknown": "?"}

TABLE_COLUMNS = (
    "technique", "title", "order", "status", "flash_bytes", "tflite_bytes", "gzip_bytes", "c_source_bytes",
    "smaller_factor", "metric", "score", "score_low", "score_high", "samples", "changed", "worse", "better", "p_value",
    "micro_status", "arena_bytes", "macs", "latency_p50_ms", "latency_p90_ms", "pareto", "picked", "boards_fit",
    "saved_bytes", "lost", "saved_per_point_bytes", "worth",
)  # fmt: skip
TEXT_COLUMNS = ("technique", "title", "status", "metric", "micro_status", "worth")
FLAG_COLUMNS = ("pareto", "picked")

FITS_COLUMNS = (
    "technique", "title", "order", "board", "board_title", "board_order", "verdict", "symbol", "flash_needed_bytes",
    "flash_available_bytes", "ram_needed_bytes", "ram_available_bytes", "reason", "latency_low_ms", "latency_ms",
    "latency_high_ms", "latency_text", "energy_low_uj", "energy_uj", "energy_high_uj", "energy_text", "runtime",
)  # fmt: skip
OPERATOR_COLUMNS = ("label", "operator", "kind", "dtype", "macs", "cycles", "share", "shape")


def colour_order(comparison: Comparison) -> list[str]:
    """Titles of all techniques in the order in which they take their colours; composed ones stand behind all others."""
    presets = techniques.techniques()
    composed = sorted(
        (row.technique for row in comparison.rows if row.technique.name not in presets), key=lambda one: one.order
    )
    return [one.title for one in (*presets.values(), *composed)]


def table(comparison: Comparison) -> pd.DataFrame:
    """One row per variant; numbers that are not known are NaN."""
    metric = SCORE_OF_TASK[catalog.model(comparison.question.model).task]
    frame = pd.DataFrame([_row(row, metric) for row in comparison.rows], columns=list(TABLE_COLUMNS))
    numbers = [name for name in TABLE_COLUMNS if name not in (*TEXT_COLUMNS, *FLAG_COLUMNS)]
    return frame.astype(dict.fromkeys(numbers, "float64") | dict.fromkeys(FLAG_COLUMNS, "bool"))


def _row(row: Row, metric: str) -> dict[str, Any]:
    known: dict[str, Any] = {
        "technique": row.technique.name,
        "title": row.technique.title,
        "order": row.technique.order,
        "status": _status(row),
        "metric": metric,
        "micro_status": "not executed",
        "smaller_factor": row.smaller_factor,
        "pareto": row.pareto,
        "picked": row.picked,
    }
    measured = row.measured
    if measured is None:
        return known
    known |= {
        "micro_status": measured.micro.status,
        "arena_bytes": measured.micro.arena_minimum_bytes,
        "boards_fit": sum(fit.verdict in ("fits", "tight") for fit in row.fits) if row.fits else None,
    }
    if isinstance(measured.inspection, Inspection):
        sizes = measured.inspection.sizes
        known |= {
            "flash_bytes": sizes.flash_bytes,
            "tflite_bytes": sizes.tflite_bytes,
            "gzip_bytes": sizes.gzip_bytes,
            "c_source_bytes": sizes.c_source_bytes,
            "macs": measured.inspection.macs,
        }
    if row.score is not None:
        score = row.score
        known |= {
            "score": score.value,
            "score_low": score.low,
            "score_high": score.high,
            "samples": score.samples,
        }
    if row.agreement is not None:
        agreement = row.agreement
        known |= {
            "changed": agreement.changed,
            "worse": agreement.worse,
            "better": agreement.better,
            "p_value": agreement.p_value,
        }
    if row.worth is not None:
        known |= {
            "saved_bytes": row.worth.saved_bytes,
            "lost": row.worth.lost,
            "saved_per_point_bytes": row.worth.per_point_bytes,
            "worth": row.worth.text,
        }
    if isinstance(row.latency, Latency):
        known |= {"latency_p50_ms": row.latency.p50_ms, "latency_p90_ms": row.latency.p90_ms}
    return known


def _status(row: Row) -> str:
    if row.outcome is None:
        return "waiting"
    return "measured" if row.measured else "stopped" if row.stopped else "failed"


def fits(comparison: Comparison) -> pd.DataFrame:
    """One row per variant and board."""
    boards = {board.name: board for board in comparison.boards}
    rows = [
        {
            "technique": row.technique.name,
            "title": row.technique.title,
            "order": row.technique.order,
            "board": fit.board,
            "board_title": boards[fit.board].title,
            "board_order": boards[fit.board].order,
            "verdict": fit.verdict,
            "symbol": SYMBOLS[fit.verdict],
            "flash_needed_bytes": fit.flash_needed_bytes,
            "flash_available_bytes": fit.flash_available_bytes,
            "ram_needed_bytes": fit.ram_needed_bytes,
            "ram_available_bytes": fit.ram_available_bytes,
            "reason": " ".join(fit.reasons),
            **_latency(latency),
            **_energy(energy),
        }
        for row in comparison.rows
        for fit, latency, energy in zip(row.fits, row.latencies, row.energies, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=list(FITS_COLUMNS))
    numbers = [name for name in FITS_COLUMNS if name.endswith(("_bytes", "_ms", "_uj", "order"))]
    return frame.astype(dict.fromkeys(numbers, "float64"))


def _latency(found: Estimate | NoEstimate) -> dict[str, Any]:
    if isinstance(found, NoEstimate):
        return {"latency_text": f"no estimate: {found.reason}", "runtime": "-"}
    text = f"about {format_time(found.estimate_ms)} ({format_time(found.low_ms)} to {format_time(found.high_ms)}), estimated"
    if found.at_least:
        text = f"at least {format_time(found.low_ms)}, estimated; {found.unknown_words}"
    return {
        "latency_low_ms": found.low_ms,
        "latency_ms": found.estimate_ms,
        "latency_high_ms": found.high_ms,
        "latency_text": text,
        "runtime": all_runtimes()[found.runtime].title,
    }


def _energy(found: Energy | NoEstimate) -> dict[str, Any]:
    if isinstance(found, NoEstimate):
        return {"energy_text": f"no estimate: {found.reason}"}
    return {
        "energy_low_uj": found.low_uj,
        "energy_uj": found.estimate_uj,
        "energy_high_uj": found.high_uj,
        "energy_text": f"about {format_energy(found.estimate_uj)} ({format_energy(found.low_uj)} to "
        f"{format_energy(found.high_uj)}), estimated",
    }


def operators(work: Sequence[OperatorWork], estimate: Estimate) -> pd.DataFrame:
    """One row an operator of one variant on one board, in order of execution; cycles NaN where no cost is known."""
    total = sum(cycles for cycles in estimate.per_operator if cycles == cycles)
    rows = [
        {
            "label": f"{number}. {each.operator.replace('_', ' ').lower()}",
            "operator": each.operator,
            "kind": each.kind,
            "dtype": each.dtype,
            "macs": each.macs,
            "cycles": cycles,
            "share": cycles / total if total else None,
            "shape": " x ".join(str(size) for size in each.output_shape),
        }
        for number, (each, cycles) in enumerate(zip(work, estimate.per_operator, strict=True), 1)
    ]
    frame = pd.DataFrame(rows, columns=list(OPERATOR_COLUMNS))
    return frame.astype(dict.fromkeys(("macs", "cycles", "share"), "float64"))
