"""The difference of two confusion matrices: where a variant's answers went that float32 gave otherwise."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import Chart, sentence_per_row
from tinyml_core.confusion_cells import COLUMNS, cells, numbers, words

BETTER, WORSE, NONE = "#1a7f59", "#c2363a", "transparent"


def draw(confusion: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """Green: more right or fewer wrong answers than float32 has; red: the other way round; empty: the same.

    `domain` is taken as all charts take it, and not used: a class is no technique.
    """
    rows = numbers(confusion)
    gained = rows["difference"].where(rows["truth_place"].eq(rows["answer_place"]), -rows["difference"])
    rows = rows.assign(
        fill=[BETTER if gain > 0 else WORSE if gain < 0 else NONE for gain in gained],
        text=[f"{change:+,.0f}" if change else "" for change in rows["difference"]],
        ink="#ffffff",
    )
    return cells(rows, alt.Color("fill:N", scale=None), "text", words("More than with float32"))


def alt_text(confusion: pd.DataFrame) -> str:
    """For each class what changed."""
    sentences = []
    for title, rows in numbers(confusion).groupby("title", sort=False):
        moved = [f"{row['difference']:+,.0f} {row['answer']}" for _, row in rows.iterrows() if row["difference"]]
        sentences.append(f"{title}: {', '.join(moved) if moved else 'no change'}.")
    return sentence_per_row(sentences, "No answers to draw.")


CHART = Chart(
    name="confusion_change",
    order=42,
    title="What changed against float32",
    question="Which answers became more frequent, which rarer?",
    columns=COLUMNS,
    draw=draw,
    alt=alt_text,
    frame="confusion",
    page="inspect",
)
