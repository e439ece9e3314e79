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
from tinyml_core.compare.advice import band
from tinyml_core.compare.comparison import Comparison
from tinyml_core.compress import techniques
from tinyml_core.domain.inspection import OperatorWork

FITS_COLUMNS = (
    "technique", "title", "order", "board", "board_title", "board_order", "verdict", "symbol", "flash_needed_bytes",
    "flash_available_bytes", "ram_needed_bytes", "ram_available_bytes", "reason", "latency_low_ms", "latency_ms",
    "latency_high_ms", "latency_text", "energy_low_uj", "energy_uj", "energy_high_uj", "energy_text", "runtime",
)  # fmt: skip

FIT = ("board", "verdict", "flash_needed_bytes", "flash_available_bytes", "ram_needed_bytes", "ram_available_bytes")
OPERATOR_COLUMNS = ("label", "operator", "kind", "dtype", "macs", "cycles", "share", "shape")


def colour_order(comparison: Comparison) -> list[str]:
    """Titles of all techniques in the order in which they take their colours; composed ones stand behind all others."""
    presets = techniques.techniques()
    composed = [row.technique for row in comparison.rows if row.technique.name not in presets]
    return [one.title for one in (*presets.values(), *sorted(composed, key=lambda one: one.order))]


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
            "board_title": boards[fit.board].title,
            "board_order": boards[fit.board].order,
            "symbol": SYMBOLS[fit.verdict],
            "reason": " ".join(fit.reasons),
            "runtime": all_runtimes()[latency.runtime].title if isinstance(latency, Estimate) else "-",
            **{name: getattr(fit, name) for name in FIT},
            **_band("latency", "ms", latency),
            **_band("energy", "uj", energy),
        }
        for row in comparison.rows
        for fit, latency, energy in zip(row.fits, row.latencies, row.energies, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=list(FITS_COLUMNS))
    numbers = [name for name in FITS_COLUMNS if name.endswith(("_bytes", "_ms", "_uj", "order"))]
    return frame.astype(dict.fromkeys(numbers, "float64"))


def _band(what: str, unit: str, found: Estimate | Energy | NoEstimate) -> dict[str, Any]:
    """A time or an energy with its band, in numbers and in words."""
    if isinstance(found, NoEstimate):
        return {f"{what}_text": f"no estimate: {found.reason}"}
    shown, (low, estimate, high) = band(found)
    text = f"about {shown(estimate)} ({shown(low)} to {shown(high)}), estimated"
    if isinstance(found, Estimate) and found.at_least:
        text = f"at least {shown(low)}, estimated; {found.unknown_words}"
    return {f"{what}_low_{unit}": low, f"{what}_{unit}": estimate, f"{what}_high_{unit}": high, f"{what}_text": text}


def operators(work: Sequence[OperatorWork], estimate: Estimate) -> pd.DataFrame:
    """One row an operator of one variant on one board, in order of execution; cycles NaN where no cost is known."""
    total = sum(cycles for cycles in estimate.per_operator if cycles == cycles)
    rows = [
        {
            "label": f"{number}. {each.operator.replace('_', ' ').lower()}",
            **{name: getattr(each, name) for name in ("operator", "kind", "dtype", "macs")},
            "cycles": cycles,
            "share": cycles / total if total else None,
            "shape": " x ".join(str(size) for size in each.output_shape),
        }
        for number, (each, cycles) in enumerate(zip(work, estimate.per_operator, strict=True), 1)
    ]
    frame = pd.DataFrame(rows, columns=list(OPERATOR_COLUMNS))
    return frame.astype(dict.fromkeys(("macs", "cycles", "share"), "float64"))
