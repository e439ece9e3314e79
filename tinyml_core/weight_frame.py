"""Weights before and after as a tidy frame, one row a line or bar: what their chart is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from tinyml_core.weights import Panel, Values

WEIGHT_COLUMNS = ("title", "order", "side", "kind", "low", "high", "count", "elements", "distinct")


def weight_frame(panel: Panel, title: str, reference_title: str) -> pd.DataFrame:
    """One row a value, a bin or the zeros of a side.

    The columns: `side` is `before` (float32) or `after`; `kind` is `value`, `bin` or `zeros`; a value stands at `low`, which
    is `high`; `elements` and `distinct` are those of the whole side.
    """
    rows = [*_rows(panel, panel.variant, title, "after")]
    if panel.reference is not None:
        rows = [*_rows(panel, panel.reference, reference_title, "before"), *rows]
    return pd.DataFrame(rows, columns=list(WEIGHT_COLUMNS))


def _rows(panel: Panel, values: Values, title: str, side: str) -> Iterator[dict[str, Any]]:
    known = {
        "title": title,
        "order": 0 if side == "before" else 1,
        "side": side,
        "elements": values.elements,
        "distinct": values.distinct,
    }
    yield known | {"kind": "zeros", "low": 0.0, "high": 0.0, "count": values.zeros}
    if values.values or not values.counts:
        for value, count in zip(values.values, values.counts, strict=True):
            yield known | {"kind": "value", "low": value, "high": value, "count": count}
        return
    width = (panel.high - panel.low) / len(values.counts)
    for number, count in enumerate(values.counts):
        low = panel.low + number * width
        yield known | {"kind": "bin", "low": low, "high": low + width, "count": count}
