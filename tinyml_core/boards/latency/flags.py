"""Known effects that the estimate does not contain, said in sentences; two of them widen the band."""

from __future__ import annotations

from dataclasses import dataclass

from tinyml_core.boards.board import Board
from tinyml_core.boards.latency.runtimes import Runtime
from tinyml_core.boards.latency.table import Coefficients
from tinyml_core.boards.latency.workload import Workload
from tinyml_core.metrics import format_bytes

CACHED_WEIGHT_BYTES = 24 * 1024
"""Weights in external flash up to this size were as fast as others (RP2350); 78 KB were not."""

EXTERNAL_FLASH_FACTOR = 10.0
"""The slowest of those: fully connected with 265 KB of weights, against the same kernels reading internal flash."""

FAST_M7_MHZ = 400
_NOTEWORTHY_DEAD_SHARE = 0.02
_NOTEWORTHY_SHARE = 0.001


@dataclass(frozen=True, slots=True)
class Unknown:
    """MACs whose cost is not known: their share of all, 0 to 1, and operators, classes or types they belong to."""

    share: float
    what: tuple[str, ...]


def widened(row: Coefficients, board: Board, model: Workload) -> tuple[float, float]:
    """The band's two factors, wider where an effect is known that has not been measured well."""
    low, high = row.band
    if _fast_m7(board):
        low, high = min(low, 0.8), max(high, 2.0)
    if _slow_flash(row, board, model):
        high = max(high, EXTERNAL_FLASH_FACTOR)
    return low, high


def flags_of(row: Coefficients, board: Board, model: Workload, runtime: Runtime, unknown: Unknown) -> tuple[str, ...]:
    """Sentences on what the estimate leaves out."""
    said = []
    if unknown.share > 0:
        share = f"{100 * unknown.share:.1f} %" if unknown.share >= _NOTEWORTHY_SHARE else "less than 0.1 %"
        said.append(
            f"Partly unknown: what {share} of the multiplications cost ({', '.join(unknown.what)}) was never published; "
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
