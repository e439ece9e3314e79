"""The weights of one variant, before and after: a histogram of a layer, and a table of all layers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import chart_view, lab, waiting
from pages.shared.plain import shape_words
from tinyml_core.analysis.weights import LayerWeights, Panel, Weights
from tinyml_core.charts.weights import CHART, weight_frame
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.frames import colour_order
from tinyml_core.compress import techniques
from tinyml_core.domain.technique import REFERENCE
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.graph import inquire
from tinyml_core.pipeline.run import ComparisonRun

ALL = "all layers"


def draw(row: Row, comparison: Comparison) -> None:
    """Ask for the weights, say so while they are read, then draw them."""
    question = comparison.question
    float32 = ComparisonRun(lab.desk(), question, latency=False).variants.get(REFERENCE)
    reference = None if float32 is None else float32.tflite
    if row.tflite is None or reference is None:
        st.write("Weights are compared with those of float32, and there is no float32 file.")
        return
    asked = inquire(lab.desk(), analyses.weights(question.job(row.technique.name))).found
    found = waiting.answered(asked, "Reading the weights of this variant and of float32")
    if found is not None:
        st.fragment(_drawn, key="weights")(row, found, colour_order(comparison))


def _drawn(row: Row, found: Weights, domain: list[str]) -> None:
    if found.in_tables:
        st.info(
            "Its weights lie in lookup tables: a short list of values for each layer or channel, and an index for each weight. "
            "Shown is what the indices stand for; stored bytes count both.",
            icon=":material/table_rows:",
        )
    if not found.layers or found.together is None:
        st.write("No weights of this file can be shown as numbers.")
    else:
        _histogram(row, found, found.together, domain)
        _table(found)
    _left_out(found)


def _histogram(row: Row, found: Weights, together: Panel, domain: list[str]) -> None:
    layers = {layer.name: layer for layer in found.layers}
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    # Not kept in a key: another variant may have other layers.
    largest = max(range(len(found.layers)), key=lambda index: found.layers[index].whole.variant.elements)
    name = left.selectbox("Layer", [*layers, ALL], largest, help="In order of execution, as float32 names them.")
    layer = layers.get(str(name))
    alone = False
    if layer is not None and layer.channel is not None:
        alone = right.toggle(
            f"Output channel {layer.channel_index} alone",
            help="Each output channel has a scale of its own, so only within one channel the steps of rounding are even. "
            "This is the channel with the most different values.",
        )
    panel = together if layer is None else layer.channel if alone and layer.channel is not None else layer.whole
    if row.technique.name == REFERENCE:
        panel = Panel(panel.low, panel.high, panel.variant, None)
    frame = weight_frame(panel, row.technique.title, techniques.technique(REFERENCE).title)
    st.caption(CHART.question)
    chart_view.draw(CHART, frame, domain, key="weights_chart")
    st.caption(
        "Real values: scale x (stored number - zero point). Thin lines are single values, bars are bins of equal width. Each "
        "side is as tall as its most frequent value; zeros are counted apart, and their line is cut where they outnumber "
        "all else. Where each output channel has a scale of its own, all channels together hold many more different values than "
        "one of them; the table counts within a channel."
    )


def _table(found: Weights) -> None:
    st.dataframe(
        pd.DataFrame([_layer(layer) for layer in found.layers]),
        hide_index=True,
        column_config={
            "Layer": st.column_config.TextColumn(pinned=True),
            "Zeros": st.column_config.NumberColumn(format="%.1f %%"),
            "Different values in a channel": st.column_config.NumberColumn(
                format="localized", help="In the output channel that has most of them."
            ),
            "Stored bytes": st.column_config.NumberColumn(format="localized", help="Without scales and index tables."),
        },
        alt=" ".join(
            f"{layer.name}: {layer.dtype}, {_zeros(layer):.1f} % zeros, {layer.distinct_per_channel} different values."
            for layer in found.layers
        ),
    )


def _layer(layer: LayerWeights) -> dict[str, object]:
    return {
        "Layer": layer.name, "Shape": shape_words(layer.shape), "Type": layer.dtype, "Zeros": _zeros(layer),
        "Different values in a channel": layer.distinct_per_channel,
        "Scales": "none" if layer.scales == 0 else f"{layer.scales:,}", "Stored bytes": layer.stored_bytes,
    }  # fmt: skip


def _zeros(layer: LayerWeights) -> float:
    return 100 * layer.whole.variant.zeros / layer.whole.variant.elements


def _left_out(found: Weights) -> None:
    """What the histograms do not show, by name."""
    alone = [layer.name for layer in found.layers if not layer.matched]
    if alone:
        st.caption(f"float32 has no layer of this shape, so there is no before: {', '.join(alone)}.")
    if found.only_reference:
        st.caption(f"Only float32 has these layers: {', '.join(found.only_reference)}.")
    if found.unread:
        st.caption(f"Not shown: {'; '.join(found.unread)}.")
    st.caption("Biases are left out: they are few, and kept in 32 bits where weights have 8.")
