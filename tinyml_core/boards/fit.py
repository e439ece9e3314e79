"""Does a variant fit a board? Two sums, flash and RAM, each against what a program may use of it.

Everything here is arithmetic on numbers known elsewhere: the model's flash is counted, the arena is measured on TFLM,
runtime and platform come from the board's file. Hence a verdict is no more certain than its least certain part; each
part carries how it is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tinyml_core.boards.board import Board, Figure
from tinyml_core.metrics import format_bytes
from tinyml_core.outcome import Micro

Verdict = Literal["fits", "tight", "too big", "cannot run", "unknown"]

TIGHT_PERCENT = 85
"""Above this share of flash or RAM little room is left for the program around the model."""


@dataclass(frozen=True, slots=True)
class Part:
    """One summand.

    Attributes:
        known: As of a board's `Figure`, or `counted` for the model.
    """

    title: str
    size_bytes: int
    known: str
    source: str


@dataclass(frozen=True, slots=True)
class Fit:
    """The verdict on one variant on one board.

    Attributes:
        board: The board's name.
        verdict: `unknown` if nothing could be executed on TFLM here, so that no arena is known.
        ram_parts: Without an arena where none is known; then they are no sum.
        ram_needed_bytes: None where no arena is known.
        reasons: What decided, in whole sentences: the limit that is hit and by how much, or what is left.
    """

    board: str
    verdict: Verdict
    flash_parts: tuple[Part, ...]
    ram_parts: tuple[Part, ...]
    flash_needed_bytes: int
    flash_available_bytes: int
    ram_needed_bytes: int | None
    ram_available_bytes: int
    reasons: tuple[str, ...]


def fit(board: Board, flash_bytes: int, micro: Micro) -> Fit:
    """Compare what a variant needs with what a board offers.

    The arena is the larger of the two measured ones. Both come from a 64-bit host, where pointers are twice as long as
    on a microcontroller, so they rather overstate. If only the arena derived for 32 bits would fit, the verdict is
    `tight`: it may well run, but nobody has seen it.

    Args:
        board: From `boards()`.
        flash_bytes: The model as a constant array, without any runtime.
        micro: What TFLM said of the variant.
    """
    flash_parts = (
        Part("Model", flash_bytes, "counted", "the .tflite file, rounded up to 16 bytes"),
        _part("Runtime", board.runtime_flash_bytes),
        _part("Platform", board.platform_flash_bytes),
    )
    reserve = (_part("Runtime", board.runtime_ram_bytes), _part("Platform", board.platform_ram_bytes))
    measured = [size for size in (micro.arena_bytes, micro.arena_minimum_bytes) if size is not None]
    arena = max(measured) if micro.status == "runs" and measured else None
    arena_source = "TFLM on this computer, a 64-bit host"
    ram_parts = reserve if arena is None else (Part("Arena", arena, "measured", arena_source), *reserve)
    flash_needed = _sum(flash_parts)
    ram_needed = None if arena is None else _sum(ram_parts)
    flash_available, ram_available = board.flash_usable_bytes.value, board.ram_contiguous_bytes.value

    too_much = [_too_much("Flash", flash_needed, flash_available)] if flash_needed > flash_available else []
    verdict: Verdict
    if micro.status == "refused":
        cause = (micro.cause or micro.error or "it gave no cause").rstrip(".")
        verdict, reasons = "cannot run", [f"TFLM refuses the model: {cause}.", *too_much]
    elif ram_needed is None:
        verdict = "too big" if too_much else "unknown"
        why = "the model was not executed on TFLM" if micro.status == "not executed" else "no arena was measured"
        reasons = [*too_much, f"RAM: unknown, because {why}."]
    else:
        smaller = None if micro.arena_32bit_bytes is None else _sum(reserve) + micro.arena_32bit_bytes
        verdict, reasons = _compare((flash_needed, flash_available), (ram_needed, ram_available), smaller)
    return Fit(
        board.name,
        verdict,
        flash_parts,
        ram_parts,
        flash_needed,
        flash_available,
        ram_needed,
        ram_available,
        tuple(reasons),
    )


def _compare(flash: tuple[int, int], ram: tuple[int, int], ram_derived: int | None) -> tuple[Verdict, list[str]]:
    limits = (("Flash", *flash), ("RAM", *ram))
    too_much = [_too_much(*limit) for limit in limits if limit[1] > limit[2]]
    tight = [_tight(*limit) for limit in limits if limit[1] <= limit[2] and limit[1] * 100 > limit[2] * TIGHT_PERCENT]
    if too_much and flash[0] <= flash[1] and ram_derived is not None and ram_derived <= ram[1]:
        derived = (
            f"With the arena derived for a 32-bit processor it needs {format_bytes(ram_derived)} and would fit; "
            "that is calculated, so try it on the board."
        )
        return "tight", [*too_much, derived, *tight]
    if too_much:
        return "too big", [*too_much, *tight]
    if tight:
        return "tight", tight
    free = [format_bytes(available - needed) for _, needed, available in limits]
    return "fits", [f"It leaves {free[0]} of flash and {free[1]} of RAM for your own code and data."]


def _too_much(limit: str, needed: int, available: int) -> str:
    over = format_bytes(needed - available)
    return f"{limit}: needs {format_bytes(needed)} of {format_bytes(available)} usable, {over} too much."


def _tight(limit: str, needed: int, available: int) -> str:
    percent = -(-1000 * needed // available) / 10  # rounded up, so that 85.01 % does not read as 85.0 %
    return (
        f"{limit}: needs {percent:.1f} % of {format_bytes(available)} usable, over {TIGHT_PERCENT} %; "
        f"{format_bytes(available - needed)} left for your own code and data."
    )


def _part(title: str, figure: Figure) -> Part:
    return Part(title, figure.value, figure.known, figure.source)


def _sum(parts: tuple[Part, ...]) -> int:
    return sum(part.size_bytes for part in parts)
