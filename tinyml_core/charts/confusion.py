"""The confusion matrix of a variant: which classes are taken for which."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import Chart, sentence_per_row
from tinyml_core.confusion_cells import COLUMNS, cells, numbers, words

RIGHT, WRONG, NONE = "#1a7f59", "#c2363a", "transparent"
"""Green and red of the verdicts; white text reads on both, and the diagonal says the same without colour."""


def draw(confusion: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """Green squares on the diagonal are right answers, red ones off it wrong.

    `domain` is taken as all charts take it, and not used: a class is no technique.
    """
    rows = numbers(confusion)
    right, some = rows["truth_place"].eq(rows["answer_place"]), rows["count"].gt(0)
    rows = rows.assign(
        fill=[(RIGHT if good else WRONG) if any_ else NONE for good, any_ in zip(right, some, strict=True)],
        text=[f"{count:,.0f}" if count else "" for count in rows["count"]],
        ink="#ffffff",
    )
    return cells(rows, alt.Color("fill:N", scale=None), "text", words("Change"))


def alt_text(confusion: pd.DataFrame) -> str:
    """For each class how many were right and what the others were taken for."""
    sentences = []
    for title, rows in numbers(confusion).groupby("title", sort=False):
        right = rows.loc[rows["truth_place"].eq(rows["answer_place"]), "count"].sum()
        wrong = rows[rows["truth_place"].ne(rows["answer_place"]) & rows["count"].gt(0)]
        taken = ", ".join(f"{row['count']:,.0f} taken for {row['answer']}" for _, row in wrong.iterrows())
        sentences.append(f"{title}: {right:,.0f} of {rows['count'].sum():,.0f} right{', ' if taken else ''}{taken}.")
    return sentence_per_row(sentences, "No answers to draw.")


CHART = Chart(
    name="confusion",
    order=41,
    title="Confusion matrix",
    question="Which classes does this variant take for which?",
    columns=COLUMNS,
    draw=draw,
    alt=alt_text,
    frame="confusion",
    page="inspect",
)
