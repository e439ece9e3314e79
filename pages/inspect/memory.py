"""The arena over time: float32 and one variant to one scale, with TFLM's measured figure explained part by part."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import chart_view, waiting
from pages.shared.plain import shape_words
from tinyml_core.analysis import memory as analysis_memory
from tinyml_core.analysis.anatomy import Anatomy
from tinyml_core.analysis.memory import Memory, arena_parts
from tinyml_core.charts import memory as charts_memory
from tinyml_core.charts.memory import CHART, Arrangement
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.frames import colour_order
from tinyml_core.domain.outcome import Measurement, Outcome
from tinyml_core.domain.technique import REFERENCE
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.graph import inquire
from tinyml_core.pipeline.run import ComparisonRun
from tinyml_core.pipeline.variant import Variant

DECODE = "TFLM_DECODE"
WORDS: dict[Arrangement, str] = {"stacked": "Stacked", "by address": "By address"}


def draw(asked: ComparisonRun, row: Row, comparison: Comparison) -> None:
    """A chart and a sum for the variant, and for float32 beside it."""
    st.write(
        "Activations share one piece of RAM, the arena. A tensor needs its place from the operator that writes it to the last "
        "that reads it; the operator with most of them alive at once decides how large the arena must be. Weights stay in flash."
    )
    names = dict.fromkeys((REFERENCE, row.technique.name))
    found = {
        name: (asked.variants[name], anatomy)
        for name in names
        if name in asked.variants and (anatomy := _anatomy(asked, name, name == row.technique.name))
    }
    if not found:
        return
    arrangement: Arrangement = (
        st.segmented_control(
            "Arrangement", list(WORDS), default="stacked", format_func=lambda name: WORDS[name],
            help="Stacked: the height is what is alive. By address: where TFLM's planner puts each tensor; gaps are room that "
            "nobody uses at that moment.",
        )
        or "stacked"
    )  # fmt: skip
    top = max(_top(anatomy.memory, variant) for variant, anatomy in found.values())
    titles = {row.technique.name: row.technique.title, REFERENCE: REFERENCE}
    for name, (variant, anatomy) in found.items():
        st.subheader(titles[name], anchor=False)
        frame = charts_memory.memory(anatomy.memory, titles[name], top, _head(variant), arrangement)
        chart_view.draw(CHART, frame, colour_order(comparison), key=f"memory_{name}")
        _peak(anatomy.memory)
        _sum(anatomy.memory, variant.outcome.result())
    st.caption(
        "Boxes are computed from the graph, each rounded up to 16 bytes as TFLM does; the dashed line was measured. Charts share "
        "one scale. An input may be overwritten once it was read."
    )


def _anatomy(asked: ComparisonRun, name: str, needed: bool) -> Anatomy | None:
    """The file laid open; of float32 only if there is one."""
    variant = asked.variants[name]
    if not needed and variant.outcome.done() and variant.tflite is None:
        return None
    return waiting.answered(
        inquire(asked.desk, analyses.anatomy(asked.question.job(name))).found, f"Reading {variant.title}"
    )


def _head(variant: Variant) -> int | None:
    outcome = variant.outcome.result()
    return outcome.micro.arena_head_bytes if isinstance(outcome, Measurement) else None


def _top(memory: Memory, variant: Variant) -> float:
    return float(max(memory.planned_bytes, memory.peak_bytes, _head(variant) or 0, 16))


def _peak(memory: Memory) -> None:
    """The operator that decides, and for which tensors."""
    if not memory.peak_place:
        st.write("This file has no operators, so nothing needs room.")
        return
    operator = memory.operators[memory.peak_place - 1].replace("_", " ").lower()
    live = analysis_memory.largest_first(memory.live(memory.peak_place))
    st.markdown(
        f"▼ **Peak: {memory.peak_bytes:,} bytes** while operator **{memory.peak_place}, {operator}**, runs. Alive are: "
        + "; ".join(
            f"`{tensor.layer.replace('`', ' ')[:60]}` ({shape_words(tensor.shape)}, {tensor.dtype}): "
            f"{tensor.size_bytes:,} bytes"
            for tensor in live
        )
        + "."
    )
    if DECODE in memory.operators:
        st.caption(
            "Packed weights are unfolded into the arena before their layer runs: what they save in flash costs RAM here."
        )
    if memory.more_graphs:
        st.caption(
            f"The file has {memory.more_graphs} more graph{'s' if memory.more_graphs > 1 else ''}, which the main graph calls; "
            "their tensors are left out."
        )


def _sum(memory: Memory, outcome: Outcome) -> None:
    """What the measured arena is made of."""
    if not isinstance(outcome, Measurement):
        return
    micro = outcome.micro
    if micro.status == "refused":
        st.info(
            f"TFLM refuses this file, so no arena was measured; the chart shows what would be alive. {micro.cause}",
            icon=":material/block:",
        )
        return
    parts = arena_parts(memory, micro, outcome.inspection)
    if not parts:
        st.info("This file was not executed on TFLM here, so no arena was measured.", icon=":material/help:")
        return
    rows = [(part.name, f"{part.size_bytes:,}", part.known) for part in parts]
    st.table(pd.DataFrame(rows, columns=["Memory", "Bytes", "How it is known"]).set_index("Memory"))
