"""The networks of the published latencies, layer by layer, and what each class of operator has to do in them.

A published latency is one number for a whole network. To split it over classes of operators one has to know the
network. MLPerf Tiny's are counted from its files; those of the MicroNets paper follow from its Table 5, where every
layer is written out; MobileNets from their paper. Paddings are `same` throughout.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyml_core.domain.inspection import OperatorWork

KINDS = ("conv", "conv 1x1", "first conv", "depthwise", "fully connected")
"""Classes of operators that multiply; `OperatorWork.kind` without `none` and `unknown`."""

Floats = NDArray[np.float64]

# ---- `coefficients.csv`: what an operator costs, one row for each runtime, core and type of numbers ----------------

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
        basis: What the numbers rest on, in words; `source` is where that was published.
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
        known = tuple(row[cost] != "" for cost in COSTS[: len(KINDS)])
        band = float(row["band_low"]), float(row["band_high"])
        found.setdefault((row["core"], row["runtime"]), {})[row["dtype"]] = Coefficients(
            row["runtime"], row["core"], row["dtype"], np.array([float(row[cost] or 0) for cost in COSTS]), known,
            int(row["rows"]), row["external_flash"] == "yes", row["evidence"], band, row["basis"], row["source"],
        )  # fmt: skip
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


# ---- The operators of a model as columns of numbers, once for all boards and runtimes ------------------------------


@dataclass(frozen=True, slots=True)
class Workload:
    """n operators as columns.

    Attributes:
        amounts: MACs by class in the order of `KINDS`, values written (without depthwise), weight bytes, and 1, [n, 8].
        live_amounts: The same without dead output channels, [n, 8].
        macs: MACs of each operator, also of those without a class, [n].
        kind: Position in `KINDS`; -1 where nothing is multiplied, -2 where the class is unknown, [n].
        dtypes: Types of the operators that multiply.
        dtype_masks: Which operators are of a type, [n] each.
        uncountable: Names of operators whose work is left open.
        unknown: Names of operators that multiply but have no class.
        weight_bytes: Of all operators.
        dead_share: Share of MACs that belong to dead channels.
        uneven_channels: Convolutions with a number of channels that 4 does not divide.
    """

    amounts: Floats
    live_amounts: Floats
    macs: Floats
    kind: NDArray[np.intp]
    dtypes: tuple[str, ...]
    dtype_masks: dict[str, NDArray[np.bool_]]
    uncountable: tuple[str, ...]
    unknown: tuple[str, ...]
    weight_bytes: int
    dead_share: float
    uneven_channels: int


_KEPT = 128
_seen: dict[int, tuple[Sequence[OperatorWork], Workload]] = {}


def workload(work: Sequence[OperatorWork]) -> Workload:
    """The columns of a model's work; the same object is worked out once."""
    kept = _seen.get(id(work))
    if kept is not None and kept[0] is work:  # the reference kept here forbids that the id is given to another object
        return kept[1]
    made = _workload(work)
    if isinstance(work, tuple):
        if len(_seen) >= _KEPT:
            _seen.clear()
        _seen[id(work)] = (work, made)
    return made


def _workload(work: Sequence[OperatorWork]) -> Workload:
    count = len(work)
    amounts, macs = np.zeros((count, 8)), np.array([one.macs or 0 for one in work], float)
    places = {name: number for number, name in enumerate(KINDS)} | {"unknown": -2}
    kind = np.array([places.get(one.kind, -1) for one in work], np.intp)
    classed = kind >= 0
    amounts[classed, kind[classed]] = macs[classed]
    amounts[:, 5] = [(one.outputs or 0) if one.kind in KINDS and one.kind != "depthwise" else 0 for one in work]
    amounts[:, 6], amounts[:, 7] = [one.weight_bytes for one in work], 1
    live = np.array([1 - one.dead_channels / one.output_channels if one.output_channels else 1 for one in work], float)
    live_amounts = amounts.copy()
    live_amounts[:, :7] *= live[:, None]
    multiplies = kind != -1
    names = np.array([operator.dtype for operator in work], dtype=object)
    total, multiplied = macs[multiplies].sum(), [one for one in work if one.kind != "none"]
    return Workload(
        amounts, live_amounts, macs, kind,
        dtypes=tuple(dict.fromkeys(one.dtype for one in multiplied)),
        dtype_masks={dtype: np.asarray(names == dtype) for dtype in dict.fromkeys(names)},
        uncountable=tuple(dict.fromkeys(one.operator for one in multiplied if one.macs is None)),
        unknown=tuple(dict.fromkeys(one.operator for one in work if one.kind == "unknown" and one.macs)),
        weight_bytes=sum(operator.weight_bytes for operator in work),
        dead_share=float((macs * (1 - live)).sum() / total) if total else 0.0,
        uneven_channels=sum(map(_uneven, work)),
    )  # fmt: skip


def _uneven(operator: OperatorWork) -> bool:
    if operator.kind not in ("conv", "conv 1x1", "first conv"):
        return False
    input_matters = operator.kind != "first conv"
    return operator.output_channels % 4 != 0 or (input_matters and operator.input_channels % 4 != 0)
