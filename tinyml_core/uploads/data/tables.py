"""Reads a table in text; what is wrong in it is named by its line and column."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from tinyml_core.uploads.data.given import Brought, Taker, check_size
from tinyml_core.uploads.data.table_layout import MISSING, NUMBER, ROWS_LOOKED_AT, TABLE, Layout, layout_of
from tinyml_core.uploads.refusal import refused, several, shown

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
    return finite and (layout.labels is None or row[layout.labels].strip() not in layout.missing(layout.labels))


def _fault(row: list[str], layout: Layout) -> str:
    if len(row) != len(layout.names):
        return f"has {len(row):,} values, the first has {len(layout.names):,}"
    for place, cell in enumerate(row):
        name = shown(layout.names[place])
        if place in layout.unused:
            continue
        if cell.strip() in layout.missing(place):
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
    text = _between_tabs(text)
    layout = layout_of(text, taker, choices)
    if not layout.inputs:
        raise refused("The table has one column, so there is nothing left for inputs.", TABLE)
    check_size(text.count("\n") + 1, (len(layout.names),), 1)
    texts = (layout.labels, *layout.unused)
    types = {place: str if place in texts else np.float32 for place in range(len(layout.names))}
    missing = {place: list(layout.missing(place)) for place in range(len(layout.names))}
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
                na_values=missing,  # type: ignore[arg-type]
                skipinitialspace=True,
                encoding="utf-8",
            )
    except pd.errors.EmptyDataError as error:
        raise refused("The table has a row of names and no row of values.", TABLE) from error
    except (ValueError, OverflowError, TypeError, IndexError) as error:  # pandas' ParserError is a ValueError
        raise wrong(text, layout, error) from error
    used = table[[place for place in layout.inputs if place < table.shape[1]]]
    blank = layout.labels is not None and layout.labels < table.shape[1] and table[layout.labels].isna().any()
    if table.shape[1] != len(layout.names) or blank or used.isna().to_numpy().any():
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
    if layout.left_out:
        names = [shown(layout.names[place]) for place in layout.left_out]
        notes.append(f"Left out: {several(names, 6)}.")
    if layout.words and set(np.unique(labels).tolist() if labels is not None else []) & set(MISSING):
        notes.append("Words such as NA and None are classes; only an empty cell would be a missing one.")
    if layout.decimal == ",":
        notes.append("Numbers are read with a decimal comma.")
    taken, offered = layout.taken, layout.offered
    return Brought("csv", x, labels, choices=offered, taken=taken, notes=tuple(notes))


def _text(content: bytes) -> tuple[str, list[str]]:
    """The file as text, and what was assumed for it."""
    wide = _wide(content)
    if wide:
        try:
            return content.decode(wide).removeprefix("\ufeff"), []
        except UnicodeDecodeError as error:
            raise refused(
                "The text looks like UTF-16 and is broken.", "Save the table as UTF-8.", str(error)
            ) from error
    if b"\0" in content[:10_000] or not content.strip():
        raise refused(
            "The file is empty." if not content.strip() else "The file is neither an array, a zip nor a table in text.",
            "Taken are .npz, .npy, .csv, and a .zip of pictures or WAV files in class folders.",
        )
    try:
        return content.decode("utf-8-sig").replace("\0", ""), []
    except UnicodeDecodeError:
        return content.decode("latin-1").replace("\0", ""), ["The text is not in UTF-8 and is read as Latin-1."]


def _wide(content: bytes) -> str:
    """The name of UTF-16 if that is what the text is in: by its mark, or because every second byte of a row is zero."""
    head = content[:200]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    zeros = [head[start::2].count(0) / max(1, len(head[start::2])) for start in (0, 1)]
    if len(content) % 2 or max(zeros) < MOSTLY or min(zeros) > 0:
        return ""
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


MOSTLY = 0.9
"""Share of zeros from which every second byte is taken for the upper half of plain letters."""


def _between_tabs(text: str) -> str:
    """A table whose values stand between blanks, one or several, with tabs in their place; any other as it is."""
    head = [line for line in islice(io.StringIO(text), ROWS_LOOKED_AT) if line.strip()]
    if not head or any(sign in line for line in head for sign in ',;\t"'):
        return text
    if len({len(line.split()) for line in head}) != 1 or len(head[0].split()) < 2:
        return text
    return "\n".join("\t".join(line.split()) for line in text.splitlines())


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
