"""Everything about one variant: numbers with deltas to float32, warnings, boards, inputs and outputs, downloads."""

from __future__ import annotations

import streamlit as st

from pages.shared import boards_view, choice, file_view, sources
from tinyml_core.comparison import REFERENCE, Comparison, Row
from tinyml_core.export.c_array import c_source
from tinyml_core.metrics import METRICS, format_bytes, format_difference, format_score, format_time
from tinyml_core.model_card import NO_SCORE
from tinyml_core.outcome import Failure, Inspection, Latency, Measurement, Micro
from tinyml_core.sentence import factor_words


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
        _numbers(row, comparison.row(REFERENCE))
        _messages(row)
        _more(row, row.measured, comparison)


def failure(found: Failure) -> None:
    """What could not be done, why, and the way out."""
    st.error(f"**Failed while {found.stage}.** {found.reason} {found.advice}", icon=":material/error:")
    if found.link:
        st.markdown(f"[More about this]({found.link})")
    if found.detail:
        with st.expander("In the library's own words"):
            st.code(found.detail, language=None, wrap_lines=True)


def _numbers(row: Row, reference: Row | None) -> None:
    columns = st.columns(5)
    flash, base = row.flash_bytes, reference.flash_bytes if reference else None
    delta = None
    if flash is not None and base is not None and row.technique.name != REFERENCE:
        delta = f"{flash - base:+,} bytes, {factor_words(base / flash)}"
    columns[0].metric(
        "Flash", format_bytes(flash) if flash is not None else "unknown", delta, "inverse",
        help=METRICS["flash_bytes"].explanation,
    )  # fmt: skip
    _score_metric(columns[1], row)
    agreement = row.agreement
    columns[2].metric(
        "Changed answers",
        "-" if agreement is None else f"{agreement.changed}",
        None if agreement is None else f"{agreement.better} better, {agreement.worse} worse",
        "off",
        delta_arrow="off",
        help=METRICS["changed"].explanation,
    )
    micro = row.measured.micro if row.measured else Micro("not executed")
    arena = micro.arena_minimum_bytes
    columns[3].metric(
        "Arena on TFLM",
        format_bytes(arena) if arena is not None else micro.status,
        f"about {format_bytes(micro.arena_32bit_bytes)} on a 32-bit board" if micro.arena_32bit_bytes else None,
        "off",
        delta_arrow="off",
        help=METRICS["arena_bytes"].explanation,
    )
    latency = row.latency
    shown = (
        format_time(latency.p50_ms)
        if isinstance(latency, Latency)
        else "waiting"
        if latency is None
        else "not measured"
    )
    columns[4].metric(
        ":gray[This computer]",
        shown,
        f"9 of 10 runs below {format_time(latency.p90_ms)}" if isinstance(latency, Latency) else None,
        "off",
        delta_arrow="off",
        help=METRICS["latency_p50_ms"].explanation,
    )


def _score_metric(column: st.delta_generator.DeltaGenerator, row: Row) -> None:
    score = row.score
    if score is None:
        column.metric("Score", "not measured")
        if row.measured is not None and row.measured.score is None:
            column.caption(NO_SCORE)
        return
    metric = METRICS[score.metric]
    delta = None
    if row.agreement is not None:
        change = format_difference(score.metric, row.agreement.difference)
        delta = f"{change}, {'within noise' if row.agreement.p_value >= 0.05 else 'beyond chance'}"
    column.metric(
        metric.title, format_score(score.metric, score.value), delta, "off", delta_arrow="off", help=metric.explanation
    )
    low, high = format_score(score.metric, score.low), format_score(score.metric, score.high)
    column.caption(f"95 % interval {low} to {high}, {score.samples:,} samples")


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
    boards, file, execution, download = st.tabs(
        ["Boards", "In the file", "On TFLM", "Download and source"], key="detail_tabs", on_change="rerun"
    )
    # Only the tab in front is filled.
    if boards.open:
        with boards:
            boards_view.sums(row, comparison.boards)
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
            _downloads(row, comparison.question.model)
            sources.technique(row.technique)


def _downloads(row: Row, model: str) -> None:
    if row.tflite is None:
        return
    blob, stem = row.tflite, f"{model}_{row.technique.name}"
    left, right = st.columns(2)
    left.download_button(
        f"{stem}.tflite", blob.read, f"{stem}.tflite", "application/octet-stream", on_click="ignore", width="stretch",
        icon=":material/download:", key=f"tflite_{stem}",
    )  # fmt: skip
    right.download_button(
        f"{stem}.cc (C array)", lambda: c_source(blob.read()), f"{stem}.cc", "text/plain", on_click="ignore",
        width="stretch", icon=":material/download:", key=f"cc_{stem}",
    )  # fmt: skip
    st.caption(f"SHA-256 of the .tflite: `{blob.sha256}`")
