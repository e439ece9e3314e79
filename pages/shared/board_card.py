"""A board's card: what it is, every fact with its source and how sure it is, and where the usual tables are wrong."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from tinyml_core.boards.board import Board, Figure
from tinyml_core.boards.toml_text import board_toml
from tinyml_core.metrics import format_bytes


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
        facts = st.expander(
            "Every fact with its source", icon=":material/fact_check:", key=f"facts_{board.name}", on_change="rerun"
        )
        if facts.open:
            with facts:
                _facts(board)


def _facts(board: Board) -> None:
    figures = {
        "Flash on the board": board.flash_physical_bytes,
        "Flash a program may use": board.flash_usable_bytes,
        "RAM in all": board.ram_physical_bytes,
        "RAM in one piece": board.ram_contiguous_bytes,
        "RAM outside the chip": board.psram_bytes,
        "Flash of the platform": board.platform_flash_bytes,
        "RAM of the runtime": board.runtime_ram_bytes,
        "RAM of the platform": board.platform_ram_bytes,
    }
    rows = [_figure(title, format_bytes(figure.value), figure) for title, figure in figures.items()]
    if board.active_power_uw is not None:
        at = f" at {board.active_power_mhz} MHz" if board.active_power_mhz else ""
        rows.append(
            _figure("Power while computing", f"{board.active_power_uw.value / 1000:g} mW{at}", board.active_power_uw)
        )
    st.table(pd.DataFrame(rows).set_index("Figure"))
    words = {
        "Supply": board.supply,
        "Floating point unit": board.fpu,
        "DSP instructions": board.dsp,
        "Vector instructions": board.vector,
        "NPU": board.npu_text,
        "Microphone": board.microphone,
        "Camera": board.camera,
        "Motion sensor": board.imu,
        "Power": board.power,
        "What the power is of": board.power_scope,
        "How sure all this is": board.confidence,
    }
    words = {title: text for title, text in words.items() if text}
    st.table(pd.DataFrame({"Fact": list(words), "": list(words.values())}).set_index("Fact"))
    st.markdown("Sources: " + "; ".join(board.sources))
    st.download_button(
        f"{board.name}.toml", board_toml(board), f"{board.name}.toml", "application/toml", on_click="ignore",
        icon=":material/download:", key=f"card_toml_{board.name}",
    )  # fmt: skip


def _figure(title: str, value: str, figure: Figure) -> dict[str, str]:
    return {"Figure": title, "Value": value, "Known": figure.known, "Source": figure.source}
