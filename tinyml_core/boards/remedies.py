"""What would make a variant fit: computed from other sums, not guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from tinyml_core.boards.board import Board
from tinyml_core.boards.fit import Fit
from tinyml_core.boards.runtime_code import all_operators_code, runtime_code
from tinyml_core.metrics import format_bytes

RUNS = ("fits", "tight")


def resolver_saving_bytes(operators: Collection[str], board: Board) -> int:
    """Flash that a resolver with just these operators saves against one that links all of them; an estimate."""
    return all_operators_code(board).size_bytes - runtime_code(operators, board).size_bytes


def remedies(found: Fit, board: Board, operators: Collection[str], others: Mapping[str, Fit]) -> tuple[str, ...]:
    """What helps a variant on a board, in whole sentences, the surest first; none if nothing does or nothing is amiss.

    Args:
        found: The variant's own fit on this board.
        board: The board of all these fits.
        operators: The variant's operators.
        others: Fits of the model's other variants on the same board, by the variant's title.
    """
    saving = resolver_saving_bytes(operators, board)
    says = []
    if found.verdict in RUNS:
        if found.flash_needed_bytes + saving > found.flash_available_bytes:
            says.append(
                f"{_only(operators)}: linking all of them would take "
                f"about {format_bytes(saving)} more flash, and that would be too much."
            )
        return tuple(says)
    if found.verdict == "unknown":
        return ()
    runs = [title for verdict in RUNS for title, other in others.items() if other.verdict == verdict]
    if runs:
        told = [title if others[title].verdict == "fits" else f"{title} (tightly)" for title in runs]
        says.append(f"What fits of this model's variants: {', '.join(told)}.")
    short = 0 if found.ram_needed_bytes is None else found.ram_needed_bytes - found.ram_available_bytes
    if short > 0:
        arena = next((part.size_bytes for part in found.ram_parts if part.title == "Arena"), 0)
        if arena <= board.psram_bytes.value and found.flash_needed_bytes <= found.flash_available_bytes:
            says.append(
                f"The arena of {format_bytes(arena)} would fit into the {format_bytes(board.psram_bytes.value)} of RAM "
                "outside the chip, which is slower."
            )
    return tuple(says)


def smallest_board(fits: Iterable[Fit], boards: Mapping[str, Board]) -> Board | None:
    """The smallest board that runs a variant, by usable RAM, then by usable flash; None if none does.

    A board where it is tight counts as one that runs it.
    """
    running = [boards[found.board] for found in fits if found.verdict in RUNS]
    return min(
        running,
        key=lambda board: (board.ram_contiguous_bytes.value, board.flash_usable_bytes.value, board.order),
        default=None,
    )


def _only(operators: Collection[str]) -> str:
    number = len(set(operators))
    return (
        f"Register only the {number} operators that the model uses" if number > 1 else "Register only its one operator"
    )
