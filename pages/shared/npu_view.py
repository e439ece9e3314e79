"""A variant on a board's NPU: what Arm's own compiler says of it."""

from __future__ import annotations

import streamlit as st

from pages.shared import results
from tinyml_core.boards.board import Board
from tinyml_core.comparison import Row
from tinyml_core.desk import Desk
from tinyml_core.metrics import format_bytes, format_time
from tinyml_core.npu_asking import ask_npu_of_file
from tinyml_core.npu import NpuEstimate


def draw(desk: Desk, row: Row, board: Board) -> None:
    """Ask Vela (seconds, once) and show its estimate; comes back by itself until it is there."""
    assert board.npu is not None
    if row.tflite is None:
        return
    found = ask_npu_of_file(desk, row.tflite, board.npu, row.technique.title)
    st.fragment(_draw, run_every=None if found.done() else results.POLL_S)(desk, row, board, found.done())


def _draw(desk: Desk, row: Row, board: Board, was_done: bool) -> None:
    assert board.npu is not None and row.tflite is not None
    found = ask_npu_of_file(desk, row.tflite, board.npu, row.technique.title)
    st.markdown(f"**On the NPU** ({board.npu.accelerator}): estimate of the compiler Vela, not a measurement")
    if not found.done():
        st.progress(0.5, text="Vela compiles it for the NPU")
        return
    if not was_done:
        st.rerun()
    outcome = found.result()
    if isinstance(outcome, NpuEstimate):
        _numbers(outcome, board)
        return
    st.info(f"{outcome.reason} {outcome.advice}", icon=":material/help:")
    if outcome.detail:
        with st.expander("Vela's own words"):
            st.code(outcome.detail, language=None, wrap_lines=True)


def _numbers(found: NpuEstimate, board: Board) -> None:
    assert board.npu is not None
    columns = st.columns(4)
    time = (
        "no clock known"
        if found.milliseconds is None
        else f"{format_time(found.milliseconds)} at {board.npu.clock_mhz} MHz"
    )
    columns[0].metric("NPU cycles", f"{found.cycles:,}", time, "off", delta_arrow="off", help=board.npu.source)
    columns[1].metric("SRAM", format_bytes(found.sram_bytes), help="Peak of Vela's memory plan in SRAM.")
    columns[2].metric(
        "Flash, compiled", format_bytes(found.flash_bytes), help="The compiled file, rounded up to 16 bytes."
    )
    share = "unknown" if found.npu_macs_share is None else f"{100 * found.npu_macs_share:.1f} %"
    count = f"{len(found.npu_operators)} of {len(found.npu_operators) + len(found.cpu_operators)} operators"
    columns[3].metric("MACs on the NPU", share, count, "off", delta_arrow="off")
    if found.cpu_operators:
        left = ", ".join(dict.fromkeys(found.cpu_operators))
        st.caption(f":material/warning: Left to the processor, and not in the cycles: {left}.")
    st.caption(
        f"Vela {found.vela_version}, {found.accelerator}, system {found.system_config}, memory {found.memory_mode}. "
        f"How the board's NPU is known: {board.npu.known} ({board.npu.source})."
    )
