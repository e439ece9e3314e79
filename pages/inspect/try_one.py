"""Try one: a sample, a random input or typed values through float32 and a variant, on LiteRT and on TFLM."""

from __future__ import annotations

from math import prod

import pandas as pd
import streamlit as st

from pages.shared import waiting
from pages.shared.plain import plain
from pages.shared.widgets import folded
from tinyml_core import catalog
from tinyml_core.analysis.samples import Samples, drawing
from tinyml_core.analysis.try_one import MOST_TYPED, Given, Kind, Port, Ran, Tried, typed_values
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import Question
from tinyml_core.domain.dataset import Dataset, Task
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.analyses import Pictures
from tinyml_core.pipeline.run import ComparisonRun

FEW_VALUES = 8
KINDS: dict[Kind, str] = {"sample": "A held-out sample", "random": "A random input", "typed": "Typed values"}


def draw(asked: ComparisonRun, row: Row, comparison: Comparison) -> None:
    """Choose an input, run it, and lay the answers side by side."""
    given = _given(comparison.question)
    if given is None:
        return
    answer = waiting.answer(analyses.try_one(comparison.question.job(row.technique.name), given))
    if answer is None:
        return
    tried, pictures = answer
    dataset = catalog.dataset_or_none(comparison.question.dataset)
    _input(tried, pictures)
    for ran in tried.runs:
        if ran.reason:
            _refused(ran)
    _outputs(tried, dataset)


def _given(question: Question) -> Given | None:
    """What the widgets ask for; None, with a sentence, if it cannot be understood."""
    model, dataset = catalog.model(question.model), catalog.dataset_or_none(question.dataset)
    count = prod(model.input_shape)
    offered: list[Kind] = [kind for kind in KINDS if kind != "sample" or dataset is not None]
    if count > MOST_TYPED:
        offered.remove("typed")
    if st.session_state.get("try_kind") not in offered:
        st.session_state.try_kind = offered[0]
    chosen = st.segmented_control(
        "Input", offered, key="try_kind", format_func=lambda kind: KINDS[kind], required=True, wrap=True
    )
    if chosen == "sample" and dataset is not None:
        return _sample(dataset)
    if chosen == "typed":
        return _typed(count, model.input_range)
    return _random()


def _sample(dataset: Dataset) -> Given:
    last = dataset.samples_test - 1
    if st.session_state.get("try_sample", 0) > last:
        st.session_state.try_sample = 0
    title, about = f"Number of the sample, 0 to {last}", "Samples that nothing was trained on."
    number = st.number_input(title, 0, last, key="try_sample", width=260, help=about)
    return Given("sample", sample=int(number))


def _random() -> Given:
    seed = int(st.session_state.setdefault("try_seed", 1))
    st.button("Another one", icon=":material/casino:", key="try_another", on_click=_next_seed)
    st.caption(
        "Each value is drawn evenly from the range of the data, or of what the model states: noise, no real input."
    )
    return Given("random", seed=seed)


def _next_seed() -> None:
    st.session_state.try_seed += 1


def _typed(count: int, span: tuple[float, float]) -> Given | None:
    numbers = "One number" if count == 1 else f"{count} numbers, with spaces or commas between"
    usual = " ".join([f"{sum(span) / 2:g}"] * count)
    text = st.text_input(f"{numbers}, in real units", key=f"try_values_{count}", value=usual, max_chars=2000)
    values = typed_values(str(text or ""), count)
    if isinstance(values, str):
        st.warning(plain(values), icon=":material/edit:")
        return None
    return Given("typed", values=values)


def _input(tried: Tried, pictures: Pictures) -> None:
    words = f"Held-out sample {tried.given.sample}" + (f": {tried.truth}" if tried.truth else "")
    if tried.picture:
        st.image(pictures[tried.picture], alt=words, width=112)
    elif tried.series is not None:
        st.image(drawing(Samples("series", ("",), words, (tried.series,))), alt=words, width=160)
    first = tried.runs[0].inputs[0]
    if first.values <= FEW_VALUES and tried.given.kind != "typed":
        st.markdown(f"Input: {', '.join(f'{value:.4g}' for value in first.real)}")
    if tried.truth:
        st.caption(f"The data set says: {plain(tried.truth)}")
    if tried.clipped:
        number = "One value lies" if tried.clipped == 1 else f"{tried.clipped:,} values lie"
        st.warning(
            f"{number} outside of what this variant's input can hold, and {'is' if tried.clipped == 1 else 'are'} cut off: its "
            "scale was set by the data that calibrated it.",
            icon=":material/content_cut:",
        )
    folded("The input in numbers", ":material/input:", "try_input", lambda: _inputs(tried))


def _inputs(tried: Tried) -> None:
    runs = [ran for ran in tried.runs if not ran.reason]
    for place in range(len(runs[0].inputs)):
        _ports([(ran, ran.inputs[place]) for ran in runs], [], f"input {place}")


def _refused(ran: Ran) -> None:
    why = plain(f"{ran.reason} {ran.advice}".strip())
    st.warning(f"**{ran.interpreter} gives no answer.** {why}", icon=":material/block:")
    waiting.own_words(ran.detail, f"{ran.interpreter}'s")


def _outputs(tried: Tried, dataset: Dataset | None) -> None:
    runs = [ran for ran in tried.runs if not ran.reason]
    # A single value is one probability or logit; which class it names is not told by the value alone.
    is_class = dataset is not None and dataset.task is Task.CLASSIFICATION and runs[0].outputs[0].values > 1
    names = list(dataset.class_names) if dataset is not None and is_class else []
    if is_class and len(runs[0].outputs) == 1:
        st.markdown(f"#### {'; '.join(f'{_who(ran)} says {_answer(ran, names)}' for ran in runs)}.")
    _same(runs)
    for place, first in enumerate(runs[0].outputs):
        several = len(runs[0].outputs) > 1
        if several:
            st.markdown(f"**Output {place + 1}: {plain(first.name)}**")
        ports = [(ran, ran.outputs[place]) for ran in runs if place < len(ran.outputs)]
        _ports(ports, names, f"output {place}")


def _same(runs: list[Ran]) -> None:
    """Whether LiteRT and TFLM give the same numbers for the same file."""
    both = [ran for ran in runs if ran.file == "variant"]
    if len(both) != 2:
        return
    pairs = [
        (one, other)
        for first, second in zip(both[0].outputs, both[1].outputs, strict=True)
        for one, other in zip(first.stored, second.stored, strict=True)
    ]
    far = max((abs(one - other) for one, other in pairs), default=0.0)
    steps = "real units" if not both[0].outputs[0].scale else "step" if far == 1 else "steps"
    st.caption(
        "LiteRT and TFLM give the very same numbers for this variant."
        if far == 0
        else f"LiteRT and TFLM differ by up to {far:.3g} {steps}: they round in different places."
    )


def _answer(ran: Ran, names: list[str]) -> str:
    values = ran.outputs[0].real
    place = max(range(len(values)), key=lambda index: values[index])
    return plain(names[place]) if place < len(names) else str(place)


def _who(ran: Ran) -> str:
    return "float32" if ran.file == "float32" else f"this variant on {ran.interpreter}"


def _ports(ports: list[tuple[Ran, Port]], names: list[str], key: str) -> None:
    """The values of one input or output of each run, side by side: in real units, and as stored where that is another."""
    first = ports[0][1]
    columns: dict[str, list[object]] = {
        "Value": [names[place] if place < len(names) else str(place) for place in range(len(first.real))]
    }
    for ran, port in ports:
        who = _who(ran).removeprefix("this variant on ")
        columns[who] = list(port.real)
        if port.scale:
            columns[f"{who}, {port.dtype}"] = [int(value) for value in port.stored]
    frame = pd.DataFrame(columns)
    st.dataframe(
        frame, hide_index=True, key=f"try {key}", column_config={"Value": st.column_config.TextColumn(pinned=True)},
        alt=" ".join(f"{_who(ran)}: {', '.join(f'{value:.4g}' for value in port.real[:20])}." for ran, port in ports),
    )  # fmt: skip
    if first.values > len(first.real):
        st.caption(f"The first {len(first.real)} of {first.values:,} values.")
    scaled = [(ran, port) for ran, port in ports if port.scale]
    if scaled:
        port = scaled[0][1]
        st.caption(f"Real value = {port.scale:.6g} x (stored number - {port.zero_point}).".replace("- -", "+ "))
