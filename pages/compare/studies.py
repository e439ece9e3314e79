"""Studies of the model's weights: how few bits they need, and which layers suffer most from int8."""

from __future__ import annotations

import math
from concurrent.futures import Future
from typing import Any

import streamlit as st

from pages.shared import chart_view, lab, waiting, widgets
from tinyml_core.analysis.few_bits import FewBits
from tinyml_core.charts import bars, few_bits
from tinyml_core.charts.bars import damage_text
from tinyml_core.compare.question import Question
from tinyml_core.compress import techniques
from tinyml_core.compress.mixed_precision import LayerDamage
from tinyml_core.domain.outcome import Failure, Measurement, Score
from tinyml_core.domain.technique import REFERENCE
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.graph import inquire
from tinyml_core.pipeline.run import ComparisonRun
from tinyml_core.pipeline.variant import Variant, ask_variant

NEGLIGIBLE_PERCENT = 0.1
"""Damage below which no layer is worth keeping: the output moves by less than 3.2 % of its size."""

EXECUTED = ("float16", "lq_w8", "lq_w4")
"""Executed beside the simulation in any case, with 16, 8 and 4 bits."""


def draw(asked: ComparisonRun) -> None:
    """A closed box that costs nothing; opened, it asks for the studies and draws each once it is there."""
    question = asked.question
    widgets.folded(
        "How few bits would do, and which layers suffer most", ":material/stairs:", "few_bits_box",
        lambda: waiting.until(lambda: _studies(question), not _ready(*_asked(question))),
    )  # fmt: skip


def _asked(question: Question) -> tuple[dict[str, Variant], Future[Any], Future[Any]]:
    """The executed variants, and both studies; asking again finds the same answers."""
    desk = lab.desk()
    names = dict.fromkeys((REFERENCE, *question.techniques, *EXECUTED))
    wanted = [name for name in names if techniques.technique(name).number_format in few_bits.LAID_OVER]
    # Only techniques that leave the weights as trained can be laid over the simulation.
    untrained = [name for name in wanted if techniques.technique(name).training == "none"]
    variants = {name: ask_variant(desk, question.job(name)) for name in untrained}
    job = question.job(REFERENCE)
    curve, ranking = (inquire(desk, study).found for study in (analyses.few_bits(job), analyses.layer_ranking(job)))
    return variants, curve, ranking


def _ready(variants: dict[str, Variant], curve: Future[Any], ranking: Future[Any]) -> bool:
    return curve.done() and ranking.done() and all(variant.outcome.done() for variant in variants.values())


def _studies(question: Question) -> bool:
    """Both charts as far as they are known; true once they are."""
    variants, curve, ranking = _asked(question)
    with st.container(key="few_bits_curve"):
        _shown("few_bits", curve, lambda found: few_bits.bits(found, _scores(variants)), _about_bits)
    with st.container(key="layer_ranking"):
        _shown("layer_damage", ranking, bars.layers, _about_layers)
    return _ready(variants, curve, ranking)


def _scores(variants: dict[str, Variant]) -> list[tuple[str, str, Score]]:
    """Number format, title and score of the variants that have one."""
    found = []
    for name, variant in variants.items():
        outcome = variant.outcome.result() if variant.outcome.done() else None
        if isinstance(outcome, Measurement) and isinstance(outcome.score, Score):
            technique = techniques.technique(name)
            found.append((technique.number_format, technique.title, outcome.score))
    return found


def _shown(name: str, study: Future[Any], framed: Any, about: Any) -> None:
    chart = chart_view.named(name)
    st.markdown(f"**{chart.title}**")
    st.caption(chart.question)
    found = study.result() if study.done() else None
    if found is None:
        st.progress(0.0, text="Being worked out")
    elif isinstance(found, Failure):
        waiting.tell(found, alarm=False)
    else:
        chart_view.draw(chart, framed(found), [], key=name)
        about(found)


def _about_bits(found: FewBits) -> None:
    st.caption(
        ":material/science: Lines are a simulation: weights are rounded to so many bits, everything else stays float32. "
        "Diamonds are files that were written and executed; those that also round activations may lie lower. From two "
        "bits on the largest weight sets the scale, so that at two bits most weights become zero; one bit keeps each sign "
        "and the mean magnitude, and can therefore do better than two."
    )


def _about_layers(found: tuple[LayerDamage, ...]) -> None:
    said = damage_words(found[0].damage, found[0].layer) if found else ""
    st.caption(
        "Each layer was quantized to int8 alone, weights and activations, on the calibration samples. The damage compares "
        f"squares: how far the model's output moves, against how large it is. {said}"
    )


def damage_words(worst: float, layer: str) -> str:
    """What the largest damage, in percent of the mean square, means for the output, and what mixed precision does about it.

    The root of a share of squares is a share of the output itself: at 1 % the output moves by a tenth of its size.
    """
    told = f"At {damage_text(worst)}, the longest bar, it moves by about {damage_text(10 * math.sqrt(worst))} of its usual size."
    if worst < NEGLIGIBLE_PERCENT:
        return f"{told} No layer suffers noticeably."
    return f"{told} Mixed precision keeps the worst in float32, here first {layer}."
