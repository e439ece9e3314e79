"""How a table in text is written, and which of its columns is what: told by names and cells, else asked."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from tinyml_core.domain.brought import Question
from tinyml_core.uploads.data.given import NO_LABELS, AskFirst, Taker
from tinyml_core.uploads.refusal import counted, refused, several, shown

NUMBER = re.compile(r"[ \t]*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?[ \t]*")
NUMBER_WITH_COMMA = re.compile(r"[ \t]*[-+]?[0-9]+,[0-9]+([eE][-+]?[0-9]+)?[ \t]*")

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?")
"""What stands where a value is missing."""

LABEL_NAMES = ("label", "labels", "class", "classes", "target", "species", "category", "activity", "gesture", "y")

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
        left_out: Places of columns that are neither inputs nor labels, as a person said.
        words: Whether the labels are words, so that NA is one, too.
    """

    delimiter: str
    decimal: str
    header: bool
    names: tuple[str, ...]
    labels: int | None
    index: int | None
    left_out: tuple[int, ...] = ()
    words: bool = False

    @property
    def unused(self) -> tuple[int, ...]:
        """Places of the columns that nothing is taken from."""
        return self.left_out if self.index is None else (self.index, *self.left_out)

    @property
    def inputs(self) -> list[int]:
        """Places of the columns that are inputs."""
        return [place for place in range(len(self.names)) if place != self.labels and place not in self.unused]

    @property
    def offered(self) -> dict[str, tuple[str, ...]]:
        """Among which names one may choose."""
        return {"labels": (*self.names, NO_LABELS)}

    @property
    def taken(self) -> dict[str, str]:
        """What is taken of them."""
        return {"labels": NO_LABELS if self.labels is None else self.names[self.labels]}

    def missing(self, place: int) -> tuple[str, ...]:
        """What stands in a column where a value is missing."""
        if place in self.unused:
            return ()
        return ("",) if place == self.labels and self.words else MISSING


def layout_of(text: str, taker: Taker, choices: Mapping[str, str]) -> Layout:
    """How a table is written, by its first rows.

    Args:
        text: The file.
        taker: A table without names and with one column more than the model takes values has its labels first or last.
        choices: `labels`: name of the column of labels, or `NO_LABELS`. `inputs`, or `leave_out`: names of columns.

    Raises:
        Expected: There is no table, or no column of that name.
        AskFirst: Which column is what cannot be told.
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
    return _with_roles(Layout(delimiter, decimal, header, tuple(names), None, index), cells[header:], taker, choices)


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
    numbers = [cell.strip() for cell in first if _is_number(cell)]
    counted_up = any(numbers == [str(start + n) for n in range(len(numbers))] for start in (0, 1))
    return counted_up and len(numbers) > 1 and cells[1:] != [] and first != others[0]


def _counts_rows(column: list[str]) -> bool:
    return column == [str(number) for number in range(len(column))]


def _with_roles(layout: Layout, rows: list[list[str]], taker: Taker, choices: Mapping[str, str]) -> Layout:
    """Which column is what: as a person said, else as its name or its cells tell, else asked."""
    names = layout.names
    wanted, left_out = (_places(names, choices.get(name, "")) for name in ("inputs", "leave_out"))
    if wanted and left_out:
        raise refused("Inputs and columns to leave out are both named.", "Name one of them; the other follows.")
    layout = replace(layout, left_out=left_out)
    if wanted:
        layout = replace(layout, index=None)
        others = [place for place in range(len(names)) if place not in wanted]
        labels = _labels(replace(layout, left_out=wanted), rows, taker, choices) if others else None
        layout = replace(layout, labels=labels, left_out=tuple(place for place in others if place != labels))
    else:
        layout = replace(layout, labels=_labels(layout, rows, taker, choices))
    if layout.labels is not None and layout.labels in (*wanted, *left_out):
        raise refused(
            f"Column {shown(names[layout.labels])} is named as labels and as something else.", "Name it once."
        )
    if not wanted and not left_out:
        _ask_what_to_leave_out(layout, rows, taker)
    words = layout.labels is not None and any(
        not _is_number(cell) and cell not in MISSING for cell in _column(rows, layout.labels)
    )
    return replace(layout, words=words)


def _places(names: tuple[str, ...], given: str) -> tuple[int, ...]:
    """Places of the named columns, in the order of the table."""
    asked = [part.strip() for part in given.split(",") if part.strip()]
    unknown = [name for name in asked if name not in names]
    if unknown:
        raise _no_column(unknown[0], names)
    if len(set(asked)) < len(asked):
        raise refused("A column is named twice.", "Name each once.")
    return tuple(sorted(names.index(name) for name in asked))


def _no_column(name: str, names: tuple[str, ...]) -> Exception:
    return refused(f"There is no column {shown(name)} in the table.", f"It has {', '.join(map(shown, names[:10]))}.")


def _column(rows: list[list[str]], place: int) -> list[str]:
    return [row[place].strip() for row in rows if place < len(row)]


def _labels(layout: Layout, rows: list[list[str]], taker: Taker, choices: Mapping[str, str]) -> int | None:
    """The column of labels: as said, by its name, because it alone holds words, or because one column is over.

    Raises:
        AskFirst: One column is over, and nothing tells which it is.
    """
    names, choice = layout.names, choices.get("labels", "")
    if choice == NO_LABELS:
        return None
    if choice:
        if choice not in names:
            raise _no_column(choice, names)
        return names.index(choice)
    left = [place for place in range(len(names)) if place not in layout.unused]
    small = {names[place].lower(): place for place in left}
    an_axis = "z" in small or ("x" in small and len(small) > 2)  # y beside them is no label
    known = [name for name in LABEL_NAMES if name in small and not (name == "y" and an_axis)]
    if layout.header and known:
        return small[known[0]]
    of_words = [place for place in left if _holds_words(_column(rows, place))]
    if len(of_words) == 1:
        return of_words[0]
    values = math.prod(taker.input_shape)
    if "inputs" in choices:
        if len(left) > 1:
            raise _ask_labels(layout, left, left[-1])
        return left[0]
    if len(left) in (1, values):
        return None
    if len(left) != values + 1:
        return left[-1]
    classes = [place for place in (left[0], left[-1]) if _looks_like_classes(rows, place, taker)]
    if len(classes) == 1:
        return classes[0]
    if layout.header and not all(map(_is_number, names)):  # without names there is nothing to choose by
        raise _ask_labels(layout, left, left[-1])
    return left[-1]


def _holds_words(column: list[str]) -> bool:
    """Whether a column holds names of classes: no number, and some word that stands for nothing missing."""
    return bool(column) and not any(map(_is_number, column)) and any(cell not in MISSING for cell in column)


def _ask_labels(layout: Layout, places: list[int], likely: int) -> AskFirst:
    names = tuple(layout.names[place] for place in places)
    ask = Question(
        "labels",
        f"The table has {counted(len(names), 'column')} that may hold the labels, and none is called label or target. Which of "
        "them does the model answer with?",
        (*names, NO_LABELS),
        likely=layout.names[likely],
    )
    return AskFirst("csv", ask, choices=layout.offered)


MOST_LEFT_OUT = 3
"""Columns over; where there are more, the table is of something else than the model takes."""


def _ask_what_to_leave_out(layout: Layout, rows: list[list[str]], taker: Taker) -> None:
    """Ask which columns are no inputs, where a few are over.

    Raises:
        AskFirst: There are.
    """
    inputs, values = layout.inputs, math.prod(taker.input_shape)
    over = len(inputs) - values
    if not 1 <= over <= MOST_LEFT_OUT:
        return
    counting = [place for place in inputs if _may_count(layout.names[place], _column(rows, place))]
    names = tuple(layout.names[place] for place in inputs)
    likely = ",".join(layout.names[place] for place in counting[:over]) if len(counting) >= over else ""
    hint = (
        f" {several([shown(layout.names[place]) for place in counting], 4)} may merely number the rows."
        if counting
        else ""
    )
    ask = Question(
        "leave_out",
        f"The table has {counted(len(inputs), 'column')} of inputs, the model takes {values:,}.{hint} Which to leave out?",
        names,
        likely=likely,
        several=over > 1,
    )
    raise AskFirst("csv", ask, choices=layout.offered, taken=layout.taken)


WHOLE = re.compile(r"[0-9]+(\.0*)?")

COUNTING_NAMES = ("id", "index", "no", "nr", "row", "time", "timestamp", "date", "unnamed: 0")


def _may_count(name: str, column: list[str]) -> bool:
    """Whether a column numbers the rows or tells their time: by its name, or because all its whole numbers differ."""
    whole = all(cell.isdigit() for cell in column)
    return name.lower() in COUNTING_NAMES or (len(column) > 2 and whole and len(set(column)) == len(column))


def _looks_like_classes(rows: list[list[str]], place: int, taker: Taker) -> bool:
    """Whether a column holds class numbers that the model has outputs for, or names; more than one of them."""
    found = set(_column(rows, place))
    numbered = taker.outputs > 1 and all(
        WHOLE.fullmatch(cell) and len(cell) < 8 and int(float(cell)) <= taker.outputs for cell in found
    )
    return len(found) > 1 and (numbered or not any(_is_number(cell) for cell in found))
