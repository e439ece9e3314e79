"""Fits the model of the runtime's code size to the published sizes: `python -m benchmarks.estimator.runtime_code`.

Unknown are the bytes of the core, of one kernel of each kind and of a sketch that prints its results, and how much
more each toolchain makes of them than the reference does. Least squares of the relative error, alternately for bytes
and for factors; weak priors keep the bytes of what is seen in few combinations near plausible values.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyml_core.boards.board import FOLDER
from tinyml_core.boards.runtime_code import ALL_COUNTS, ARITHMETIC, GROUPS, operator_counts

POINTS = Path(__file__).with_name("runtime_code.csv")
TABLE = FOLDER / "runtime_code.json"
REFERENCE = "STM32 bare metal"
COLUMNS = ("core", *GROUPS, ARITHMETIC, "printing")

PRIOR_BYTES = {
    "core": 9732, "convolutions": 9000, "matrix products": 6000, "data movement": 700, ARITHMETIC: 1800,
    "printing": 8000,
}  # fmt: skip
"""The core is TFLM's own figure; the others are orders of magnitude."""

PRIOR_WEIGHT = 0.15
ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Point:
    """A published program: its size without model, platform and test signal is code of the runtime and of printing."""

    toolchain: str
    board: str
    operators: str
    code_bytes: int
    prints: bool

    @property
    def links_all(self) -> bool:
        """True if it links every operator there is."""
        return self.operators == "ALL"

    def program(self) -> frozenset[str]:
        """Its operators, but for conversions at the borders: what int8 and float32 have in common."""
        return frozenset(self.operators.split()) - {"QUANTIZE", "DEQUANTIZE"}

    def counts(self) -> list[float]:
        """How often each of `COLUMNS` is in it."""
        counts = ALL_COUNTS if self.links_all else operator_counts(self.operators.split())
        return [1.0, *(float(counts[group]) for group in (*GROUPS, ARITHMETIC)), float(self.prints)]


def points() -> list[Point]:
    """The published sizes."""
    with POINTS.open(encoding="utf-8", newline="") as file:
        return [
            Point(
                row["toolchain"],
                row["board"],
                row["operators"],
                int(row["program_bytes"])
                - sum(int(row[part]) for part in ("model_bytes", "platform_bytes", "signal_bytes")),
                row["prints"] == "yes",
            )
            for row in csv.DictReader(file)
        ]


def solve(found: list[Point]) -> tuple[dict[str, float], dict[str, float]]:
    """Bytes by column and factor by toolchain; the reference's factor is 1."""
    import numpy as np

    counts = np.array([point.counts() for point in found])
    sizes = np.array([point.code_bytes for point in found], dtype=float)
    prior = np.array([PRIOR_BYTES[column] for column in COLUMNS], dtype=float)
    factors = {point.toolchain: 1.0 for point in found}
    solved = prior
    for _ in range(ROUNDS):
        scale = np.array([factors[point.toolchain] for point in found])
        matrix = np.vstack([counts * (scale / sizes)[:, None], np.diag(PRIOR_WEIGHT / prior)])
        wanted = np.concatenate([np.ones(len(found)), np.full(len(prior), PRIOR_WEIGHT)])
        solved = np.linalg.lstsq(matrix, wanted, rcond=None)[0]
        ratio = np.log(sizes / (counts @ solved))
        for name in factors:
            if name != REFERENCE:
                factors[name] = float(np.exp(np.mean([ratio[i] for i, p in enumerate(found) if p.toolchain == name])))
    return dict(zip(COLUMNS, (float(size) for size in solved), strict=True)), factors


def error(point: Point, solved: tuple[dict[str, float], dict[str, float]]) -> float:
    """Predicted by published, less 1."""
    sizes, factors = solved
    predicted = sum(count * sizes[column] for count, column in zip(point.counts(), COLUMNS, strict=True))
    return predicted * factors[point.toolchain] / point.code_bytes - 1


def left_out() -> list[tuple[Point, float]]:
    """The error of each point when the fit sees no program with its operators.

    The same program was published for several boards, as int8 and as float32. To leave out only the one would flatter:
    its sisters would tell. So all programs with the same operators are left out together, conversions aside. With all
    operators linked it is always the same set, so there only the one point is left out.
    """
    found = points()
    return [
        (
            point,
            error(
                point,
                solve([o for o in found if o is not point and (o.program() != point.program() or o.links_all)]),
            ),
        )
        for point in found
    ]


def fitted() -> dict[str, Any]:
    """What `runtime_code.json` holds.

    `error` is a band: nine of ten left-out points err by no more; for all operators, of which there are few points,
    it is the largest.
    """
    import numpy as np

    found = points()
    sizes, factors = solved = solve(found)
    inside = [abs(error(point, solved)) for point in found]
    outside = [(point, abs(miss)) for point, miss in left_out()]
    some = [miss for point, miss in outside if not point.links_all]
    everything = [miss for point, miss in outside if point.links_all]
    return {
        "points": len(found),
        "bytes": {column: round(size) for column, size in sizes.items()},
        "toolchain_factor": {name: round(factor, 3) for name, factor in factors.items()},
        "unknown_factor": round(float(np.exp(np.mean(np.log(list(factors.values()))))), 3),
        "error": {
            "some operators": round(float(np.quantile(some, 0.9)), 3),
            "all operators": round(max(everything), 3),
            "mean in-sample": round(float(np.mean(inside)), 4),
            "largest in-sample": round(max(inside), 4),
            "mean left-out": round(float(np.mean([miss for _, miss in outside])), 4),
            "largest left-out": round(max(miss for _, miss in outside), 4),
        },
    }


if __name__ == "__main__":
    TABLE.write_text(json.dumps(fitted(), indent=2) + "\n", encoding="utf-8")
    for one, miss in left_out():
        print(f"{100 * miss:+6.1f} %  {one.code_bytes:>8,}  {one.toolchain}, {one.board}: {one.operators or 'none'}")
    print(TABLE.read_text(encoding="utf-8"))
