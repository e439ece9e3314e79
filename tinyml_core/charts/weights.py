"""Weights before and after: float32's values above a line, the variant's below it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt
import pandas as pd

from tinyml_core.analysis.weights import Panel, Values
from tinyml_core.charts.base import NEUTRAL, TEXT, Chart, labels, layered, sentence_per_row, technique_color, tooltips

WEIGHT_COLUMNS = ("title", "order", "side", "kind", "low", "high", "count", "elements", "distinct")

_CUT = 1.18
"""Zeros often outnumber all else by far: their line ends here, a little above the tallest bar."""

_EDGE = 1.75
_SIGN = {"before": 1.0, "after": -1.0}


def draw(weights: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """Bars for bins, thin lines for single values, a thick line for the zeros; each side as tall as its most frequent."""
    rows = _with_heights(weights)
    sides = _sides(rows)
    zeros = rows[rows["kind"].eq("zeros") & rows["count"].gt(0)]
    x = alt.X("low:Q", title="Weight", axis=alt.Axis(tickCount=5, format="~g", grid=False), scale=alt.Scale(nice=False))
    y = alt.Y("height:Q", axis=None, scale=alt.Scale(domain=[-_EDGE, _EDGE]))
    color = technique_color(domain)
    tooltip = tooltips(title="Technique", where="Weight", count=("So many weights", ",d"))
    bins, values = rows[rows["kind"].eq("bin")], rows[rows["kind"].eq("value")]
    zeros_words = labels(zeros, align="left", baseline="middle", dx=7)
    side_words = labels(sides, align="left", baseline="middle", lineBreak="\n")
    return layered(
        alt.Chart(bins).mark_bar(binSpacing=0).encode(x=x, x2="high:Q", y=y, y2="base:Q", color=color, tooltip=tooltip),
        alt.Chart(values).mark_rule(strokeWidth=2).encode(x=x, y=y, y2="base:Q", color=color, tooltip=tooltip),
        alt.Chart(zeros).mark_rule(strokeWidth=4, color=TEXT).encode(x=x, y=y, y2="base:Q", tooltip=tooltip),
        zeros_words.encode(x=x, y=alt.Y("label_height:Q"), text="zeros_text:N"),
        side_words.encode(x=alt.value(0), y=alt.Y("height:Q"), text="words:N"),
        alt.Chart(sides).mark_rule(color=NEUTRAL).encode(y=alt.Y("base:Q")),
        height=300,
    )


def _with_heights(weights: pd.DataFrame) -> pd.DataFrame:
    """The frame with the height of each mark, measured from the line between the sides."""
    numbers = ("low", "high", "count", "elements", "distinct")
    rows = weights.astype(dict.fromkeys(numbers, "float64"))
    counted = rows[rows["kind"].ne("zeros")].groupby("side")["count"].max()
    tallest = rows["side"].map(counted).astype("float64").fillna(0.0)
    # A side that is all zeros has no other height to compare them with.
    heights = (rows["count"] / tallest.where(tallest > 0, rows["count"].where(rows["count"] > 0, 1.0))).fillna(0.0)
    cut = heights > _CUT
    sign = rows["side"].map(_SIGN).astype("float64")
    shares = (100 * rows["count"] / rows["elements"].where(rows["elements"] > 0, 1.0)).fillna(0.0)
    return rows.assign(
        height=heights.clip(upper=_CUT) * sign,
        base=0.0,
        label_height=_CUT * sign,
        where=[_where(*each) for each in zip(rows["kind"], rows["low"], rows["high"], strict=True)],
        zeros_text=[
            f"{share:.0f} % zeros{' (cut)' if is_cut else ''}" if share >= 1 else _zeros_words(count)
            for share, is_cut, count in zip(shares, cut, rows["count"].fillna(0.0), strict=True)
        ],
    )


def _where(kind: object, low: float, high: float) -> str:
    return "exactly zero" if kind == "zeros" else f"{low:.4g}" if kind == "value" else f"{low:.4g} to {high:.4g}"


def _sides(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a side: what it is, in two lines, at the outer edge."""
    sides = [
        (title := part.iloc[0]["title"], _SIGN[side] * 1.58, 0.0, f"{side.capitalize()}: {title}\n{_count_words(part)}")
        for side, part in _each_side(rows)
    ]
    return pd.DataFrame(sides, columns=["title", "height", "base", "words"])


def _each_side(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    parts = [(side, rows[rows["side"].eq(side)]) for side in _SIGN]
    return [(side, part) for side, part in parts if len(part)]


def _count_words(part: pd.DataFrame) -> str:
    first, zeros = part.iloc[0], float(part.loc[part["kind"].eq("zeros"), "count"].sum())
    distinct = "unknown" if pd.isna(first["distinct"]) else f"{first['distinct']:,.0f}"
    elements = "unknown" if pd.isna(first["elements"]) else f"{first['elements']:,.0f}"
    return f"{elements} weights, {distinct} different values, {_zeros_words(zeros)}"


def _zeros_words(count: float) -> str:
    return "1 zero" if count == 1 else f"{count:,.0f} zeros"


def alt_text(weights: pd.DataFrame) -> str:
    """Weights, different values and zeros of each side, and the range they cover."""
    sentences = []
    for side, part in _each_side(_with_heights(weights)):
        taken = part[part["count"].gt(0)]
        spread = f", from {taken['low'].min():.3g} to {taken['high'].max():.3g}" if len(taken) else ""
        sentences.append(f"{side.capitalize()}, {part['title'].iloc[0]}: {_count_words(part)}{spread}.")
    return sentence_per_row(sentences, "No weights to draw.")


CHART = Chart(
    name="weights", order=9, title="Weights, before and after",
    question="What did the technique do to the weights: which values are left, and how many are zero?",
    columns=WEIGHT_COLUMNS, draw=draw, alt=alt_text, frame="weights", page="details",
)  # fmt: skip

# ---- Weights before and after as a tidy frame, one row a line or bar: what their chart is made of ------------------


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
    known = {"title": title, "order": 0 if side == "before" else 1, "side": side}
    known |= {"elements": values.elements, "distinct": values.distinct}
    yield known | {"kind": "zeros", "low": 0.0, "high": 0.0, "count": values.zeros}
    if values.values or not values.counts:
        for value, count in zip(values.values, values.counts, strict=True):
            yield known | {"kind": "value", "low": value, "high": value, "count": count}
        return
    width = (panel.high - panel.low) / len(values.counts)
    for number, count in enumerate(values.counts):
        low = panel.low + number * width
        yield known | {"kind": "bin", "low": low, "high": low + width, "count": count}
