"""Requirements on a comparison, for use in CI: `int8.score>=0.9`, `int8@arduino_nano_33_ble_sense:fits`, `int8:runs`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tinyml_core.compare.columns import COLUMNS
from tinyml_core.compare.comparison import Row

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, "==": operator.eq, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
UNITS = {"": 1.0, "%": 0.01, "kb": 1024.0, "mb": 1024.0**2, "b": 1.0, "ms": 1.0}
VERDICTS = ("fits", "tight", "too big", "cannot run")
NUMBER = re.compile(r"([\w-]+)\.(\w+)\s*(>=|<=|==|>|<)\s*(-?[\d.]+(?:e-?\d+)?)\s*(%|KB|MB|B|ms)?", re.IGNORECASE)
ON_BOARD = re.compile(r"([\w-]+)@([\w-]+):([\w ]+)")
STATUS = re.compile(r"([\w-]+):(runs)")

NUMBERS: Mapping[str, Callable[[Row], float | None]] = {
    column.required: column.value for column in COLUMNS if column.required
}
"""What can be required, and how it is worked out of a row; None is unknown, and what is unknown is not met."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement, as it was given, on the row of a technique.

    `unmet` takes that row; says in a few words what it has instead, or None if the requirement is met.
    """

    text: str
    technique: str
    board: str
    unmet: Callable[[Row, tuple[str, ...]], str | None]


def requirement(text: str) -> Requirement:
    """Read a requirement.

    Raises:
        ValueError: It is none; says what was given and what is expected.
    """
    given = text.strip()
    if found := NUMBER.fullmatch(given):
        return _number(given, *found.groups(default=""))
    if found := ON_BOARD.fullmatch(given):
        technique, board, verdict = found.groups()
        if verdict not in VERDICTS:
            raise ValueError(f"{given!r}: {verdict!r} is no verdict; verdicts are {', '.join(VERDICTS)}.")
        return Requirement(given, technique, board, lambda row, boards: _on_board(row, boards, board, verdict))
    if found := STATUS.fullmatch(given):
        return Requirement(given, found.group(1), "", _runs)
    raise ValueError(
        f"{given[:80]!r} is no requirement; write for instance int8.score>=0.9, int8.flash_bytes<=64KB, int8:runs, or "
        "int8@arduino_nano_33_ble_sense:fits."
    )


def _number(text: str, technique: str, name: str, sign: str, value: str, unit: str) -> Requirement:
    if name not in NUMBERS:
        raise ValueError(f"{text!r}: {name!r} is no number of a variant; those are {', '.join(NUMBERS)}.")
    try:
        wanted = float(value) * UNITS[unit.lower()]
    except ValueError:
        raise ValueError(f"{text!r}: {value!r} is no number.") from None

    def unmet(row: Row, boards: tuple[str, ...]) -> str | None:
        if (has := NUMBERS[name](row)) is None:
            return "is not known"
        return None if COMPARISONS[sign](has, wanted) else f"is {has:,.6g}"

    return Requirement(text, technique, "", unmet)


def _on_board(row: Row, boards: tuple[str, ...], board: str, verdict: str) -> str | None:
    if board not in boards or not row.fits:
        return "is not known"
    fit = row.fits[boards.index(board)]
    # What is tight fits, too: it is the lab's warning, not a refusal.
    met = fit.verdict == verdict or (verdict == "fits" and fit.verdict == "tight")
    return None if met else f"is: {fit.verdict}. {' '.join(fit.reasons)}".strip()


def _runs(row: Row, boards: tuple[str, ...]) -> str | None:
    status = row.measured.micro.status if row.measured else "not executed"
    return None if status == "runs" else f"is: {status}"


def unmet(requirements: tuple[Requirement, ...], rows: Mapping[str, Row], boards: tuple[str, ...]) -> list[str]:
    """A line for each requirement not met, given all rows by technique and the names of the boards of their `fits`."""
    lines = []
    for one in requirements:
        row = rows.get(one.technique)
        if row is None or row.outcome is None:
            lines.append(f"{one.text}: there is no variant {one.technique}.")
        elif row.measured is None:
            lines.append(f"{one.text}: {one.technique} could not be measured: {getattr(row.outcome, 'reason', '')}")
        elif (words := one.unmet(row, boards)) is not None:
            lines.append(f"{one.text}: it {words}".rstrip(".") + ".")
    return lines
