"""A number and how it is known, and the checks of what a board's file says."""

from __future__ import annotations

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
    "Figure": (dict, "a table with value, known and source"),
    "tuple[str, ...]": (list, "a list of texts"),
}


def check_keys(where: str, given: dict[str, Any], expected: set[str]) -> None:
    """Refuse a table that lacks a key or has one that nobody reads: most likely a slip of the pen."""
    for problem, keys, advice in (
        ("lacks", expected - set(given), "add"),
        ("has the unknown", set(given) - expected, "remove or correct"),
    ):
        if keys:
            known = ", ".join(sorted(expected))
            raise BoardError(f"{where} {problem} {', '.join(sorted(keys))}; {advice} it (expected: {known}).")


def checked_value(where: str, kind: str, given: Any, key: str) -> Any:
    """One value of the file, checked; `key` is the field it belongs to, `kind` that field's type."""
    python_type, words = EXPECTED[kind]
    matches = type(given) is python_type  # not isinstance: true and false are no numbers here
    if not matches:
        raise BoardError(f"{where} is {given!r}, expected {words}; correct the file.")
    if kind == "Figure":
        return _figure(where, given, key)
    if kind == "int":
        lowest = 0 if key == "order" or key.startswith("platform_") else 1
        if given < lowest:
            raise BoardError(f"{where} is {given}, expected {lowest} or more; look it up, or assume one and say so.")
        return given
    texts = [given] if kind == "str" else given
    if not all(isinstance(text, str) and text.strip() for text in texts) or (key == "sources" and not texts):
        raise BoardError(f"{where} is {given!r}, expected words; say what is known, or that it is assumed and why.")
    return given if kind == "str" else tuple(given)


def _figure(where: str, given: dict[str, Any], key: str) -> Figure:
    check_keys(where, given, {"value", "known", "source"})
    known, choices = given["known"], get_args(Known)
    if known not in choices:
        raise BoardError(f"{where}.known is {known!r}, expected one of {', '.join(choices)}; choose one.")
    source = checked_value(f"{where}.source", "str", given["source"], key)
    return Figure(checked_value(f"{where}.value", "int", given["value"], key), known, source)
