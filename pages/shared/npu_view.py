"""A variant on a board's NPU: what Arm's own compiler says of it."""

from __future__ import annotations

import streamlit as st

from tinyml_core.boards.board import Board
from tinyml_core.comparison import Row
from tinyml_core.metrics import format_bytes, format_time
from tinyml_core.npu import NpuEstimate


def draw(row: Row, board: Board) -> None:
    """Vela's estimate, or why there is none."""
    assert board.npu is not None
    st.markdown(f"**On the NPU** ({board.npu.accelerator}): compiler estimate (Vela), not a measurement")
    found = row.npus.get(board.name)
    if found is None:
        st.caption("Vela is compiling it for the NPU.")
    elif isinstance(found, NpuEstimate):
        _numbers(found, board)
    else:
        st.info(f"{found.reason} {found.advice}", icon=":material/help:")
        if found.detail:
            with st.expander("Vela's own words"):
                st.code(found.detail, language=None, wrap_lines=True)


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
