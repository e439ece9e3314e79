"""The layers of one variant: operators with their number types, where flash goes, tensors, weights and scales."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.inspect import weights
from pages.shared import chart_view, waiting
from pages.shared.plain import shape_words
from pages.shared.widgets import folded
from tinyml_core.analysis.anatomy import Anatomy, OperatorPart, QuantizedTensor
from tinyml_core.charts import bars, ranges
from tinyml_core.charts.bars import FILE_PARTS
from tinyml_core.charts.ranges import CHANNEL_SCALES
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.graph import inquire
from tinyml_core.pipeline.run import ComparisonRun

MARKS = {
    "": "",
    "float in an integer file": "⚠ float in an integer file",
    "changes the number type": "⇄ changes the number type",
}


def draw(asked: ComparisonRun, row: Row, comparison: Comparison) -> None:
    """Ask for the file laid open; draw it once it is there."""
    wanted = analyses.anatomy(comparison.question.job(row.technique.name))
    found = waiting.answered(inquire(asked.desk, wanted).found, "Reading the file")
    if found is None:
        return
    _operators(found)
    _sizes(found)
    folded("Tensors by type", ":material/category:", "census_box", lambda: _census(found))
    folded("Weights, before and after", ":material/bar_chart:", "weights_box", lambda: weights.draw(row, comparison))
    scales = "Scale and zero point of every tensor and channel"
    folded(scales, ":material/straighten:", "scales_box", lambda: st.fragment(draw_scales)(found))


def _operators(found: Anatomy) -> None:
    st.subheader("Operators in order of execution", anchor=False)
    marked = [f"{part.place}. {part.operator}" for part in found.operators if part.mark == "float in an integer file"]
    if marked:
        st.warning(
            f"Computed in floats although the file is quantized: {', '.join(marked)}. Without a floating-point unit these are slow, "
            "and their activations take four bytes a value.",
            icon=":material/warning:",
        )
    lines = pd.DataFrame([_line(part, found.size_bytes) for part in found.operators])
    st.dataframe(
        lines if any(part.mark for part in found.operators) else lines.drop(columns="Note", errors="ignore"),
        hide_index=True,
        column_config={
            "No.": st.column_config.NumberColumn(width=45, pinned=True),
            "Operator": st.column_config.TextColumn(pinned=True),
            "Note": st.column_config.TextColumn(width=190),
            "MACs": st.column_config.NumberColumn(format="localized", help="Multiply-accumulate operations."),
            "Weight bytes": st.column_config.NumberColumn(
                format="localized", help="Constants it reads, biases included. What several operators read is stored once."
            ),
            "Share of flash": st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100, width=110),
        },
        alt=" ".join(
            f"{part.place}. {part.operator} in {part.number_type}, {part.read_bytes:,} bytes of weights."
            for part in found.operators
        ),
    )  # fmt: skip
    counts = [part.macs for part in found.operators if part.macs is not None]
    unknown = len(found.operators) - len(counts)
    st.caption(
        f"{sum(counts):,} multiply-accumulate operations in one inference"
        + (f", without {unknown} operators whose work cannot be counted" if unknown else "")
        + ". “Ran in” is told by the types of each operator's tensors."
    )


def _line(part: OperatorPart, file_bytes: int) -> dict[str, object]:
    return {
        "No.": part.place, "Operator": part.operator.replace("_", " ").lower(), "Ran in": part.number_type,
        "Note": MARKS[part.mark], "Layer": part.layer, "Input": _shapes(part.input_shapes),
        "Output": _shapes(part.output_shapes), "MACs": part.macs, "Weight bytes": part.read_bytes,
        "Share of flash": 100 * part.stored_bytes / file_bytes,
    }  # fmt: skip


def _shapes(shapes: tuple[tuple[int, ...], ...]) -> str:
    return ", ".join(map(shape_words, shapes))


def _sizes(found: Anatomy) -> None:
    frame = bars.file_parts(found)
    weights = sum(part.size_bytes for part in found.parts if part.kind == "weights")
    st.subheader(FILE_PARTS.title, anchor=False)
    st.caption(FILE_PARTS.question)
    chart_view.draw(FILE_PARTS, frame, [], key="file_parts_chart")
    st.caption(
        f"Counted: {weights:,} of {found.size_bytes:,} bytes ({100 * weights / found.size_bytes:.1f} %) are weights and biases "
        "of the layers. The graph structure is the rest: operators, tensors, shapes, padding, and the index of sparse weights. "
        "The bars add up to the file, byte by byte; flash rounds it up to 16 bytes."
    )


def _census(found: Anatomy) -> None:
    lines = [
        (count.dtype, "in the file" if count.stored else "computed", count.tensors, count.size_bytes)
        for count in found.census
    ]
    st.dataframe(
        pd.DataFrame(lines, columns=["Type", "Where", "Tensors", "Bytes"]),
        hide_index=True,
        column_config={"Bytes": st.column_config.NumberColumn(format="localized")},
        alt=" ".join(f"{tensors} {dtype} {where}." for dtype, where, tensors, _ in lines),
    )
    st.caption(
        "Biases and shapes stand as int32 or int64 also where weights are int8. Computed tensors do not all live at the same "
        "time: see Memory over time."
    )


# ---- Scale and zero point of every quantized tensor, and of each channel of the one that is ticked -----------------


KEY = "scales_table"


def draw_scales(found: Anatomy) -> None:
    """A table of tensors; a tick shows a tensor's channels."""
    if not found.quantized:
        st.write("No tensor of this file has a scale: it computes in floats.")
        return
    st.dataframe(
        pd.DataFrame([_scales_line(tensor) for tensor in found.quantized]), hide_index=True, key=KEY, on_select="rerun",
        selection_mode="single-row", column_config={"Tensor": st.column_config.TextColumn(width=220)},
        alt=" ".join(f"{tensor.name}: {_span(tensor)}." for tensor in found.quantized),
    )  # fmt: skip
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


def _scales_line(tensor: QuantizedTensor) -> dict[str, object]:
    count = len(tensor.scales)
    return {
        "Tensor": tensor.name, "Role": tensor.role, "Type": tensor.dtype, "Shape": shape_words(tensor.shape),
        "Scales": "one" if count == 1 else f"{count:,}, one a {tensor.granularity}", "Scale": _span(tensor),
        "Zero point": _points(tensor),
    }  # fmt: skip


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
    frame = ranges.scales(tensor)
    st.markdown(f"**{CHANNEL_SCALES.title}** of `{tensor.name.replace('`', ' ')}`, axis {tensor.axis}")
    st.caption(CHANNEL_SCALES.question)
    chart_view.draw(CHANNEL_SCALES, frame, [], key="channel_scales_chart")
    st.dataframe(
        frame[["channel", "scale", "zero_point"]].rename(
            columns={"channel": tensor.granularity.capitalize(), "scale": "Scale", "zero_point": "Zero point"}
        ),
        hide_index=True,
        height=200,
        column_config={"Scale": st.column_config.NumberColumn(format="%.6g")},
        alt=CHANNEL_SCALES.alt(frame),
    )
