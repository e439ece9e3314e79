"""`coefficients.csv`: what an operator costs, one row for each runtime, core and type of numbers.

The table is what estimates rest on, and made to be read. `validate.py` writes it: the rows of the fit, then those of
`carried_over.csv`, which were worked out by hand where there is too little to fit.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tinyml_core.boards.latency.architectures import KINDS
from tinyml_core.boards.latency.published import Floats

FOLDER = Path(__file__).parent
COSTS = ("conv", "conv_1x1", "first_conv", "depthwise", "fully_connected", "output", "weight_byte", "operator")
COLUMNS = (
    *("runtime", "core", "dtype", *COSTS, "rows", "external_flash"),
    *("evidence", "band_low", "band_high", "basis", "source"),
)


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What operators cost with one runtime on one core.

    Attributes:
        costs: Cycles for a MAC of each class of operator in the order of `KINDS`, for a value written by anything but
            a depthwise operator, for a byte of weights, and for an operator, [8]; 0 where `known` says no.
        known: Whether anything is known of a class, [5].
        rows: Number of measurements behind it.
        external_flash: Whether the measurements read their weights from flash outside the chip.
        evidence: Class of evidence, on which the band rests.
        band: Factors on the estimate between which the truth probably lies.
        basis: What the numbers rest on, in words.
        source: Where that was published.
    """

    runtime: str
    core: str
    dtype: str
    costs: Floats
    known: tuple[bool, ...]
    rows: int
    external_flash: bool
    evidence: str
    band: tuple[float, float]
    basis: str
    source: str


@cache
def coefficients() -> dict[tuple[str, str], dict[str, Coefficients]]:
    """All coefficients: by core and runtime, then by type of numbers."""
    found: dict[tuple[str, str], dict[str, Coefficients]] = {}
    for row in read_rows(FOLDER / "coefficients.csv"):
        found.setdefault((row["core"], row["runtime"]), {})[row["dtype"]] = Coefficients(
            row["runtime"],
            row["core"],
            row["dtype"],
            np.array([float(row[cost] or 0) for cost in COSTS]),
            tuple(row[cost] != "" for cost in COSTS[: len(KINDS)]),
            int(row["rows"]),
            row["external_flash"] == "yes",
            row["evidence"],
            (float(row["band_low"]), float(row["band_high"])),
            row["basis"],
            row["source"],
        )
    return found


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a table as texts by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, columns: Iterable[str], rows: Iterable[dict[str, str]]) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, tuple(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
