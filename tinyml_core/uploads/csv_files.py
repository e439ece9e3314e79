"""Reads a table in text (CSV) that somebody brought: one row a sample, names the line and column of what is wrong."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tinyml_core.uploads.brought import NO_LABELS, Brought, Taker, check_size
from tinyml_core.uploads.csv_faults import wrong
from tinyml_core.uploads.csv_layout import MISSING, NUMBER, TABLE, Layout, layout_of
from tinyml_core.uploads.refusal import refused, shown

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

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
    labels = None if layout.labels is None else _labels(table[layout.labels].str.strip(), layout)
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


def _labels(column: pd.Series[str], layout: Layout) -> np.ndarray:
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
