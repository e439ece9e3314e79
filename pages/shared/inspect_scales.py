"""Scale and zero point of every quantized tensor, and of each channel of the one that is ticked."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import chart_view
from tinyml_core import anatomy_frames
from tinyml_core.anatomy import Anatomy, QuantizedTensor
from tinyml_core.charts.channel_scales import CHART

KEY = "scales_table"


def draw(found: Anatomy) -> None:
    """A table of tensors; a tick shows a tensor's channels."""
    if not found.quantized:
        st.write("No tensor of this file has a scale: it computes in floats.")
        return
    st.dataframe(
        pd.DataFrame([_line(tensor) for tensor in found.quantized]),
        hide_index=True,
        key=KEY,
        on_select="rerun",
        selection_mode="single-row",
        column_config={"Tensor": st.column_config.TextColumn(width=220)},
        alt=" ".join(f"{tensor.name}: {_span(tensor)}." for tensor in found.quantized),
    )
    st.caption("Real value = scale x (stored number - zero point). Tick a tensor to see each of its channels.")
    tensor = _ticked(found)
    if tensor is not None:
        _channels(tensor)


def _ticked(found: Anatomy) -> QuantizedTensor | None:
    """The tensor that is ticked; else the first with several scales, weights before biases."""
    rows = st.session_state[KEY].selection.rows
    if rows and rows[0] < len(found.quantized):
        return found.quantized[rows[0]]
    several = sorted(
        (tensor for tensor in found.quantized if len(tensor.scales) > 1), key=lambda one: one.role != "weights"
    )
    return several[0] if several else None


def _line(tensor: QuantizedTensor) -> dict[str, object]:
    count = len(tensor.scales)
    return {
        "Tensor": tensor.name,
        "Role": tensor.role,
        "Type": tensor.dtype,
        "Shape": " x ".join(str(size) for size in tensor.shape) or "scalar",
        "Scales": "one" if count == 1 else f"{count:,}, one a {tensor.granularity}",
        "Scale": _span(tensor),
        "Zero point": _points(tensor),
    }


def _span(tensor: QuantizedTensor) -> str:
    low, high = min(tensor.scales), max(tensor.scales)
    return f"{low:.6g}" if low == high else f"{low:.4g} to {high:.4g}"


def _points(tensor: QuantizedTensor) -> str:
    low, high = min(tensor.zero_points), max(tensor.zero_points)
    return str(low) if low == high else f"{low} to {high}"


def _channels(tensor: QuantizedTensor) -> None:
    if len(tensor.scales) == 1:
        st.write("This tensor has one scale for all of its channels.")
        return
    frame = anatomy_frames.scales(tensor)
    st.markdown(f"**{CHART.title}** of `{tensor.name.replace('`', ' ')}`, axis {tensor.axis}")
    st.caption(CHART.question)
    chart_view.draw(CHART, frame, [], key="channel_scales_chart")
    st.dataframe(
        frame[["channel", "scale", "zero_point"]].rename(
            columns={"channel": tensor.granularity.capitalize(), "scale": "Scale", "zero_point": "Zero point"}
        ),
        hide_index=True,
        height=200,
        column_config={"Scale": st.column_config.NumberColumn(format="%.6g")},
        alt=CHART.alt(frame),
    )
