"""Inputs and outputs of the original and of all variants side by side, with what conversion changed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import chart_view
from pages.shared.plain import shape_words
from tinyml_core.analysis.inputs_outputs import changes, real_range
from tinyml_core.charts import ranges
from tinyml_core.charts.ranges import END_RANGES
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.frames import colour_order
from tinyml_core.compress.techniques import technique
from tinyml_core.domain.inspection import Inspection, Tensor
from tinyml_core.domain.outcome import Measurement, Outcome
from tinyml_core.domain.technique import REFERENCE, Technique
from tinyml_core.pipeline.run import ComparisonRun

Ends = list[tuple[Technique, tuple[Tensor, ...]]]
"""Inputs, or outputs, of each variant."""

LETTER_PX, MOST_PX = 6.8, 330
"""Of a variant's name, and of the column that holds the longest; numbers shall stay in sight."""

SIDES = {"Inputs": "inputs", "Outputs": "outputs"}


def draw(asked: ComparisonRun, row: Row, comparison: Comparison) -> None:
    """A table and the ranges for each side."""
    rows = {each.technique.name: _inspection(each.outcome) for each in comparison.rows}
    reference = asked.variants.get(REFERENCE)
    original = _inspection(reference.outcome.result()) if reference is not None and reference.outcome.done() else None
    variants = ({REFERENCE: original} if original is not None else {}) | rows
    techniques = {row.technique.name: row.technique for row in comparison.rows}
    known = [(techniques.get(name) or technique(name), found) for name, found in variants.items() if found is not None]
    st.write(
        "A program on a board hands over stored numbers and gets stored numbers back: real value = scale x (stored number - "
        "zero point). A converter may rename, reorder and retype inputs and outputs, so look before you write that program."
    )
    for title, side in SIDES.items():
        st.subheader(title, anchor=False)
        ends = [(technique, getattr(found, side)) for technique, found in known]
        _table(title, ends, None if original is None else getattr(original, side))
        _ranges(title, ends, colour_order(comparison))
    st.caption(_about(original is not None))


def _inspection(outcome: Outcome | None) -> Inspection | None:
    found = outcome.inspection if isinstance(outcome, Measurement) else None
    return found if isinstance(found, Inspection) else None


def _about(has_original: bool) -> str:
    if not has_original:
        return "There is no float32 original to compare with: each file stands alone."
    return (
        "The original is the float32 file. “≠” names what is different from it; an input or output is recognised by its name, or "
        "else by its place. Scale and zero point are those of the whole tensor. All of it stands in the files; nothing is executed."
    )


def _table(side: str, ends: Ends, originals: tuple[Tensor, ...] | None) -> None:
    most = max((len(tensors) for _, tensors in ends), default=0)
    lines = [
        _line(technique, place, tensors, originals)
        for place in range(most)
        for technique, tensors in ends
        if place < len(tensors)
    ]
    shown = pd.DataFrame(lines)
    if shown.empty:
        st.write("None of these files states any.")
        return
    if most == 1:
        shown = shown.drop(columns="No.")
    longest = max(len(str(line["Variant"])) for line in lines)
    said = (f"{line['Variant']}: {line['Type']}, {line['Shape']}, {line['Against the original']}." for line in lines)
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "Variant": st.column_config.TextColumn(pinned=True, width=min(MOST_PX, round(LETTER_PX * longest) + 24)),
            "Against the original": st.column_config.TextColumn(width=130),
            "Scale": st.column_config.TextColumn(width=100),
        },
        alt=f"{side}. {' '.join(said)}",
    )


def _line(
    technique: Technique, place: int, tensors: tuple[Tensor, ...], originals: tuple[Tensor, ...] | None
) -> dict[str, object]:
    tensor = tensors[place]
    limits = real_range(tensor)
    return {
        "Variant": technique.title,
        "No.": place + 1,
        "Against the original": _against(technique.name, place, tensors, originals),
        "Type": tensor.dtype,
        "Shape": shape_words(tensor.shape),
        "Range in real units": "any" if limits is None else f"{limits[0]:.4g} to {limits[1]:.4g}",
        **scale_facts(tensor),
        "Name": tensor.name,
    }


def scale_facts(tensor: Tensor) -> dict[str, str]:
    """Scale, zero point and sparsity of a tensor, in words."""
    return {
        "Scale": "none" if tensor.scale is None else f"{tensor.scale:.6g}",
        "Zero point": "none" if tensor.zero_point is None else str(tensor.zero_point),
        "Sparsity": tensor.sparsity,
    }


def _against(name: str, place: int, tensors: tuple[Tensor, ...], originals: tuple[Tensor, ...] | None) -> str:
    if originals is None:
        return "no original"
    if name == REFERENCE:
        return "is the original"
    found = changes(place, tensors, originals)
    return f"≠ {', '.join(found)}" if found else "= same"


def _ranges(side: str, ends: Ends, domain: list[str]) -> None:
    most = max((len(tensors) for _, tensors in ends), default=0)
    for place in range(most):
        frame = ranges.ranges(
            (technique.title, technique.order, tensors[place]) for technique, tensors in ends if place < len(tensors)
        )
        number = f" of {side[:-1].lower()} {place + 1}" if most > 1 else ""
        st.caption(f"**{END_RANGES.title}{number}.** {END_RANGES.question}")
        chart_view.draw(END_RANGES, frame, domain, key=f"range_{side}_{place}")
