"""A comparison as tidy frames, one row a variant, units in the column names: what charts and CSV files are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tinyml_core.boards.fit import SYMBOLS
from tinyml_core.boards.latency.estimate import Estimate, NoEstimate
from tinyml_core.boards.latency.power import Energy
from tinyml_core.boards.latency.runtimes import all_runtimes
from tinyml_core.compare import columns
from tinyml_core.compare.comparison import Comparison
from tinyml_core.compress import techniques
from tinyml_core.domain.inspection import OperatorWork
from tinyml_core.domain.metrics import format_energy, format_time

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
    """One row per variant, one column per column of CSV; numbers that are not known are NaN."""
    shown = columns.placed("csv", comparison)
    cells = [{column.name: column.shown("csv", row, comparison) for column in shown} for row in comparison.rows]
    known = [{name: cell for name, cell in row.items() if cell is not None} for row in cells]
    frame = pd.DataFrame(known, columns=[column.name for column in shown])
    types = {"number": "float64", "flag": "bool"}
    return frame.astype({column.name: types[column.kind] for column in shown if column.kind in types})


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
