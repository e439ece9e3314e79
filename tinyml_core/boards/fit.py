"""Does a variant fit a board? Two sums, flash and RAM, each against what a program may use of it.

Everything here is arithmetic on numbers known elsewhere: the model's flash is counted, the arena is measured on TFLM,
the runtime's code is estimated (`runtime_code.py`), the platform comes from the board's file. Hence a verdict is no
more certain than its least certain part; each part carries how it is known.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tinyml_core.boards.board import Board, Figure
from tinyml_core.boards.runtime_code import RuntimeCode, runtime_code
from tinyml_core.boards.verdict import Verdict, compare, flash_reasons
from tinyml_core.metrics import ARENA_32BIT, format_bytes
from tinyml_core.outcome import Micro


@dataclass(frozen=True, slots=True)
class Part:
    """One summand.

    Attributes:
        known: As of a board's `Figure`, or `counted` for the model, `estimated` for the runtime's code.
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
        flash_high_bytes: Flash needed with the runtime's code at the high end of its band.
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
    flash_high_bytes: int


def fit(board: Board, flash_bytes: int, micro: Micro, operators: Collection[str]) -> Fit:
    """Compare what a variant needs with what a board offers.

    The arena is the larger of the two measured ones. Both come from a 64-bit host, where pointers are twice as long as
    on a microcontroller, so they rather overstate. If only the arena derived for 32 bits would fit, the verdict is
    `tight`: it may well run, but nobody has seen it. In the same way the runtime's code decides by its estimate, and if
    only the low end of its band would fit, or the high end would not, the verdict is `tight`.

    Args:
        board: From `boards()`.
        flash_bytes: The model as a constant array, without any runtime.
        micro: What TFLM said of the variant.
        operators: Names of the variant's operators, as `Inspection.operators`.
    """
    code = runtime_code(operators, board)
    flash_parts = (
        Part("Model", flash_bytes, "counted", "the .tflite file, rounded up to 16 bytes"),
        Part("Runtime", code.size_bytes, "estimated", _code_source(code)),
        _part("Platform", board.platform_flash_bytes),
    )
    reserve = (_part("Runtime", board.runtime_ram_bytes), _part("Platform", board.platform_ram_bytes))
    measured = [size for size in (micro.arena_bytes, micro.arena_minimum_bytes) if size is not None]
    arena = max(measured) if micro.status == "runs" and measured else None
    ram_parts = reserve if arena is None else (Part("Arena", arena, "measured", _arena_source(micro)), *reserve)
    flash_needed = _sum(flash_parts)
    ram_needed = None if arena is None else _sum(ram_parts)
    flash_available, ram_available = board.flash_usable_bytes.value, board.ram_contiguous_bytes.value

    flash_low, flash_high = (flash_needed - code.size_bytes + end for end in (code.low_bytes, code.high_bytes))
    flash_says = flash_reasons(flash_needed, flash_low, flash_available)
    verdict: Verdict
    if micro.status == "refused":
        cause = (micro.cause or micro.error or "it gave no cause").rstrip(".")
        verdict, reasons = "cannot run", [f"TFLM refuses the model: {cause}.", *flash_says]
    elif ram_needed is None:
        verdict = "too big" if flash_low > flash_available else "unknown"
        why = "the model was not executed on TFLM" if micro.status == "not executed" else "no arena was measured"
        reasons = [*flash_says, f"RAM: unknown, because {why}."]
    else:
        smaller = None if micro.arena_32bit_bytes is None else _sum(reserve) + micro.arena_32bit_bytes
        verdict, reasons = compare(
            (flash_needed, flash_available, flash_low),
            (ram_needed, ram_available, smaller),
            flash_says,
            flash_high,
        )
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
        flash_high,
    )


def _code_source(code: RuntimeCode) -> str:
    parts = ", ".join(f"{title} {format_bytes(size)}" for title, size in code.parts)
    return f"between {format_bytes(code.low_bytes)} and {format_bytes(code.high_bytes)}: {code.basis}. {parts}"


def _arena_source(micro: Micro) -> str:
    figures = {"its allocation record": micro.arena_bytes, "the smallest that runs": micro.arena_minimum_bytes}
    told = ", ".join(f"{title} {size:,} B" for title, size in figures.items() if size is not None)
    derived = micro.arena_32bit_bytes
    on_board = "" if derived is None else f"; {ARENA_32BIT}: {derived:,} B"
    return f"TFLM on this computer, a 64-bit host: {told}; the larger counts{on_board}"


def _part(title: str, figure: Figure) -> Part:
    return Part(title, figure.value, figure.known, figure.source)


def _sum(parts: tuple[Part, ...]) -> int:
    return sum(part.size_bytes for part in parts)
