"""Names what is wrong in a table in text by its line and column; asked only once reading it has failed."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from tinyml_core.uploads.data.given import NO_LABELS, Brought, Taker, check_size
from tinyml_core.uploads.refusal import refused, shown

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


LARGEST = 3.4e38
"""Of float32."""

MEND = "Mend or delete that line."


def wrong(text: str, layout: Layout, error: object) -> Exception:
    """The first cell that is wrong, by line and column; the file is gone through once more for it."""
    inputs = layout.inputs
    reader = csv.reader(io.StringIO(text), delimiter=layout.delimiter, skipinitialspace=True)
    header = layout.header
    try:
        for row in reader:
            if not any(cell.strip() for cell in row) and len(row) <= 1:
                continue
            if header:
                header = False
                continue
            fault = "" if _is_sound(row, inputs, layout) else _fault(row, layout)
            if fault:
                return refused(f"Line {reader.line_num:,} of the table {fault}.", MEND, str(error))
    except csv.Error as other:
        return refused(f"Line {reader.line_num:,} of the table cannot be read.", MEND, str(other))
    return refused("The table cannot be read.", TABLE, str(error))


def _is_sound(row: list[str], inputs: list[int], layout: Layout) -> bool:
    """Whether a row has nothing wrong, told 20 times as fast as what is wrong: a large table is gone through in seconds."""
    if len(row) != len(layout.names):
        return False
    cells = [row[place] for place in inputs]
    if layout.decimal == ",":
        cells = [cell.replace(",", ".") for cell in cells]
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        return False
    finite = math.isfinite(sum(values)) and max(values) < LARGEST and min(values) > -LARGEST
    return finite and (layout.labels is None or row[layout.labels].strip() not in MISSING)


def _fault(row: list[str], layout: Layout) -> str:
    if len(row) != len(layout.names):
        return f"has {len(row):,} values, the first has {len(layout.names):,}"
    for place, cell in enumerate(row):
        name = shown(layout.names[place])
        if cell.strip() in MISSING:
            return f"has no value in column {name}"
        if place == layout.labels:
            continue
        plain = cell.replace(",", ".") if layout.decimal == "," else cell
        if not NUMBER.fullmatch(plain):
            return f"has {shown(cell.strip(), 40)} in column {name}, which is no number"
        if not math.isfinite(float(plain)) or abs(float(plain)) > LARGEST:
            return f"has {shown(cell.strip(), 40)} in column {name}, which is too large"
    return ""


LONGEST_CLASS_NAME = 200


def read_csv(content: bytes, taker: Taker, choices: Mapping[str, str]) -> Brought:
    """Inputs and labels of a table.

    Raises:
        Expected: It is no table, or a value is missing or is no number; with its line and column.
    """
    import numpy as np
    import pandas as pd

    text, notes = _text(content)
    layout = layout_of(text, taker, choices.get("labels", ""))
    if not layout.inputs:
        raise refused("The table has one column, so there is nothing left for inputs.", TABLE)
    check_size(text.count("\n") + 1, (len(layout.names),), 1)
    types = {place: str if place == layout.labels else np.float32 for place in range(len(layout.names))}
    try:
        with np.errstate(over="ignore"):  # what is beyond float32 is told below
            table = pd.read_csv(
                io.StringIO(text),
                sep=layout.delimiter,
                decimal=layout.decimal,
                header=None,
                skiprows=_lines_before(text) + layout.header,
                dtype=types,
                keep_default_na=False,
                na_values=list(MISSING),
                skipinitialspace=True,
                encoding="utf-8",
            )
    except pd.errors.EmptyDataError as error:
        raise refused("The table has a row of names and no row of values.", TABLE) from error
    except (ValueError, OverflowError, TypeError, IndexError) as error:  # pandas' ParserError is a ValueError
        raise wrong(text, layout, error) from error
    if table.shape[1] != len(layout.names) or table.isna().to_numpy().any():
        raise wrong(text, layout, f"{table.shape[1]} columns")
    x = table[layout.inputs].to_numpy(dtype=np.float32)
    if not np.isfinite(x).all():
        raise wrong(text, layout, "not finite")
    labels = None if layout.labels is None else _label_names(table[layout.labels].str.strip(), layout)
    found = (
        f"Column {shown(layout.names[layout.labels])} holds the labels" if layout.labels is not None else "No labels"
    )
    notes.append(
        f"{found}; {len(layout.inputs):,} columns are inputs{'' if layout.header else ', the first row is data'}."
    )
    if layout.index is not None:
        notes.append("The first column counts the rows and is left out.")
    if layout.decimal == ",":
        notes.append("Numbers are read with a decimal comma.")
    taken = {"labels": NO_LABELS if layout.labels is None else layout.names[layout.labels]}
    offered = {"labels": (*layout.names, NO_LABELS)}
    return Brought("csv", x, labels, choices=offered, taken=taken, notes=tuple(notes))


def _text(content: bytes) -> tuple[str, list[str]]:
    """The file as text, and what was assumed for it."""
    if b"\0" in content[:10_000] or not content.strip():
        raise refused(
            "The file is empty." if not content.strip() else "The file is neither an array, a zip nor a table in text.",
            "Taken are .npz, .npy, .csv, and a .zip of pictures or WAV files in class folders.",
        )
    try:
        return content.decode("utf-8-sig").replace("\0", ""), []
    except UnicodeDecodeError:
        return content.decode("latin-1").replace("\0", ""), ["The text is not in UTF-8 and is read as Latin-1."]


def _lines_before(text: str) -> int:
    """Empty lines above the table."""
    return len(text[: len(text) - len(text.lstrip("\r\n"))].splitlines())


def _label_names(column: pd.Series[str], layout: Layout) -> np.ndarray:
    """Numbers where all of them are such, else the texts."""
    import numpy as np

    longest = int(column.str.len().max())
    if longest > LONGEST_CLASS_NAME:
        raise refused(
            f"The column of labels, {shown(layout.names[layout.labels or 0])}, holds a text of {longest:,} characters; "
            "names of classes or numbers are expected.",
            "Choose another column as labels.",
        )
    texts: np.ndarray = column.to_numpy(dtype=str)
    cells = np.char.replace(texts, ",", ".") if layout.decimal == "," else texts
    if all(NUMBER.fullmatch(cell) for cell in np.unique(cells)):
        numbers: np.ndarray = cells.astype(np.float64)
        return numbers
    return texts


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
