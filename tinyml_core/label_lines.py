"""Long labels in lines, so that they fit a phone: where they break, and how tall they become."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

# Axis labels: characters of a line, and its height at the theme's font size.
LABEL_CHARACTERS = 17
LABEL_LINE_PX = 14


def wrapped(text: str, characters: int = LABEL_CHARACTERS) -> str:
    """The text in lines, broken at spaces and behind hyphens (of names as `NUCLEO-F072RB` too)."""
    lines = [""]
    for piece in re.findall(r" *[^ -]*-| *[^ -]+", text):
        if lines[-1] and len(lines[-1] + piece) > characters:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.strip(" ")
    return "\n".join(lines)


def wrapped_labels(texts: list[str], characters: int = LABEL_CHARACTERS, *, equally_tall: bool = False) -> str:
    """A Vega expression that writes these axis labels in lines, so that long ones fit a phone.

    Args:
        texts: The labels of the axis.
        characters: The length of a line.
        equally_tall: Put empty lines before shorter labels, so that all end on the same line.
    """
    lines = {text: wrapped(text, characters).split("\n") for text in texts}
    if equally_tall:
        most = most_lines(texts, characters)
        lines = {text: [""] * (most - len(parts)) + parts for text, parts in lines.items()}
    return f"({json.dumps(lines)})[datum.label] || datum.label"


def most_lines(texts: Iterable[str], characters: int = LABEL_CHARACTERS) -> int:
    """How many lines the longest of these labels takes."""
    return max((wrapped(text, characters).count("\n") + 1 for text in texts), default=1)


def half_lines_up(texts: list[str]) -> Any:
    """A label offset that centres each label on its row, as Vega centres the first line only."""
    conditions = []
    for count in range(2, most_lines(texts) + 1):
        members = [text for text in texts if most_lines([text]) == count]
        up = -(count - 1) * LABEL_LINE_PX / 2
        conditions.append({"test": f"indexof({json.dumps(members)}, datum.value) >= 0", "value": up})
    return {"condition": conditions, "value": 0} if conditions else 0
