"""The layers of one variant: operators with their number types, where flash goes, tensors, weights and scales."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from pages.shared import chart_view, inspect_scales, waiting, weights_view
from tinyml_core import anatomy_frames
from tinyml_core.anatomy import Anatomy, OperatorPart
from tinyml_core.charts.file_parts import CHART
from tinyml_core.comparison import Comparison, Row
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
    found = waiting.found(inquire(asked.desk, wanted).found, "Reading the file")
    if found is None:
        return
    _operators(found)
    _sizes(found)
    _box("Tensors by type", ":material/category:", "census_box", lambda: _census(found))
    _box("Weights, before and after", ":material/bar_chart:", "weights_box", lambda: weights_view.draw(row, comparison))
    _box(
        "Scale and zero point of every tensor and channel", ":material/straighten:", "scales_box",
        lambda: st.fragment(inspect_scales.draw)(found),
    )  # fmt: skip


def _box(title: str, icon: str, key: str, fill: Callable[[], None]) -> None:
    """A closed box costs nothing."""
    box = st.expander(title, icon=icon, key=key, on_change="rerun")
    if box.open:
        with box:
            fill()


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
        "No.": part.place,
        "Operator": part.operator.replace("_", " ").lower(),
        "Ran in": part.number_type,
        "Note": MARKS[part.mark],
        "Layer": part.layer,
        "Input": _shapes(part.input_shapes),
        "Output": _shapes(part.output_shapes),
        "MACs": part.macs,
        "Weight bytes": part.read_bytes,
        "Share of flash": 100 * part.stored_bytes / file_bytes,
    }


def _shapes(shapes: tuple[tuple[int, ...], ...]) -> str:
    return ", ".join(" x ".join("any" if size < 0 else str(size) for size in shape) or "scalar" for shape in shapes)


def _sizes(found: Anatomy) -> None:
    frame = anatomy_frames.file_parts(found)
    weights = sum(part.size_bytes for part in found.parts if part.kind == "weights")
    st.subheader(CHART.title, anchor=False)
    st.caption(CHART.question)
    chart_view.draw(CHART, frame, [], key="file_parts_chart")
    st.caption(
        f"Counted: {weights:,} of {found.size_bytes:,} bytes ({100 * weights / found.size_bytes:.1f} %) are weights and biases "
        "of the layers. The graph structure is the rest: operators, tensors, shapes, padding, and the index of sparse weights. "
        "The bars add up to the file, byte by byte; flash rounds it up to 16 bytes."
    )


def _census(found: Anatomy) -> None:
    lines = [
        {
            "Type": count.dtype,
            "Where": "in the file" if count.stored else "computed",
            "Tensors": count.tensors,
            "Bytes": count.size_bytes,
        }
        for count in found.census
    ]
    st.dataframe(
        pd.DataFrame(lines),
        hide_index=True,
        column_config={"Bytes": st.column_config.NumberColumn(format="localized")},
        alt=" ".join(f"{line['Tensors']} {line['Type']} {line['Where']}." for line in lines),
    )
    st.caption(
        "Biases and shapes stand as int32 or int64 also where weights are int8. Computed tensors do not all live at the same "
        "time: see Memory over time."
    )
