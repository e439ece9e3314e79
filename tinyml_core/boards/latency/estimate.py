"""How long a model would take on a board: an estimate from published measurements of other models.

    cycles  = sum over operators of what `coefficients.csv` says they cost
    latency = cycles / clock

An estimate says how it is known and how far off it may be. Where nothing was ever published there is no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyml_core.boards.board import Board
from tinyml_core.boards.latency.coefficients import KINDS, Coefficients, Floats, Workload, coefficients, workload
from tinyml_core.boards.latency.runtimes import Runtime, all_runtimes
from tinyml_core.domain.inspection import OperatorWork
from tinyml_core.domain.metrics import format_bytes

LEAST_KNOWN = 0.5
"""Share of the MACs whose cost must be known; a sum over less would be taken for the whole."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long one inference takes, at the board's default clock.

    Attributes:
        runtime: Name of the runtime it is for.
        low_ms: With `high_ms` the band in which the truth probably lies: nine of ten rows where the band was measured.
        cycles: Processor cycles of the estimate.
        known_macs_share: Share of MACs whose cost is known, 0 to 1; below 1 the estimate is too low.
        basis: What it rests on, in words.
        evidence: Class of that evidence.
        flags: Known effects that the estimate does not contain, in whole sentences.
        per_operator: Cycles of each operator, in order of execution; they add up to `cycles`.
    """

    runtime: str
    low_ms: float
    estimate_ms: float
    high_ms: float
    cycles: float
    known_macs_share: float
    basis: str
    evidence: str
    flags: tuple[str, ...]
    per_operator: tuple[float, ...]

    @property
    def at_least(self) -> bool:
        """True if the cost of a part is unknown: the truth is above the band's lower end, and nobody knows how far."""
        return self.known_macs_share < 1

    @property
    def unknown_words(self) -> str:
        """What is unknown, where something is, without a full stop."""
        return f"the cost of {1 - self.known_macs_share:.0%} of the multiplications is unknown"


@dataclass(frozen=True, slots=True)
class NoEstimate:
    """Why there is no number, in one sentence."""

    reason: str


def runtimes_for(board: Board) -> tuple[Runtime, ...]:
    """Runtimes of which something is known on this board's core and that may be used on it; the first is the default."""
    core, known = board.kernel_core, coefficients()
    offered = [one for one in all_runtimes().values() if one.offered and (core, one.name) in known]
    return tuple(one for one in offered if board.mcu.startswith(one.only_mcu))


def estimate(board: Board, work: Sequence[OperatorWork], runtime_name: str | None = None) -> Estimate | NoEstimate:
    """Estimate the latency of a model's `Inspection.work` with one of `runtimes_for(board)`; None for the first."""
    possible = runtimes_for(board)
    if not possible:
        core = board.kernel_core or board.core
        return NoEstimate(f"No published latency of any runtime on this board's core ({core}).")
    chosen = [runtime for runtime in possible if runtime_name in (None, runtime.name)]
    if not chosen:
        names = ", ".join(runtime.title for runtime in possible)
        return NoEstimate(f"Nothing is known of this runtime on {board.kernel_core}; known are: {names}.")
    runtime, model = chosen[0], workload(work)
    by_dtype = coefficients()[(board.kernel_core, runtime.name)]
    cycles, known = _cycles(model, by_dtype, runtime.leaves_out_dead_channels)
    where = f"{runtime.title} on {board.kernel_core}"
    reason = _no_number(model, by_dtype, known, where)
    if reason:
        return NoEstimate(reason)
    total, (unknown_share, lacking) = float(cycles.sum()), _unknown(model, by_dtype, known)
    known_share = 1 - unknown_share
    if known_share < LEAST_KNOWN:
        words = f"Only {known_share:.0%} of the multiplications have a published cost for {where}; "
        return NoEstimate(f"{words}missing are {', '.join(lacking)}.")
    used = [by_dtype[dtype] for dtype in model.dtypes if dtype in by_dtype]
    main = max(used, key=lambda one: float(model.macs[model.dtype_masks[one.dtype]].sum()))
    low, high = widened(main, board, model)
    milliseconds = total / (board.clock_mhz_default * 1000)
    return Estimate(
        runtime.name, milliseconds * low, milliseconds, milliseconds * high, total, known_share, main.basis,
        main.evidence, flags_of(main, board, model, runtime, unknown_share, lacking), tuple(cycles.tolist()),
    )  # fmt: skip


def _cycles(model: Workload, by_dtype: dict[str, Coefficients], live: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """Cycles of each operator, [n], and whether its cost is known, [n]."""
    amounts = model.live_amounts if live else model.amounts
    any_row = next(iter(by_dtype.values()))
    cycles = np.full(len(model.macs), float(any_row.costs[-1]))  # where nothing is known, the interpreter at least
    known = np.zeros(len(model.macs), bool)
    for dtype, row in by_dtype.items():
        mask = model.dtype_masks.get(dtype)
        if mask is None:
            continue
        understood = mask & (model.kind >= 0) & np.array([*row.known, False, False])[model.kind]
        cycles = np.where(understood, amounts @ row.costs, cycles)
        known |= understood
    return cycles, known


def _unknown(
    model: Workload, by_dtype: dict[str, Coefficients], known: NDArray[np.bool_]
) -> tuple[float, tuple[str, ...]]:
    """Share of the MACs whose cost is not known, 0 to 1, and the operators, classes or types they belong to."""
    lacking = ~known & (model.kind != -1) & (model.macs > 0)
    if not lacking.any():
        return 0.0, ()
    types = [f"{dtype} operators" for dtype in model.dtypes if dtype not in by_dtype]
    classes = [
        f"{KINDS[number]} in {dtype}"
        for dtype, row in by_dtype.items()
        for number in np.unique(model.kind[lacking & model.dtype_masks.get(dtype, False)])
        if number >= 0 and not row.known[number]
    ]
    share = float(model.macs[lacking].sum() / model.macs[model.kind != -1].sum())
    return share, (*model.unknown, *types, *classes)


def _no_number(model: Workload, by_dtype: dict[str, Coefficients], known: NDArray[np.bool_], where: str) -> str:
    """Why there is no number, or an empty text."""
    if not len(model.macs):
        return "The model has no operators that could be read."
    if model.uncountable:
        costs = "a shape is left open, or nobody has published what such an operator costs."
        return f"The work of {', '.join(model.uncountable)} cannot be counted: {costs}"
    if not model.macs[model.kind != -1].sum():
        return "No operator of the model multiplies, and nothing else was timed."
    if "hybrid" in model.dtypes and "hybrid" not in by_dtype:
        return "The model mixes float activations with integer weights, which TFLM refuses; no timing is published."
    if not any(dtype in by_dtype for dtype in model.dtypes):
        return f"No latency of {' or '.join(model.dtypes)} models is published for {where}."
    if not model.macs[known].sum():
        return f"Nothing is known of these operators for {where}."
    return ""


# ---- Known effects that the estimate does not contain, said in sentences; two of them widen the band ---------------

CACHED_WEIGHT_BYTES = 24 * 1024
"""Weights in external flash up to this size were as fast as others (RP2350); 78 KB were not."""

EXTERNAL_FLASH_FACTOR = 10.0
"""The slowest of those: fully connected with 265 KB of weights, against the same kernels reading internal flash."""

FAST_M7_MHZ = 400
_NOTEWORTHY_DEAD_SHARE = 0.02
_NOTEWORTHY_SHARE = 0.001


def widened(row: Coefficients, board: Board, model: Workload) -> tuple[float, float]:
    """The band's two factors, wider where an effect is known that has not been measured well."""
    low, high = row.band
    if _fast_m7(board):
        low, high = min(low, 0.8), max(high, 2.0)
    if _slow_flash(row, board, model):
        high = max(high, EXTERNAL_FLASH_FACTOR)
    return low, high


def flags_of(
    row: Coefficients, board: Board, model: Workload, runtime: Runtime, unknown_share: float, unknown: tuple[str, ...]
) -> tuple[str, ...]:
    """Sentences on what the estimate leaves out."""
    said = []
    if unknown_share > 0:
        share = f"{100 * unknown_share:.1f} %" if unknown_share >= _NOTEWORTHY_SHARE else "less than 0.1 %"
        said.append(
            f"Partly unknown: what {share} of the multiplications cost ({', '.join(unknown)}) was never published; "
            "the estimate is too low by that."
        )
    if _slow_flash(row, board, model):
        said.append(
            f"A lower bound: the weights ({format_bytes(model.weight_bytes)}) lie in flash outside the chip and are "
            "read through a small cache. On an RP2350, 24 KB of weights ran at full speed, 78 KB and more 6 to 10 times "
            "slower."
        )
    if "CMSIS-NN" in runtime.title and model.uneven_channels:
        said.append(
            f"{model.uneven_channels} convolutions have a number of channels that 4 does not divide; with CMSIS-NN that "
            "can take up to 1.7 times as long."
        )
    if runtime.name == "tflm_cmsis_nn" and "RP2040" in board.kernel_core:
        said.append("One of the two cores is used; there is a port whose convolutions use both.")
    if board.clock_mhz_default < board.clock_mhz_max:
        faster = board.clock_mhz_max / board.clock_mhz_default
        said.append(
            f"Calculated for {board.clock_mhz_default} MHz, what the usual software sets; at the chip's maximum, "
            f"{board.clock_mhz_max} MHz, up to {faster:.3g} times as fast."
        )
    if model.dead_share > _NOTEWORTHY_DEAD_SHARE:
        dead = f"{100 * model.dead_share:.0f} % of the multiplications belong to channels whose weights are all zero; "
        does = "this runtime leaves them out." if runtime.leaves_out_dead_channels else "this runtime does them all."
        said.append(dead + does)
    if _fast_m7(board):
        said.append(
            f"Hardly anything is published of a Cortex-M7 at {FAST_M7_MHZ} MHz or more; memory that cannot keep up may "
            "make it slower than estimated."
        )
    return tuple(said)


def _slow_flash(row: Coefficients, board: Board, model: Workload) -> bool:
    return board.flash_external and not row.external_flash and model.weight_bytes > CACHED_WEIGHT_BYTES


def _fast_m7(board: Board) -> bool:
    return board.kernel_core == "Cortex-M7" and board.clock_mhz_default >= FAST_M7_MHZ
