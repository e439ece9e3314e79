"""Cells of a confusion matrix: one row a true class, one column an answer; what its two charts share."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import TEXT, layered

COLUMNS = ("title", "answer", "truth_place", "answer_place", "count", "before", "difference")
_CELL_PX = 30


def cells(rows: pd.DataFrame, color: alt.Color, text: str, tooltip: list[alt.Tooltip]) -> alt.LayerChart:
    """A square a pair of classes, with a number where there is something to say.

    Args:
        rows: With `COLUMNS`, the column named by `text`, and `ink`, the colour of that text.
        color: Of a square.
        text: Column of what stands in a square.
        tooltip: Of squares.
    """
    truths = [str(name) for name in rows.sort_values("truth_place")["title"].drop_duplicates()]
    answers = [str(name) for name in rows.sort_values("answer_place")["answer"].drop_duplicates()]
    long = max((len(name) for name in answers), default=0) > 3
    x = alt.X(
        "answer:N",
        title="Answer",
        scale=alt.Scale(domain=answers) if answers else alt.Undefined,
        axis=alt.Axis(orient="top", labelAngle=-60 if long else 0, labelLimit=110, labelOverlap=False),
    )
    y = alt.Y(
        "title:N",
        title="Truth",
        scale=alt.Scale(domain=truths) if truths else alt.Undefined,
        axis=alt.Axis(labelLimit=110, labelOverlap=False),
    )
    base = alt.Chart(rows)
    return layered(
        base.mark_rect(stroke="#7b818b", strokeWidth=0.4).encode(x=x, y=y, color=color, tooltip=tooltip),
        base.mark_text(fontSize=12, color=TEXT).encode(
            x=x, y=y, text=f"{text}:N", color=alt.Color("ink:N", scale=None), tooltip=tooltip
        ),
        height=max(90, _CELL_PX * len(truths)),
    )


def numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """The frame with its counts as numbers; what is unknown is none."""
    names = ("truth_place", "answer_place", "count", "before", "difference")
    return rows.assign(**{name: rows[name].astype(float).fillna(0.0) for name in names})


def words(name: str) -> list[alt.Tooltip]:
    """Truth, answer and one count."""
    return [
        alt.Tooltip("title:N", title="Truth"),
        alt.Tooltip("answer:N", title="Answer"),
        alt.Tooltip("count:Q", title="Samples", format=",d"),
        alt.Tooltip("before:Q", title="With float32", format=",d"),
        alt.Tooltip("difference:Q", title=name, format="+,d"),
    ]
