"""The samples whose answer changed: each as picture, curves or numbers, with both answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from pages.shared import chart_view, waiting
from pages.shared.plain import plain
from tinyml_core.analysis.predictions import ChangedSample, Predictions
from tinyml_core.analysis.samples import Samples, drawing
from tinyml_core.charts import anomaly_scores, before_after, confusion, reliability
from tinyml_core.compare import frames
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compress import techniques
from tinyml_core.domain.dataset import Task
from tinyml_core.domain.technique import REFERENCE
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.run import ComparisonRun

FIRST = 8

FEW_MORE = 4
"""So few more need no switch."""

CARD_PX = 170

MARKS = {
    "worse": ":red[:material/close:] now wrong",
    "better": ":green[:material/check:] now right",
    "other": ":material/swap_horiz: wrong both times",
}


def draw(found: Predictions, pictures: Mapping[str, bytes]) -> None:
    """Up to eight of them, and a switch for the others."""
    if not found.shown:
        return
    st.markdown("**Samples whose answer changed**")
    many = len(found.shown) > FIRST + FEW_MORE
    whole = not many or st.toggle(f"Show {len(found.shown)} instead of {FIRST}", key="inspect_gallery_all")
    few = found.shown if whole else found.shown[:FIRST]
    if few[0].picture or few[0].series is not None:
        with st.container(horizontal=True, gap="small", key="inspect_gallery"):
            for sample in few:
                _card(sample, found, pictures)
    else:
        _table(few, found)
    left = found.changed - len(few)
    if left > 0:
        st.caption(f"{left:,} more {'is' if left == 1 else 'are'} not shown.")


def _card(sample: ChangedSample, found: Predictions, pictures: Mapping[str, bytes]) -> None:
    truth, before, after = (found.name(value) for value in (sample.truth, sample.before, sample.after))
    words = f"Held-out sample {sample.place}: {truth}; float32 says {before}, this variant {after}."
    with st.container(border=True, width=CARD_PX):
        picture(pictures.get(sample.picture, b""), sample, words)
        st.markdown(
            f"**{plain(truth)}** (no. {sample.place})  \nfloat32: {plain(before)}{_sure(sample.confidence_before)}  \n"
            f"this: **{plain(after)}**{_sure(sample.confidence_after)}  \n{MARKS[sample.effect]}"
        )


def picture(png: bytes, sample: ChangedSample, words: str) -> None:
    """A sample as picture or as curves."""
    if png:
        st.image(png, alt=words, width=96)
    elif sample.series is not None:
        st.image(drawing(Samples("series", ("",), words, (sample.series,))), alt=words, width=128)


def _sure(confidence: float | None) -> str:
    return "" if confidence is None else f", {confidence:.0%}"


def _table(few: tuple[ChangedSample, ...], found: Predictions) -> None:
    rows = [
        {"Sample": sample.place, "Input": ", ".join(f"{value:.4g}" for value in sample.values)}
        | {"Target": found.name(sample.truth), "float32": found.name(sample.before)}
        | {"This variant": found.name(sample.after), "Change": f"for the {sample.effect}"}
        for sample in few
    ]
    said = (
        f"Sample {row['Sample']}: target {row['Target']}, float32 {row['float32']}, this variant {row['This variant']}."
        for row in rows
    )
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=" ".join(said))


# ---- What a variant answers on held-out samples, beside float32's answers ------------------------------------------


MOST_CLASSES = 25
"""More of them have no room for a number in each square."""


def draw_predictions(asked: ComparisonRun, row: Row, comparison: Comparison) -> None:
    """Ask for the answers, say so while they are made, then draw them."""
    answer = waiting.answer(analyses.predictions(comparison.question.job(row.technique.name)))
    if answer is None:
        return
    found, pictures = answer
    is_reference = row.technique.name == REFERENCE
    if not is_reference:
        st.markdown(f"#### {_headline(found)}")

    def chart(name: str, frame: pd.DataFrame) -> None:
        chart_view.titled(name, frame, frames.colour_order(comparison), key=f"inspect_{name}")

    if found.task == Task.CLASSIFICATION:
        _classes(found, row.technique.title, is_reference, chart)
    elif found.task == Task.REGRESSION:
        chart("residuals", before_after.residuals(found, row.technique.title))
        st.caption("A dot a held-out sample. On the dashed line the variant is off by as much as float32 is.")
    else:
        reference = techniques.technique(REFERENCE).title
        chart("anomaly_scores", anomaly_scores.anomalies(found, row.technique.title, reference))
        st.caption(
            "The thin ticks are held-out samples, the thick one is the limit: 95 % of the samples that the detector was "
            "trained on lie left of it. Each file has a limit of its own."
        )
    if not is_reference:
        draw(found, pictures)


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


def _classes(found: Predictions, title: str, is_reference: bool, chart: Callable[[str, pd.DataFrame], None]) -> None:
    frame = confusion.confusion(found)
    if len(found.variant.confusion) > MOST_CLASSES:
        _pairs(frame)
    else:
        left, right = st.columns(2, gap="large")
        with left:
            chart("confusion", frame)
            right_ones = confusion.answered_right(found.variant)
            st.caption(f"Right answers stand on the diagonal: {right_ones:,} of {len(found.truths):,}.")
        if not is_reference:
            with right:
                chart("confusion_change", frame)
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
            chart("confidence", before_after.confidences(found, title))
            st.caption("A dot a held-out sample; below the dashed line the variant is less sure than float32.")
    with left if is_reference else right:
        chart("reliability", reliability.calibration(found, title, techniques.technique(REFERENCE).title))
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
        "title": "Truth", "answer": "Answer", "count": "Samples", "before": "With float32", "difference": "Change",
    }  # fmt: skip
    st.markdown("**The most frequent mistakes**")
    said = " ".join(f"{row['title']} taken for {row['answer']}: {row['count']}." for _, row in wrong.iterrows())
    st.dataframe(wrong[list(columns)].rename(columns=columns), hide_index=True, alt=plain(said))
