"""The confusion matrix of a variant: which classes are taken for which."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.analysis.predictions import Answers, Predictions
from tinyml_core.charts.base import Chart, labels, layered, names_scale, sentence_per_row, tooltips

# ---- Cells of a confusion matrix: one row a true class, one column an answer; what its two charts share ------------


COLUMNS = ("title", "answer", "truth_place", "answer_place", "count", "before", "difference")
_CELL_PX = 30


def cells(rows: pd.DataFrame, change: str) -> alt.LayerChart:
    """A square a pair of classes: its colour is `fill`, what stands in it `text`; the tooltip names the `change`."""
    rows = rows.assign(ink="#ffffff")
    truths = [str(name) for name in rows.sort_values("truth_place")["title"].drop_duplicates()]
    answers = [str(name) for name in rows.sort_values("answer_place")["answer"].drop_duplicates()]
    long = max((len(name) for name in answers), default=0) > 3
    x = alt.X(
        "answer:N", title="Answer", scale=names_scale(answers),
        axis=alt.Axis(orient="top", labelAngle=-60 if long else 0, labelLimit=110, labelOverlap=False),
    )  # fmt: skip
    y = alt.Y("title:N", title="Truth", scale=names_scale(truths), axis=alt.Axis(labelLimit=110, labelOverlap=False))
    fill, ink = alt.Color("fill:N", scale=None), alt.Color("ink:N", scale=None)
    tooltip = tooltips(
        title="Truth", answer="Answer", count=("Samples", ",d"), before=("With float32", ",d"),
        difference=(change, "+,d"),
    )  # fmt: skip
    return layered(
        alt.Chart(rows).mark_rect(stroke="#7b818b", strokeWidth=0.4).encode(x=x, y=y, color=fill, tooltip=tooltip),
        labels(rows).encode(x=x, y=y, text="text:N", color=ink, tooltip=tooltip),
        height=max(90, _CELL_PX * len(truths)),
    )


def numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """The frame with its counts as numbers; what is unknown is none."""
    names = ("truth_place", "answer_place", "count", "before", "difference")
    return rows.assign(**{name: rows[name].astype(float).fillna(0.0) for name in names})


GOOD, BAD, NEITHER = "#1a7f59", "#c2363a", "transparent"
"""Green and red of the verdicts; white text reads on both, and the diagonal says the same without colour."""


def draw_confusion(confusion: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """Green squares on the diagonal are right answers, red ones off it wrong."""
    rows = numbers(confusion)
    right, some = rows["truth_place"].eq(rows["answer_place"]), rows["count"].gt(0)
    rows = rows.assign(
        fill=[(GOOD if good else BAD) if any_ else NEITHER for good, any_ in zip(right, some, strict=True)],
        text=[f"{count:,.0f}" if count else "" for count in rows["count"]],
    )
    return cells(rows, "Change")


def confusion_in_words(confusion: pd.DataFrame) -> str:
    """For each class how many were right and what the others were taken for."""
    sentences = []
    for title, rows in numbers(confusion).groupby("title", sort=False):
        right = rows.loc[rows["truth_place"].eq(rows["answer_place"]), "count"].sum()
        wrong = rows[rows["truth_place"].ne(rows["answer_place"]) & rows["count"].gt(0)]
        taken = ", ".join(f"{row['count']:,.0f} taken for {row['answer']}" for _, row in wrong.iterrows())
        sentences.append(f"{title}: {right:,.0f} of {rows['count'].sum():,.0f} right{', ' if taken else ''}{taken}.")
    return sentence_per_row(sentences, "No answers to draw.")


CONFUSION = Chart(
    name="confusion", order=41, title="Confusion matrix", question="Which classes does this variant take for which?",
    columns=COLUMNS, draw=draw_confusion, alt=confusion_in_words, frame="confusion", page="inspect",
)  # fmt: skip

# ---- The difference of two confusion matrices: where a variant's answers went that float32 gave otherwise ----------


def draw_confusion_change(confusion: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """Green: more right or fewer wrong answers than float32 has; red: the other way round; empty: the same."""
    rows = numbers(confusion)
    gained = rows["difference"].where(rows["truth_place"].eq(rows["answer_place"]), -rows["difference"])
    rows = rows.assign(
        fill=[GOOD if gain > 0 else BAD if gain < 0 else NEITHER for gain in gained],
        text=[f"{change:+,.0f}" if change else "" for change in rows["difference"]],
    )
    return cells(rows, "More than with float32")


def confusion_change_in_words(confusion: pd.DataFrame) -> str:
    """For each class what changed."""
    sentences = []
    for title, rows in numbers(confusion).groupby("title", sort=False):
        moved = [f"{row['difference']:+,.0f} {row['answer']}" for _, row in rows.iterrows() if row["difference"]]
        sentences.append(f"{title}: {', '.join(moved) if moved else 'no change'}.")
    return sentence_per_row(sentences, "No answers to draw.")


CONFUSION_CHANGE = Chart(
    name="confusion_change", order=42, title="What changed against float32",
    question="Which answers became more frequent, which rarer?",
    columns=COLUMNS, draw=draw_confusion_change, alt=confusion_change_in_words, frame="confusion", page="inspect",
)  # fmt: skip

# ---- What was found inside a variant as tidy frames: what the charts of the Inspect page are made of ---------------


def confusion(found: Predictions) -> pd.DataFrame:
    """One row a true class and answer: counts of the variant, of float32, and their difference."""
    rows = [
        (found.name(truth), found.name(answer), truth, answer, count, before, count - before)
        for truth, counts in enumerate(zip(found.variant.confusion, found.reference.confusion, strict=True))
        for answer, (count, before) in enumerate(zip(*counts, strict=True))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def answered_right(answers: Answers) -> int:
    """Samples on the diagonal of a confusion matrix."""
    return sum(counts[place] for place, counts in enumerate(answers.confusion))


CHARTS = (CONFUSION, CONFUSION_CHANGE)
