"""How much flash the code of TensorFlow Lite Micro takes: a core, and a kernel for each kind of operator.

    size = toolchain factor x (core + sum over kinds of operators of the kernel's bytes)

TFLM links a kernel once, however often it is used, and as usually registered with the code of all its number types: so
int8 saves no code against float32, and converting at the borders (QUANTIZE, DEQUANTIZE) adds some. What a program adds of its own, and
the C library it prints with, is not in here.

The numbers are least squares over published program sizes (`runtime_code.csv`, one a line with its source), made by
`python -m benchmarks.estimator.runtime_code` and kept in `runtime_code.json` with the errors they make.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tinyml_core.boards.board import Board

GROUPS: dict[str, frozenset[str]] = {
    "convolutions": frozenset(
        ("CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV", "SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM")
    ),
    "matrix products": frozenset(("FULLY_CONNECTED", "BATCH_MATMUL")),
    "data movement": frozenset((
        "BATCH_TO_SPACE_ND", "BROADCAST_TO", "CAST", "CONCATENATION", "DEPTH_TO_SPACE", "DEQUANTIZE", "EXPAND_DIMS",
        "FILL", "GATHER", "GATHER_ND", "PACK", "PAD", "PADV2", "QUANTIZE", "RESHAPE", "SHAPE", "SLICE",
        "SPACE_TO_BATCH_ND", "SPACE_TO_DEPTH", "SPLIT", "SPLIT_V", "SQUEEZE", "STRIDED_SLICE", "TRANSPOSE", "UNPACK",
        "ZEROS_LIKE",
    )),
}  # fmt: skip
"""Kinds of operators whose kernels are alike in size; any other operator counts as `ARITHMETIC`."""

ARITHMETIC = "arithmetic"

ALL_COUNTS = {"convolutions": 5, "matrix products": 2, "data movement": 18, ARITHMETIC: 49}
"""Operators that TFLM's AllOpsResolver had when the sizes were published: 74 in all
(github.com/mocleiri/tensorflow-micropython-examples/issues/13); their division into kinds is assumed."""

MEASURED_PLATFORMS = {
    "Arduino Mbed": "Arduino's Mbed core",
    "Arduino Mbed RP2040": "Arduino's Mbed core for the RP2040",
    "Arduino SAMD": "Arduino's SAMD core",
    "ESP-IDF": "ESP-IDF",
    "STM32 bare metal": "ST's Arduino core, which stands for bare metal",
}
"""Software platforms that program sizes were published for, and in words what they were built with."""


@dataclass(frozen=True, slots=True)
class RuntimeCode:
    """Flash of the runtime's code.

    Attributes:
        low_bytes: Nine of ten published sizes are no more off than this when they are left out of the fit.
        high_bytes: The same upwards; it also counts what printing numbers takes, which the size leaves out.
        parts: Core and kinds of operators, in bytes; they add up to the size.
        basis: What it rests on, in a sentence or two.
    """

    size_bytes: int
    low_bytes: int
    high_bytes: int
    parts: tuple[tuple[str, int], ...]
    basis: str


def operator_counts(operators: Collection[str]) -> dict[str, int]:
    """How many different operators there are of each kind of kernel."""
    found = [next((group for group, members in GROUPS.items() if one in members), ARITHMETIC) for one in set(operators)]
    return {group: found.count(group) for group in (*GROUPS, ARITHMETIC)}


@cache
def table() -> dict[str, Any]:
    """Coefficients, factors and errors, as the fit wrote them."""
    found: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return found


def runtime_code(operators: Collection[str], board: Board) -> RuntimeCode:
    """Code of TFLM with a resolver that links just these operators.

    Operators are named as in the schema, `CONV_2D`; repetitions do not matter. The board's `platform` decides the
    toolchain factor: without a published size for it the middle of all known ones, and the band spans them all.
    """
    error = table()["error"]["some operators"]
    return _sized(operator_counts(operators), board, error, "in nine of ten cases")


def all_operators_code(board: Board) -> RuntimeCode:
    """Code of TFLM with every operator linked (AllOpsResolver): what a smaller resolver is to be compared with."""
    return _sized(ALL_COUNTS, board, table()["error"]["all operators"], "in all of the few cases")


def _sized(counts: dict[str, int], board: Board, error: float, cases: str) -> RuntimeCode:
    found = table()
    factors: dict[str, float] = found["toolchain_factor"]
    known = board.platform in factors
    factor = factors[board.platform] if known else found["unknown_factor"]
    lowest, highest = (factor, factor) if known else (min(factors.values()), max(factors.values()))
    bare = {"interpreter and allocator": found["bytes"]["core"]} | {
        f"{group} ({count})": count * found["bytes"][group] for group, count in counts.items() if count
    }
    parts = tuple((title, round(size * factor)) for title, size in bare.items())
    total = sum(bare.values())
    platform, times = MEASURED_PLATFORMS.get(board.platform, board.platform), f"(x {factor:.2f})"
    unpublished = f"no size is published for {board.platform}, so the toolchain is taken as the middle of all {times}"
    built = f"built as with {platform} {times}" if known else unpublished
    basis = f"fitted to {found['points']} published program sizes, {built}; "
    basis += f"one that the fit has not seen is {100 * error:.0f} % off or less {cases}"
    # The error is predicted by published, less 1; so what was published lies between these two.
    low, high = total * lowest / (1 + error), (total + found["bytes"]["printing"]) * highest / (1 - error)
    return RuntimeCode(sum(size for _, size in parts), round(low), round(high), parts, basis)
