"""Does a variant fit a board? Two sums, flash and RAM, each against what a program may use of it.

Everything here is arithmetic on numbers known elsewhere: the model's flash is counted, the arena is measured on TFLM,
the runtime's code is estimated (`runtime_code.py`), the platform comes from the board's file. Hence a verdict is no
more certain than its least certain part; each part carries how it is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tinyml_core.boards.board import Board
from tinyml_core.boards.figure import Figure
from tinyml_core.boards.runtime_code import RuntimeCode, all_operators_code, runtime_code
from tinyml_core.domain.metrics import ARENA_32BIT, format_bytes
from tinyml_core.domain.outcome import Micro


@dataclass(frozen=True, slots=True)
class Part:
    """One summand; known as a board's `Figure`, or `counted` for the model, `estimated` for the runtime's code."""

    title: str
    size_bytes: int
    known: str
    source: str


@dataclass(frozen=True, slots=True)
class Fit:
    """The verdict on one variant on one board.

    Attributes:
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

    Flash is of the model as a constant array, without any runtime; operators are named as in `Inspection.operators`.
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
    flash_needed, ram_needed = _sum(flash_parts), None if arena is None else _sum(ram_parts)
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
        flash, ram = (flash_needed, flash_available, flash_low), (ram_needed, ram_available, smaller)
        verdict, reasons = compare(flash, ram, flash_says, flash_high)
    return Fit(
        board.name, verdict, flash_parts, ram_parts, flash_needed, flash_available, ram_needed, ram_available,
        tuple(reasons), flash_high,
    )  # fmt: skip


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


# ---- What would make a variant fit: computed from other sums, not guessed ------------------------------------------

RUNS = ("fits", "tight")


def resolver_saving_bytes(operators: Collection[str], board: Board) -> int:
    """Flash that a resolver with just these operators saves against one that links all of them; an estimate."""
    return all_operators_code(board).size_bytes - runtime_code(operators, board).size_bytes


def remedies(found: Fit, board: Board, operators: Collection[str], others: Mapping[str, Fit]) -> tuple[str, ...]:
    """What helps a variant on a board, in whole sentences, the surest first; none if nothing does or nothing is amiss.

    `found` is the variant's own fit on this board, `others` those of the model's other variants there, by their titles.
    """
    if found.verdict == "unknown":
        return ()
    if found.verdict in RUNS:
        saving, number = resolver_saving_bytes(operators, board), len(set(operators))
        if found.flash_needed_bytes + saving <= found.flash_available_bytes:
            return ()
        those = f"the {number} operators that the model uses" if number > 1 else "its one operator"
        return (
            f"Register only {those}: linking all of them would take "
            f"about {format_bytes(saving)} more flash, and that would be too much.",
        )
    says = []
    runs = [title for verdict in RUNS for title, other in others.items() if other.verdict == verdict]
    if runs:
        told = [title if others[title].verdict == "fits" else f"{title} (tightly)" for title in runs]
        says.append(f"What fits of this model's variants: {', '.join(told)}.")
    short = 0 if found.ram_needed_bytes is None else found.ram_needed_bytes - found.ram_available_bytes
    if short > 0:
        arena = next((part.size_bytes for part in found.ram_parts if part.title == "Arena"), 0)
        if arena <= board.psram_bytes.value and found.flash_needed_bytes <= found.flash_available_bytes:
            arena_text, psram = format_bytes(arena), format_bytes(board.psram_bytes.value)
            says.append(
                f"The arena of {arena_text} would fit into the {psram} of RAM outside the chip, which is slower."
            )
    return tuple(says)


def smallest_board(fits: Iterable[Fit], boards: Mapping[str, Board]) -> Board | None:
    """The smallest board that runs a variant, by usable RAM, then by usable flash; None if none does.

    A board where it is tight counts as one that runs it.
    """

    def size(board: Board) -> tuple[int, int, int]:
        return board.ram_contiguous_bytes.value, board.flash_usable_bytes.value, board.order

    return min((boards[found.board] for found in fits if found.verdict in RUNS), key=size, default=None)


# ---- What two sums mean: fits, tight or too big, and why, where some of the summands are only estimates ------------

Verdict = Literal["fits", "tight", "too big", "cannot run", "unknown"]
SYMBOLS: dict[Verdict, str] = {"fits": "✓", "tight": "▲", "too big": "✗", "cannot run": "⊘", "unknown": "?"}

TIGHT_PERCENT = 85
"""Above this share of flash or RAM little room is left for the program around the model."""


def compare(
    flash: tuple[int, int, int], ram: tuple[int, int, int | None], flash_says: list[str], flash_high: int
) -> tuple[Verdict, list[str]]:
    """The verdict on both limits, and its reasons in whole sentences.

    Flash is needed, available, and needed with the runtime's code at the low end of its band (`flash_high`: at the high
    end); RAM needed, available, and needed with the arena derived for 32 bits, if it is known.
    """
    limits = (("Flash", *flash), ("RAM", *ram))
    tight = [
        _tight(limit, needed, available)
        for limit, needed, available, _ in limits
        if available >= needed and needed * 100 > available * TIGHT_PERCENT
    ]
    if flash[0] <= flash[1] < flash_high:
        tight.append(
            f"Flash: with the runtime's code at the high end of its band it needs {format_bytes(flash_high)}, "
            f"{format_bytes(flash_high - flash[1])} too much; that code is estimated, so build it and see."
        )
    over = [best for _, needed, available, best in limits if needed > available]
    if not over:
        free = [format_bytes(available - needed) for _, needed, available, _ in limits]
        leaves = f"It leaves {free[0]} of flash and {free[1]} of RAM for your own code and data."
        return ("tight", tight) if tight else ("fits", [leaves])
    ram_needed, ram_available, ram_best = ram
    ram_says = [_too_much("RAM", ram_needed, ram_available)] if ram_needed > ram_available else []
    at_best = [best is not None and best <= available for _, needed, available, best in limits if needed > available]
    if not all(at_best):
        return "too big", [*flash_says, *ram_says, *tight]
    if ram_says and ram_best is not None:
        ram_says.append(
            f"With the arena derived for a 32-bit processor it needs {format_bytes(ram_best)} and would fit; "
            "that is calculated, so try it on the board."
        )
    return "tight", [*flash_says, *ram_says, *tight]


def flash_reasons(needed: int, low: int, available: int) -> list[str]:
    """What is to be said of flash that does not suffice: nothing, how much is missing, or that the band decides."""
    if needed <= available:
        return []
    says = [_too_much("Flash", needed, available)]
    if low <= available:
        says.append(
            f"With the runtime's code at the low end of its band it needs {format_bytes(low)} and would fit; "
            "that code is estimated, so build it and see."
        )
    return says


def _too_much(limit: str, needed: int, available: int) -> str:
    over = format_bytes(needed - available)
    return f"{limit}: needs {format_bytes(needed)} of {format_bytes(available)} usable, {over} too much."


def _tight(limit: str, needed: int, available: int) -> str:
    percent = -(-1000 * needed // available) / 10  # rounded up, so that 85.01 % does not read as 85.0 %
    whole, left = format_bytes(available), format_bytes(available - needed)
    words = f"{limit}: needs {percent:.1f} % of {whole} usable, over {TIGHT_PERCENT} %; "
    return f"{words}{left} left for your own code and data."
