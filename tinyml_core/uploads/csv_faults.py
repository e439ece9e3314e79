"""Names what is wrong in a table in text by its line and column; asked only once reading it has failed."""

from __future__ import annotations

import csv
import io
import math

from tinyml_core.uploads.csv_layout import MISSING, NUMBER, TABLE, Layout
from tinyml_core.uploads.refusal import refused, shown

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
