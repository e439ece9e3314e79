"""Everything about one variant: numbers with deltas to float32, warnings, boards, inputs and outputs, downloads."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.boards import sums
from pages.compare import cards
from pages.inspect import weights as inspect_weights
from pages.inspect.inputs_outputs import scale_facts
from pages.shared import widgets
from pages.shared.plain import plain, shape_words
from pages.shared.waiting import own_words, tell
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.sentences import factor_words
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.metrics import ARENA_32BIT, METRICS, format_bytes, format_difference, format_score, format_time
from tinyml_core.domain.outcome import Failure, Latency, Measurement, Micro, Similarity
from tinyml_core.domain.technique import REFERENCE
from tinyml_core.zoo.cards import NO_SCORE


def draw(comparison: Comparison) -> None:
    """The variant that was clicked; the recommended one if none was."""
    rows = {row.technique.name: row for row in comparison.rows if row.outcome is not None}
    if not rows:
        return
    st.divider()
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with right:
        name = widgets.box(rows)
    row = rows[name]
    with left:
        st.subheader(f"{row.technique.title}{' ★ recommended' if row.picked else ''}", anchor=False)
        st.write(row.technique.idea)
    if isinstance(row.outcome, Failure):
        tell(row.outcome, alarm=True, staged=True)
    elif row.measured:
        draw_key_numbers(row, comparison.row(REFERENCE))
        _messages(row)
        what = "Inputs and outputs, layers, memory over time."
        if st.button("Look inside", icon=":material/frame_inspect:", help=what):
            widgets.carry(row.technique.name)
            st.switch_page("pages/3_inspect.py")
        _more(row, row.measured, comparison)


def _messages(row: Row) -> None:
    assert row.measured is not None
    micro = row.measured.micro
    if micro.status == "refused":
        more = f" [Others met the same]({micro.link})." if micro.link else ""
        st.error(f"**TFLM refuses it.** {micro.cause} {micro.fix}{more}", icon=":material/block:")
        own_words(micro.error, "TFLM's")
    elif micro.status == "not executed":
        st.info(f"**Not executed on TFLM.** {micro.cause} {micro.fix}", icon=":material/help:")
    for part in (row.measured.inspection, row.measured.score):
        if isinstance(part, Failure):
            tell(part, alarm=True, staged=True)
    for warned in row.warnings:
        st.warning(f"**{warned.title}.** {warned.text}", icon=":material/warning:")
    for note in row.notes:
        st.info(note, icon=":material/info:")


def _more(row: Row, measured: Measurement, comparison: Comparison) -> None:
    fills: dict[str, Callable[[], None]] = {
        "Boards": lambda: sums.sums(row, comparison.boards),
        "Weights": lambda: inspect_weights.draw(row, comparison),
        "In the file": lambda: draw_inspection(measured.inspection),
        "On TFLM": lambda: draw_execution(measured.micro),
        "Download and source": lambda: _download(row, comparison.question.model),
    }
    widgets.tabs(fills, "detail_tabs")


def _download(row: Row, model: str) -> None:
    widgets.draw(row, model)
    cards.technique(row.technique)


# ---- What stands in a variant's file, and what TFLM showed when it executed it -------------------------------------


def draw_inspection(found: Inspection | Failure) -> None:
    """Sizes, inputs and outputs, tensors and operators, as the file states them."""
    if isinstance(found, Failure):
        st.write("The file could not be read.")
        return
    st.markdown("**Four sizes**")
    sizes = [
        (METRICS[name].title, f"{getattr(found.sizes, name):,}", METRICS[name].explanation)
        for name in ("flash_bytes", "tflite_bytes", "gzip_bytes", "c_source_bytes")
    ]
    st.table(pd.DataFrame(sizes, columns=["Size", "Bytes", "What it is"]).set_index("Size"))
    st.markdown("**Inputs and outputs**, as the file states them")
    ends = [("input", tensor) for tensor in found.inputs] + [("output", tensor) for tensor in found.outputs]
    lines = [
        {"Side": side, "Name": plain(tensor.name), "Shape": shape_words(tensor.shape), "Type": tensor.dtype}
        | scale_facts(tensor)
        for side, tensor in ends
    ]
    st.table(pd.DataFrame(lines).set_index("Side"))
    census = ", ".join(f"{count} {name}" for name, count in found.census.items())
    weights = ", ".join(f"{count} {name}" for name, count in found.weights_census.items()) or "none"
    zeros = "unknown" if found.weight_zeros is None else f"{100 * found.weight_zeros:.1f} %"
    macs = "unknown" if found.macs is None else f"{found.macs:,}"
    st.markdown(
        f"**Tensors** {census}; **weight tensors** {weights}; **weights that are zero** {zeros}.  \n"
        f"**Multiply-accumulate operations** of one inference: {macs}.  \n"
        f"**Operators** in order: {', '.join(found.operators)}."
    )


def draw_execution(micro: Micro) -> None:
    """Arena and agreement, as TFLM showed them."""
    if micro.status != "runs":
        st.write("It was not executed to the end on TFLM, so there is no arena.")
        return
    sizes = {
        "Head: activations, the same in every build": micro.arena_head_bytes,
        "Tail: TFLM's own structures": micro.arena_tail_bytes,
        "Head and tail: total of TFLM's allocation record": micro.arena_bytes,
        "Smallest arena that allocates and runs: the total, and what planning needs for a moment": micro.arena_minimum_bytes,
        ARENA_32BIT.capitalize(): micro.arena_32bit_bytes,
    }
    known = [{"Memory": title, "Bytes": f"{size:,}"} for title, size in sizes.items() if size is not None]
    st.table(pd.DataFrame(known).set_index("Memory"))
    st.caption(
        "Measured on this computer, a 64-bit build of TFLM with reference kernels; optimised kernels may need more."
    )
    if micro.agreement is not None:
        found = micro.agreement
        largest = f"{found.largest_difference:.3g}"
        step = "quantization step" if largest == "1" else "quantization steps"
        unit = step if found.unit == "steps" else "of the largest output"
        st.write(
            f"TFLM and LiteRT (reference kernels) gave the same answer for {found.equal_answers:,} of {found.samples:,} "
            f"samples; their outputs differ by {largest} {unit} at most."
        )


# ---- The five numbers of one variant that matter first, each with what it is against float32 -----------------------


def draw_key_numbers(row: Row, reference: Row | None) -> None:
    """Flash, score, changed answers, arena and time, and in a sentence whether it is worth it."""
    flash, score, changed, arena, time = st.columns(5)
    _flash(flash, row, reference)
    _score(score, row)
    _changed(changed, row)
    _arena(arena, row)
    _time(time, row)
    if row.tradeoff is not None:
        st.markdown(f"**{METRICS['worth'].title}** {row.tradeoff.text[0].upper()}{row.tradeoff.text[1:]}.")


def _flash(column: DeltaGenerator, row: Row, reference: Row | None) -> None:
    flash, base = row.flash_bytes, reference.flash_bytes if reference else None
    delta = None
    if flash is not None and base is not None and row.technique.name != REFERENCE:
        delta = f"{flash - base:+,} bytes, {factor_words(base / flash)}"
    shown = format_bytes(flash) if flash is not None else "unknown"
    column.metric(METRICS["flash_bytes"].title, shown, delta, "inverse", help=METRICS["flash_bytes"].explanation)


def _score(column: DeltaGenerator, row: Row) -> None:
    score = row.score
    if score is None:
        column.metric("Score", "not measured")
        if row.measured is not None and row.measured.score is None:
            column.caption(NO_SCORE)
        return
    metric = METRICS[score.metric]
    delta = None
    if row.agreement is not None:
        points = format_difference(score.metric, row.agreement.difference)
        delta = f"{points}, {'beyond chance' if row.agreement.beyond_chance else 'within noise'}"
    column.metric(
        metric.title, format_score(score.metric, score.value), delta, "off", delta_arrow="off", help=metric.explanation
    )
    low, high = format_score(score.metric, score.low), format_score(score.metric, score.high)
    where = " Measured on TFLM: LiteRT cannot read a packed file." if row.packed else ""
    column.caption(f"95 % interval {low} to {high}, {score.samples:,} samples.{where}")


def _changed(column: DeltaGenerator, row: Row) -> None:
    agreement = row.agreement
    if agreement is None and isinstance(row.similarity, Similarity):
        changed = "-" if row.similarity.changed is None else f"{row.similarity.changed}"
        column.metric(METRICS["changed"].title, changed, help=METRICS["changed"].explanation)
        column.caption(row.similarity.text)
        return
    changed = "-" if agreement is None else f"{agreement.changed}"
    delta = None if agreement is None else f"{agreement.better} better, {agreement.worse} worse"
    about = METRICS["changed"]
    column.metric(about.title, changed, delta, "off", delta_arrow="off", help=about.explanation)


def _arena(column: DeltaGenerator, row: Row) -> None:
    micro = row.measured.micro if row.measured else Micro("not executed")
    arena = micro.arena_minimum_bytes
    shown = format_bytes(arena) if arena is not None else micro.status
    small = f"about {format_bytes(micro.arena_32bit_bytes)} on a 32-bit board" if micro.arena_32bit_bytes else None
    about = METRICS["arena_bytes"]
    column.metric(f"{about.title} on TFLM", shown, small, "off", delta_arrow="off", help=about.explanation)


def _time(column: DeltaGenerator, row: Row) -> None:
    latency = row.latency
    name, help_text = f":gray[{METRICS['latency_p50_ms'].title}]", METRICS["latency_p50_ms"].explanation
    if isinstance(latency, Latency):
        below = f"9 of 10 runs below {format_time(latency.p90_ms)}"
        column.metric(name, format_time(latency.p50_ms), below, "off", delta_arrow="off", help=help_text)
    elif latency is None:
        column.metric(name, "waiting", help=help_text)
    else:
        column.metric(name, "not measured", help=help_text)
        column.caption(plain(latency.reason))
