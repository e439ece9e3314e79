"""Everything about one variant: numbers with deltas to float32, warnings, boards, inputs and outputs, downloads."""

from __future__ import annotations

import streamlit as st

from pages.shared import boards_view, choice, downloads, file_view, key_numbers, sources, weights_view
from tinyml_core.comparison import REFERENCE, Comparison, Row
from tinyml_core.inspection import Inspection
from tinyml_core.outcome import Failure, Measurement


def draw(comparison: Comparison) -> None:
    """The variant that was clicked; the recommended one if none was."""
    rows = {row.technique.name: row for row in comparison.rows if row.outcome is not None}
    if not rows:
        return
    st.divider()
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with right:
        name = choice.box(rows)
    row = rows[name]
    with left:
        st.subheader(f"{row.technique.title}{' ★ recommended' if row.picked else ''}", anchor=False)
        st.write(row.technique.idea)
    if isinstance(row.outcome, Failure):
        failure(row.outcome)
    elif row.measured:
        key_numbers.draw(row, comparison.row(REFERENCE))
        _messages(row)
        if st.button(
            "Look inside", icon=":material/frame_inspect:", help="Inputs and outputs, layers, memory over time."
        ):
            choice.carry(row.technique.name)
            st.switch_page("pages/3_inspect.py")
        _more(row, row.measured, comparison)


def failure(found: Failure) -> None:
    """What could not be done, why, and the way out; what a person stopped is no error."""
    if found.stopped:
        st.info(f"{found.reason} {found.advice}", icon=":material/stop_circle:")
        return
    st.error(f"**Failed while {found.stage}.** {found.reason} {found.advice}", icon=":material/error:")
    if found.link:
        st.markdown(f"[More about this]({found.link})")
    if found.detail:
        with st.expander("In the library's own words"):
            st.code(found.detail, language=None, wrap_lines=True)


def _messages(row: Row) -> None:
    assert row.measured is not None
    micro = row.measured.micro
    if micro.status == "refused":
        more = f" [Others met the same]({micro.link})." if micro.link else ""
        st.error(f"**TFLM refuses it.** {micro.cause} {micro.fix}{more}", icon=":material/block:")
        with st.expander("TFLM's own words"):
            st.code(micro.error, language=None, wrap_lines=True)
    elif micro.status == "not executed":
        st.info(f"**Not executed on TFLM.** {micro.cause} {micro.fix}", icon=":material/help:")
    for part in (row.measured.inspection, row.measured.score):
        if isinstance(part, Failure):
            failure(part)
    for warned in row.warnings:
        st.warning(f"**{warned.title}.** {warned.text}", icon=":material/warning:")
    for note in row.notes:
        st.info(note, icon=":material/info:")


def _more(row: Row, measured: Measurement, comparison: Comparison) -> None:
    boards, weights, file, execution, download = st.tabs(
        ["Boards", "Weights", "In the file", "On TFLM", "Download and source"], key="detail_tabs", on_change="rerun"
    )
    # Only the tab in front is filled.
    if boards.open:
        with boards:
            boards_view.sums(row, comparison.boards)
    if weights.open:
        with weights:
            weights_view.draw(row, comparison)
    if file.open:
        with file:
            if isinstance(measured.inspection, Inspection):
                file_view.inspection(measured.inspection)
            else:
                st.write("The file could not be read.")
    if execution.open:
        with execution:
            file_view.execution(measured.micro)
    if download.open:
        with download:
            downloads.draw(row, comparison.question.model)
            sources.technique(row.technique)
