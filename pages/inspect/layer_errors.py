"""Where a variant's error comes from: signal and noise layer by layer, the layer to blame, and what to try."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.ask import techniques as ask_techniques
from pages.ask.techniques import pressed
from pages.shared import chart_view, waiting, widgets
from pages.shared.plain import plain
from tinyml_core import catalog
from tinyml_core.analysis.layer_errors import (
    UNHEARD_DB,
    LayerCurve,
    LayerError,
    LayerErrors,
    decibels,
    guilty,
    share_words,
)
from tinyml_core.charts import layer_errors
from tinyml_core.charts.layer_errors import CHART
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.layer_advice import EVERYWHERE, Advice, advise
from tinyml_core.compress import techniques as compress_techniques
from tinyml_core.domain.technique import REFERENCE, Technique
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.run import ComparisonRun


def draw(asked: ComparisonRun, row: Row, comparison: Comparison) -> None:
    """Ask where the error comes from, say so while it is worked out, then draw it."""
    if row.technique.name == REFERENCE:
        st.write(
            "float32 is what every variant is compared with, so it has no error here. Choose another variant above."
        )
        return
    found = waiting.answer(analyses.layer_errors(comparison.question.job(row.technique.name)))
    if found is None:
        return
    if not found.own.layers:
        st.info("No layer of this file has a counterpart in float32's, so nothing can be compared.")
    else:
        _blame(found, row.technique, comparison)
        frame = layer_errors.errors(found)
        st.caption(CHART.question)
        chart_view.draw(CHART, frame, [], key="layer_errors")
    _explain(found, row)
    if found.own.layers:
        widgets.folded("Every layer in numbers", ":material/table_view:", "layer_numbers", lambda: _table(found.own))
    _unmatched(found)


def _blame(found: LayerErrors, technique: Technique, comparison: Comparison) -> None:
    """The layer at which most of the error enters, and what to try."""
    model, culprit, end = catalog.model(comparison.question.model), guilty(found.own), found.own.layers[-1]
    if all(layer.exact for layer in found.own.layers):
        st.markdown("#### No error at all: every value of every layer is float32's.")
        return
    if culprit is None:
        lowest = min(found.own.layers, key=lambda layer: UNHEARD_DB if layer.snr_db is None else layer.snr_db)
        grown = lowest.snr_db is not None and lowest.snr_db < UNHEARD_DB
        st.markdown(
            f"#### No layer stands out{': the error grows little by little' if grown else ''}. The output, {plain(end.layer)}, "
            f"has {_in_words(end)}."
        )
        _try(advise(lowest, technique, model, EVERYWHERE) if grown else ())
        return
    layer = found.own.layers[culprit.place]
    st.markdown(
        f"#### The first error enters at {plain(layer.layer)}, and most of it: the signal-to-noise ratio there is "
        f"{_in_words(layer)}."
        if culprit.first
        else f"#### Most of the error enters at {plain(layer.layer)}: the signal-to-noise ratio falls to {_in_words(layer)} there."
    )
    if layer is not end:
        st.write(f"At the output, {plain(end.layer)}, it is {_in_words(end)}.")
    _try(advise(layer, technique, model))


def _try(advice: tuple[Advice, ...]) -> None:
    if advice:
        st.markdown("**What to try**")
    for one in advice:
        _advice(one)


def _in_words(layer: LayerError) -> str:
    share = "" if layer.snr_db is None else f" ({share_words(layer.snr_db)})"
    return f"{decibels(layer)}{share}"


def _advice(advice: Advice) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"advice_{advice.technique or advice.what}"):
        st.markdown(f"**{advice.what}.** {advice.why}", width="stretch")
        if not advice.technique:
            return
        technique = compress_techniques.technique(advice.technique)
        if advice.technique in pressed(technique.group):
            st.caption(f"{technique.title}: in the comparison")
            return
        title, name = f"Add {technique.title}", advice.technique
        st.button(title, icon=":material/add:", key=f"try_{name}", on_click=ask_techniques.add, args=(name,))


def _explain(found: LayerErrors, row: Row) -> None:
    if found.synthetic:
        inputs = (
            f"{found.samples} made-up inputs, random numbers from the range that the model states, because no data comes "
            "with it: layers may behave otherwise on real inputs"
        )
    else:
        inputs = f"{found.samples} held-out samples, which calibration has never seen: on its own samples it would flatter itself"
    parts = [
        "The signal-to-noise ratio says how large what float32 computes is against the error: at 20 dB the error is a tenth "
        "of the signal, at 40 dB a hundredth, at 0 dB as large as the signal itself.",
        f"Both files were executed on {inputs}. Blamed is the layer with the largest fall below {UNHEARD_DB:.0f} dB.",
    ]
    if row.technique.training != "none":
        parts.append(
            "Compared with the float32 weights that this variant was converted from, after training went on; rounding that "
            "training simulates is left out there."
        )
        parts.append(
            "The second, dashed curve compares with the model as it was before: most of that difference is what training "
            "on changed, and no error."
            if found.base is not None
            else "This is another network than the model, so the two cannot be compared layer by layer."
        )
    if row.packed:
        parts.append(
            "Only TFLM can run the packed file. Packing changes no value, so what was executed is its unpacked form."
        )
    st.caption(" ".join(parts))


def _table(curve: LayerCurve) -> None:
    """Every number of the first curve."""
    number = st.column_config.NumberColumn
    configured = {
        "Layer": st.column_config.TextColumn(pinned=True),
        "SNR in dB": number(format="%.1f", help="Empty: no error at all."),
        "Cosine": number(format="%.5f", help="1 where both point the same way, whatever their size."),
        "Worst error": number(format="%.4g", help="Of one value, in real units."),
        "In steps": number(
            format="%.1f", help="The same in quantization steps of this layer; empty where it computes in float."
        ),
        "Cut off": number(
            format="%.2f %%", help="Share of float32's values that lie outside of what this layer can hold."
        ),
        "Range used": number(format="%.0f %%", help="How much of what this layer can hold float32's values reach."),
        "Scales": number(help="Scales of its weights: one for all, or one for each output channel; 0 for floats."),
    }
    said = (f"{layer.layer}: {decibels(layer)}, worst error {layer.worst:.3g}." for layer in curve.layers)
    rows = pd.DataFrame([_numbers(layer) for layer in curve.layers])
    st.dataframe(rows, hide_index=True, column_config=configured, alt=" ".join(said))


def _numbers(layer: LayerError) -> dict[str, object]:
    return {
        "Layer": layer.layer, "Operator": layer.operator, "Type": layer.dtype, "SNR in dB": layer.snr_db,
        "Cosine": layer.cosine, "Worst error": layer.worst, "In steps": layer.worst_steps,
        "Cut off": 100 * layer.clipped, "Range used": None if layer.range_used is None else 100 * layer.range_used,
        "Weights": layer.weights or None, "Scales": layer.weight_scales if layer.weights else None,
        "Found by": "name" if layer.by_name else "operator and shape",
    }  # fmt: skip


def _unmatched(found: LayerErrors) -> None:
    curves = [("", found.own)] + ([(" (of the second curve)", found.base)] if found.base is not None else [])
    for which, curve in curves:
        for names, words in (
            (curve.unmatched, "Layers of this file without a counterpart in float32's"),
            (curve.missing, "Layers of float32's file without a counterpart in this one"),
        ):
            if names:
                st.caption(f":material/link_off: {words}{which}: {plain(', '.join(names))}.")
