"""A board's card: what it is, every fact with its source and how sure it is, and where the usual tables are wrong."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.boards import speed, sums
from pages.shared import waiting, widgets
from tinyml_core.boards.board import Board, boards_with
from tinyml_core.boards.fit import remedies, smallest_board
from tinyml_core.boards.own import board_toml
from tinyml_core.boards.placing import fits_on
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.metrics import format_bytes, format_time
from tinyml_core.domain.outcome import NpuEstimate


def draw(board: Board) -> None:
    """The card of one board."""
    with st.container(border=True):
        st.subheader(board.title, anchor=False)
        st.markdown(
            f"{board.vendor}, {board.mcu}, {board.core} at {board.clock_mhz_default} MHz (at most {board.clock_mhz_max}). "
            f"Usable: **{format_bytes(board.flash_usable_bytes.value)} of flash**, "
            f"**{format_bytes(board.ram_contiguous_bytes.value)} of RAM in one piece**."
        )
        for note in board.notes:
            st.caption(f":material/info: {note}")
        title, icon = "Every fact with its source", ":material/fact_check:"
        widgets.folded(title, icon, f"facts_{board.name}", lambda: _facts(board))


def _facts(board: Board) -> None:
    figures = {
        "Flash on the board": board.flash_physical_bytes, "Flash a program may use": board.flash_usable_bytes,
        "RAM in all": board.ram_physical_bytes, "RAM in one piece": board.ram_contiguous_bytes,
        "RAM outside the chip": board.psram_bytes, "Flash of the platform": board.platform_flash_bytes,
        "RAM of the runtime": board.runtime_ram_bytes, "RAM of the platform": board.platform_ram_bytes,
    }  # fmt: skip
    rows = [(title, format_bytes(figure.value), figure.known, figure.source) for title, figure in figures.items()]
    power = board.active_power_uw
    if power is not None:
        at = f" at {board.active_power_mhz} MHz" if board.active_power_mhz else ""
        rows.append(("Power while computing", f"{power.value / 1000:g} mW{at}", power.known, power.source))
    st.table(pd.DataFrame(rows, columns=["Figure", "Value", "Known", "Source"]).set_index("Figure"))
    words = {
        "Supply": board.supply, "Floating point unit": board.fpu, "DSP instructions": board.dsp,
        "Vector instructions": board.vector, "NPU": board.npu_text, "Microphone": board.microphone,
        "Camera": board.camera, "Motion sensor": board.imu, "Power": board.power,
        "What the power is of": board.power_scope, "How sure all this is": board.confidence,
    }  # fmt: skip
    words = {title: text for title, text in words.items() if text}
    st.table(pd.DataFrame({"Fact": list(words), "": list(words.values())}).set_index("Fact"))
    st.markdown("Sources: " + "; ".join(board.sources))
    st.download_button(
        f"{board.name}.toml", board_toml(board), f"{board.name}.toml", "application/toml", on_click="ignore",
        icon=":material/download:", key=f"card_toml_{board.name}",
    )  # fmt: skip


def draw_npu(row: Row, board: Board) -> None:
    """Vela's estimate, or why there is none."""
    assert board.npu is not None
    st.markdown(f"**On the NPU** ({board.npu.accelerator}): compiler estimate (Vela), not a measurement")
    found = row.npus.get(board.name)
    if found is None:
        st.caption("Vela is compiling it for the NPU.")
    elif isinstance(found, NpuEstimate):
        _numbers(found, board)
    else:
        waiting.tell(found, alarm=False, whose="Vela's")


def _numbers(found: NpuEstimate, board: Board) -> None:
    assert board.npu is not None
    columns = st.columns(4)
    ms = found.milliseconds
    time = "no clock known" if ms is None else f"{format_time(ms)} at {board.npu.clock_mhz} MHz"
    columns[0].metric("NPU cycles", f"{found.cycles:,}", time, "off", delta_arrow="off", help=board.npu.source)
    columns[1].metric("SRAM", format_bytes(found.sram_bytes), help="Peak of Vela's memory plan in SRAM.")
    flash = format_bytes(found.flash_bytes)
    columns[2].metric("Flash, compiled", flash, help="The compiled file, rounded up to 16 bytes.")
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


# ---- One variant on one board in full: both sums, time and energy, what would make it fit, and the board's card ----


def draw_one_cell(comparison: Comparison, fits: pd.DataFrame) -> None:
    """The cell that was clicked; the recommended variant on the first board if none was. One variant must be measured."""
    rows = {row.technique.name: row for row in comparison.rows if row.fits}
    st.divider()
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        row = rows[_variant(rows)]
    with right:
        index = _board(comparison)
    board, fit = comparison.boards[index], row.fits[index]
    with st.container(border=True):
        sums.one(fit, board, row.technique.name)
        others = {other.technique.title: other.fits[index] for other in rows.values() if other is not row}
        for sentence in remedies(fit, board, _operators(row), others):
            st.markdown(f":material/lightbulb: {sentence}")
        if board.npu is not None and board.npu.compiled_for:
            draw_npu(row, board)
    st.caption(_smallest(row, comparison))
    speed.draw(comparison, row, index, fits)
    sums.draw(row, fits)
    draw(board)


def _variant(rows: dict[str, Row]) -> str:
    """The box that names the variant; follows the recommendation until a person chooses."""
    state = st.session_state
    if state.get("cell_variant") not in rows or not state.get("cell_chosen"):
        running = [name for name, row in rows.items() if row.measured and row.measured.micro.status == "runs"]
        smallest = min(running, key=lambda name: rows[name].flash_bytes or 0, default=next(iter(rows)))
        state.cell_variant = next((name for name, row in rows.items() if row.picked), smallest)
        state.cell_chosen = False

    titles = {name: row.technique.title for name, row in rows.items()}

    def choose() -> None:
        state.cell_chosen = True

    return str(st.selectbox("Variant", list(rows), key="cell_variant", format_func=titles.get, on_change=choose))


def _board(comparison: Comparison) -> int:
    titles = {board.name: board.title for board in comparison.boards}
    if st.session_state.get("cell_board") not in titles:
        st.session_state.cell_board = next(iter(titles))
    chosen = st.selectbox("Board", list(titles), key="cell_board", format_func=lambda name: titles[name])
    return list(titles).index(str(chosen))


def _smallest(row: Row, comparison: Comparison) -> str:
    """The other way round: of all boards, not only the chosen ones, the smallest that runs this variant."""
    known = boards_with(comparison.question.own_boards)
    assert row.measured is not None
    board = smallest_board(fits_on(row.measured, tuple(known.values())), known)
    if board is None:
        return f"None of the {len(known)} known boards runs {row.technique.title}."
    return (
        f"The smallest of all {len(known)} known boards that runs {row.technique.title}: **{board.title}** "
        f"({board.ram_contiguous_bytes.value // 1024:,} KB of RAM, {board.flash_usable_bytes.value // 1024:,} KB of flash)."
    )


def _operators(row: Row) -> tuple[str, ...]:
    inspection = row.measured.inspection if row.measured else None
    return inspection.operators if isinstance(inspection, Inspection) else ()
