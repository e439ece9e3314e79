"""What two sums mean: fits, tight or too big, and why, where some of the summands are only estimates."""

from __future__ import annotations

from typing import Literal

from tinyml_core.metrics import format_bytes

Verdict = Literal["fits", "tight", "too big", "cannot run", "unknown"]
SYMBOLS: dict[Verdict, str] = {"fits": "✓", "tight": "▲", "too big": "✗", "cannot run": "⊘", "unknown": "?"}

TIGHT_PERCENT = 85
"""Above this share of flash or RAM little room is left for the program around the model."""


def compare(
    flash: tuple[int, int, int], ram: tuple[int, int, int | None], flash_says: list[str], flash_high: int
) -> tuple[Verdict, list[str]]:
    """The verdict on both limits, and its reasons in whole sentences.

    Args:
        flash: Needed, available, and needed with the runtime's code at the low end of its band.
        ram: Needed, available, and needed with the arena derived for 32 bits, if it is known.
        flash_says: From `flash_reasons`.
        flash_high: Needed with the runtime's code at the high end of its band.
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
    return (
        f"{limit}: needs {percent:.1f} % of {format_bytes(available)} usable, over {TIGHT_PERCENT} %; "
        f"{format_bytes(available - needed)} left for your own code and data."
    )
