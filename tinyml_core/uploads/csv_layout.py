"""How a table in text is written: its delimiter, its decimal sign, whether it has a header, and which column holds the labels."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from itertools import islice

from tinyml_core.uploads.brought import NO_LABELS, Taker
from tinyml_core.uploads.refusal import refused, shown

NUMBER = re.compile(r"[ \t]*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?[ \t]*")
NUMBER_WITH_COMMA = re.compile(r"[ \t]*[-+]?[0-9]+,[0-9]+([eE][-+]?[0-9]+)?[ \t]*")
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?")
"""What stands where a value is missing."""

LABEL_NAMES = ("label", "labels", "class", "classes", "target", "y", "species", "category")
ROWS_LOOKED_AT = 50
MOST_COLUMNS = 30_000
"""A picture of 100×100 in colour."""

TABLE = "A table is expected: one row a sample, its values between commas, semicolons or tabs."


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written.

    Attributes:
        header: Whether its first row holds names.
        names: Of the columns; `column 1`, ... where it has none.
        labels: Place of the column of labels; None if there is none.
        index: Place of a column that merely counts the rows, as pandas writes it; None if there is none.
    """

    delimiter: str
    decimal: str
    header: bool
    names: tuple[str, ...]
    labels: int | None
    index: int | None

    @property
    def inputs(self) -> list[int]:
        """Places of the columns that are inputs."""
        return [place for place in range(len(self.names)) if place not in (self.labels, self.index)]


def layout_of(text: str, taker: Taker, choice: str) -> Layout:
    """How a table is written, by its first rows.

    Args:
        text: The file.
        taker: A table without names and with one column more than the model takes values has its labels first or last.
        choice: Name of the column of labels, or `NO_LABELS`; empty to have it found.

    Raises:
        Expected: There is no table, or no column of that name.
    """
    head = [line for line in islice(io.StringIO(text), ROWS_LOOKED_AT) if line.strip()]
    if not head:
        raise refused("The file is empty.", TABLE)
    delimiter = _delimiter(head)
    if head[0].count(delimiter) >= MOST_COLUMNS:
        raise refused(
            f"The table has {head[0].count(delimiter) + 1:,} columns; at most {MOST_COLUMNS:,} are taken.",
            "One row a sample is expected; larger samples go into an .npz.",
        )
    try:
        rows = list(csv.reader(head, delimiter=delimiter))
    except csv.Error as error:
        raise refused("The first rows of the table cannot be read.", TABLE, str(error)) from error
    decimal = (
        "," if delimiter != "," and any(NUMBER_WITH_COMMA.fullmatch(cell) for row in rows for cell in row) else "."
    )
    cells = [[cell.replace(",", ".") if decimal == "," else cell for cell in row] for row in rows]
    header = _has_header(cells)
    names = [cell.strip() for cell in rows[0]] if header else [f"column {place + 1}" for place in range(len(rows[0]))]
    names = [name or f"column {place + 1}" for place, name in enumerate(names)]
    index = 0 if header and not rows[0][0].strip() and _counts_rows([row[0] for row in cells[1:]]) else None
    labels = _chosen(names, choice) if choice else _labels(names, header, cells[1:] if header else cells, taker, index)
    return Layout(delimiter, decimal, header, tuple(names), labels, index)


def _delimiter(head: list[str]) -> str:
    """The sign that is found most evenly in all rows."""
    counts = {sign: [line.count(sign) for line in head] for sign in ",;\t"}
    # With decimal commas both signs are in each row: then the semicolon or tab parts the values.
    return max(counts, key=lambda sign: (min(counts[sign]) > 0, sign != ",", min(counts[sign])))


def _is_number(cell: str) -> bool:
    return NUMBER.fullmatch(cell) is not None


def _has_header(cells: list[list[str]]) -> bool:
    """Whether the first row names the columns: it holds no number, or a text above numbers, or counts the columns."""
    first, others = cells[0], cells[1:]
    texts = [place for place, cell in enumerate(first) if not _is_number(cell)]
    if len(texts) == len(first):
        return True
    below = [[row[place] for row in others if place < len(row)] for place in texts]
    if any(column and all(_is_number(cell) for cell in column) and first[place] not in MISSING
           for place, column in zip(texts, below, strict=True)):  # fmt: skip
        return True
    return bool(texts) and [cell for cell in first if _is_number(cell)] == [
        str(n) for n in range(len(first) - len(texts))
    ]


def _counts_rows(column: list[str]) -> bool:
    return column == [str(number) for number in range(len(column))]


def _chosen(names: list[str], choice: str) -> int | None:
    if choice == NO_LABELS:
        return None
    if choice not in names:
        raise refused(
            f"There is no column {shown(choice)} in the table.", f"It has {', '.join(map(shown, names[:10]))}."
        )
    return names.index(choice)


def _labels(names: list[str], header: bool, rows: list[list[str]], taker: Taker, index: int | None) -> int | None:
    """The column of labels: by its name, by what the model takes, else the last."""
    columns = len(names) - (index is not None)
    values = math.prod(taker.input_shape)
    if header:
        small = [name.lower() for name in names]
        named = next((small.index(name) for name in LABEL_NAMES if name in small), None)
        if named is not None:
            return named
    if columns == values or columns == 1:
        return None
    if not header and columns == values + 1:
        return 0 if _looks_like_classes(rows, 0, taker) and not _looks_like_classes(rows, -1, taker) else len(names) - 1
    return len(names) - 1


def _looks_like_classes(rows: list[list[str]], place: int, taker: Taker) -> bool:
    """Whether a column holds class numbers that the model has outputs for, or names; more than one of them."""
    found = {row[place].strip() for row in rows if row}
    numbered = all(cell.isdigit() and len(cell) < 6 and int(cell) <= taker.outputs for cell in found)
    return len(found) > 1 and (numbered or not any(_is_number(cell) for cell in found))
