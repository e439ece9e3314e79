"""What a variant answers on held-out samples, beside float32's answers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import chart_view, inspect_gallery, inspect_wait
from pages.shared.plain import plain
from tinyml_core import catalog, frames, inspect_frames
from tinyml_core.comparison import REFERENCE, Comparison, Row
from tinyml_core.compress import techniques
from tinyml_core.dataset import Task
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.run import ComparisonRun
from tinyml_core.predictions import Predictions

MOST_CLASSES = 25
"""More of them have no room for a number in each square."""


def draw(asked: ComparisonRun, row: Row, comparison: Comparison) -> None:
    """Ask for the answers, say so while they are made, then draw them."""
    answer = inspect_wait.answer(analyses.predictions(comparison.question.job(row.technique.name)))
    if answer is None:
        return
    found, pictures = answer
    is_reference = row.technique.name == REFERENCE
    if not is_reference:
        st.markdown(f"#### {_headline(found)}")
    shown = _Shown(found, row, comparison)
    if found.task == Task.CLASSIFICATION:
        _classes(shown, is_reference)
    elif found.task == Task.REGRESSION:
        shown.chart("residuals", inspect_frames.residuals(found, row.technique.title))
        st.caption("A dot a held-out sample. On the dashed line the variant is off by as much as float32 is.")
    else:
        reference = techniques.technique(REFERENCE).title
        shown.chart("anomaly_scores", inspect_frames.anomalies(found, row.technique.title, reference))
        st.caption(
            "The thin ticks are held-out samples, the thick one is the limit: 95 % of the samples that the detector was "
            "trained on lie left of it. Each file has a limit of its own."
        )
    if not is_reference:
        inspect_gallery.draw(found, pictures)


class _Shown:
    """Draws charts of one variant's answers."""

    def __init__(self, found: Predictions, row: Row, comparison: Comparison) -> None:
        self.found, self.row, self.domain = found, row, frames.colour_order(comparison)

    def chart(self, name: str, frame: pd.DataFrame) -> None:
        """One chart with its title and question."""
        chart = catalog.discover("tinyml_core.charts", "CHART")[name]
        st.markdown(f"**{chart.title}**")
        st.caption(chart.question)
        chart_view.draw(chart, frame, self.domain, key=f"inspect_{name}")


def _headline(found: Predictions) -> str:
    samples = len(found.truths)
    if not found.changed:
        return f"All {samples:,} answers on held-out samples are float32's."
    other = found.changed - found.worse - found.better
    parts = [
        f"{number:,} {words}"
        for number, words in ((found.worse, "for the worse"), (found.better, "for the better"), (other, "neither"))
        if number
    ]
    moved = "" if found.tolerance is None else f" by more than {found.tolerance:g}"
    return f"{found.changed:,} of {samples:,} answers changed{moved} against float32: {', '.join(parts)}."


def _classes(shown: _Shown, is_reference: bool) -> None:
    found, title = shown.found, shown.row.technique.title
    frame = inspect_frames.confusion(found)
    if len(found.variant.confusion) > MOST_CLASSES:
        _pairs(frame)
    else:
        left, right = st.columns(2, gap="large")
        with left:
            shown.chart("confusion", frame)
            right_ones = inspect_frames.answered_right(found.variant)
            st.caption(f"Right answers stand on the diagonal: {right_ones:,} of {len(found.truths):,}.")
        if not is_reference:
            with right:
                shown.chart("confusion_change", frame)
                st.caption("Green: for the better; red: for the worse; empty: as many as with float32.")
    if found.probabilities == "none":
        st.caption(
            "The outputs of this model are no probabilities (it ends without a softmax, and how it was trained is not known), so "
            "nothing is said of its confidence."
        )
        return
    left, right = st.columns(2, gap="large")
    if not is_reference:
        with left:
            shown.chart("confidence", inspect_frames.confidences(found, title))
            st.caption("A dot a held-out sample; below the dashed line the variant is less sure than float32.")
    with left if is_reference else right:
        shown.chart("reliability", inspect_frames.calibration(found, title, techniques.technique(REFERENCE).title))
        st.caption(_calibration_words(found))
    if found.probabilities == "softmax of logits":
        st.caption(
            "This model ends in logits, as it was trained; confidence is the largest value of their softmax, which the lab computes."
        )


def _calibration_words(found: Predictions) -> str:
    before, after = found.reference.calibration_error, found.variant.calibration_error
    assert before is not None and after is not None
    return (
        f"Expected calibration error: {100 * after:.1f} points, with float32 {100 * before:.1f}: by so much confidence and share "
        "of right answers differ on average. Below the dashed line a model is surer than it should be. Bins of few samples "
        "jump about."
    )


def _pairs(frame: pd.DataFrame) -> None:
    """The most frequent mistakes, where there are too many classes for a matrix."""
    wrong = frame[frame["truth_place"].ne(frame["answer_place"])]
    wrong = wrong.sort_values(["count", "before"], ascending=False, kind="stable").head(MOST_CLASSES)
    columns = {
        "title": "Truth",
        "answer": "Answer",
        "count": "Samples",
        "before": "With float32",
        "difference": "Change",
    }
    st.markdown("**The most frequent mistakes**")
    st.dataframe(
        wrong[list(columns)].rename(columns=columns),
        hide_index=True,
        alt=plain(
            " ".join(f"{row['title']} taken for {row['answer']}: {row['count']}." for _, row in wrong.iterrows())
        ),
    )
