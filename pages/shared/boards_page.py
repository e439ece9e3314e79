"""The Boards page: the map of variants and boards, then each board with its facts and the sums of all variants."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import boards_view, results
from tinyml_core import catalog, frames
from tinyml_core.boards.board import Board, Figure
from tinyml_core.comparison import Comparison, Question
from tinyml_core.metrics import format_bytes


def live(question: Question) -> None:
    """Draw what is known; comes back by itself while variants are measured."""
    asked = results.ask(question)
    comparison = asked.snapshot()
    if not asked.measured:
        st.fragment(_wait, run_every=results.POLL_S)(question, results.known(comparison))
    if not question.boards:
        st.info("Choose at least one board under Boards above.", icon=":material/developer_board:")
        return
    if any(row.fits for row in comparison.rows):
        _map(comparison)
    for index, board in enumerate(comparison.boards):
        _board(board, index, comparison)


def _wait(question: Question, drawn: int) -> None:
    asked = results.ask(question)
    comparison = asked.snapshot()
    results.progress(asked, comparison)
    for row in comparison.rows:
        if row.outcome is None:
            st.caption(f"{row.technique.title}: {row.stage}")
    if asked.measured or results.known(comparison) > drawn:
        st.rerun()


def _map(comparison: Comparison) -> None:
    chart = catalog.discover("tinyml_core.charts", "CHART")["board_map"]
    fits = frames.fits(comparison)
    domain = [technique.title for technique in catalog.techniques().values()]
    st.subheader(chart.title, anchor=False)
    st.caption(chart.question)
    st.altair_chart(chart.draw(fits, domain), key="board_map", alt=chart.alt(fits))


def _board(board: Board, index: int, comparison: Comparison) -> None:
    with st.container(border=True):
        st.subheader(board.title, anchor=False)
        st.markdown(
            f"{board.vendor}, {board.mcu}, {board.core} at {board.clock_mhz_default} MHz (at most {board.clock_mhz_max}). "
            f"Usable: **{format_bytes(board.flash_usable_bytes.value)} of flash**, "
            f"**{format_bytes(board.ram_contiguous_bytes.value)} of RAM in one piece**."
        )
        for note in board.notes:
            st.caption(f":material/info: {note}")
        for row in comparison.rows:
            if row.fits:
                fit = row.fits[index]
                words = f"{frames.SYMBOLS[fit.verdict]} {fit.verdict}: {row.technique.title}"
                box = st.expander(words, key=f"fit_{row.technique.name}_{board.name}", on_change="rerun")
                if box.open:
                    with box:
                        boards_view.one(fit, board, row.technique.name)
        facts = st.expander(
            "Facts and sources of this board",
            icon=":material/fact_check:",
            key=f"facts_{board.name}",
            on_change="rerun",
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
        "Flash of the platform": board.platform_flash_bytes,
        "RAM of the runtime": board.runtime_ram_bytes,
        "RAM of the platform": board.platform_ram_bytes,
    }
    st.table(pd.DataFrame([_figure(title, figure) for title, figure in figures.items()]).set_index("Figure"))
    words = {
        "Supply": board.supply,
        "Floating point unit": board.fpu,
        "DSP instructions": board.dsp,
        "Microphone": board.microphone,
        "Camera": board.camera,
        "Motion sensor": board.imu,
        "Power": board.power,
    }
    st.table(pd.DataFrame({"Fact": list(words), "": list(words.values())}).set_index("Fact"))
    st.markdown("Sources: " + "; ".join(board.sources))


def _figure(title: str, figure: Figure) -> dict[str, str]:
    return {"Figure": title, "Size": format_bytes(figure.value), "Known": figure.known, "Source": figure.source}
