"""A number and how it is known, and the checks of what a board's file says."""

from __future__ import annotations

import difflib
from collections.abc import Set
from dataclasses import dataclass
from typing import Any, Literal, get_args

Known = Literal["read", "second-hand", "recalled", "derived", "measured", "assumed"]


class BoardError(ValueError):
    """A board's file says something that cannot be; the message is one sentence that names the file."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and how it is known; its unit stands in the name of the field that holds it.

    Attributes:
        known: `read` in a public source, `second-hand` in notes quoting one, `recalled` from memory, `derived` by
            arithmetic from read numbers, `measured` on the board, or `assumed`.
        source: Where it was read, how it was derived, or the reasoning of an assumption.
    """

    value: int
    known: Known
    source: str


EXPECTED: dict[str, tuple[type, str]] = {
    "str": (str, "a text in quotes"),
    "int": (int, "a whole number"),
    "bool": (bool, "true or false"),
    "Figure": (dict, "a table with value, known and source"),
    "Npu": (dict, "a table that describes the NPU"),
    "tuple[str, ...]": (list, "a list of texts"),
}

MOST_KEYS = 6


def check_keys(where: str, given: dict[str, Any], expected: set[str], optional: Set[str] = frozenset()) -> None:
    """Refuse a table that lacks a key or has one that nobody reads: most likely a slip of the pen."""
    for problem, keys, advice in (
        ("lacks", expected - optional - set(given), "add"),
        ("has the unknown", set(given) - expected, "remove or correct"),
    ):
        if keys:
            told = ", ".join(sorted(keys)[:MOST_KEYS])
            told += f" and {len(keys) - MOST_KEYS} more" if len(keys) > MOST_KEYS else ""
            near = difflib.get_close_matches(min(keys), sorted(expected - set(given)), 2) if problem != "lacks" else []
            meant = f" (perhaps {' or '.join(near)})" if near else ""
            raise BoardError(f"{where} {problem} {told}{meant}; {advice} {'it' if len(keys) == 1 else 'them'}.")


def shown(value: Any) -> str:
    """A given value for a sentence, shortened."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def checked_choice(where: str, given: Any, choices: tuple[str, ...]) -> Any:
    """One of a few words."""
    if given not in choices:
        listed = ", ".join(choice or '""' for choice in choices)
        raise BoardError(f"{where} is {shown(given)}, expected one of {listed}; choose one.")
    return given


def checked_value(where: str, kind: str, given: Any, key: str) -> Any:
    """One value of the file, checked; `key` is the field it belongs to, `kind` that field's type."""
    python_type, words = EXPECTED[kind]
    matches = type(given) is python_type  # not isinstance: true and false are no numbers here
    if not matches:
        raise BoardError(f"{where} is {shown(given)}, expected {words}; correct the file.")
    if kind == "Figure":
        check_keys(where, given, {"value", "known", "source"})
        known = checked_choice(f"{where}.known", given["known"], get_args(Known))
        source = checked_value(f"{where}.source", "str", given["source"], key)
        return Figure(checked_value(f"{where}.value", "int", given["value"], key), known, source)
    if kind == "int":
        lowest, highest = LIMITS[key]
        if not lowest <= given <= highest:
            wanted = f"expected {lowest} to {highest}; look it up, or assume one and say so."
            raise BoardError(f"{where} is {shown(given)}, {wanted}")
    if kind in ("str", "tuple[str, ...]"):
        texts = [given] if kind == "str" else given
        if not all(isinstance(text, str) and text.strip() for text in texts) or (key == "sources" and not texts):
            wanted = "expected words; say what is known, or that it is assumed and why."
            raise BoardError(f"{where} is {shown(given)}, {wanted}")
    return tuple(given) if isinstance(given, list) else given


# ---- What a number of a board's file can be at all: outside of it, a unit or a digit has slipped -------------------

MB = 1024**2

LIMITS: dict[str, tuple[int, int]] = {
    "order": (0, 1_000_000),
    "cores": (1, 64),
    **dict.fromkeys(("clock_mhz_max", "clock_mhz_default", "clock_mhz", "active_power_mhz"), (1, 2_000)),
    "active_power_uw": (1, 10_000_000),
    **dict.fromkeys(("ram_physical_bytes", "ram_contiguous_bytes", "runtime_ram_bytes"), (1, 64 * MB)),
    **dict.fromkeys(("platform_ram_bytes", "psram_bytes"), (0, 64 * MB)),
    **dict.fromkeys(("flash_physical_bytes", "flash_usable_bytes"), (1, 1024 * MB)),
    "platform_flash_bytes": (0, 1024 * MB),
}
"""Smallest and largest allowed value of a field. A platform may take nothing (bare metal), and many boards have no PSRAM;
a processor with more than 64 MB of RAM or 2 GHz, or a board that draws more than 10 W, is no microcontroller."""
