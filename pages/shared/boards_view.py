"""A variant on boards: each part of the sum, against what is usable, with the limit that is hit."""

from __future__ import annotations

import itertools
from collections import Counter

import pandas as pd
import streamlit as st

from tinyml_core.boards.board import Board
from tinyml_core.boards.fit import Fit, Part
from tinyml_core.boards.verdict import SYMBOLS
from tinyml_core.comparison import Row
from tinyml_core.estimate_words import estimated
from tinyml_core.metrics import format_bytes

MOST_BOARDS = 8
ICONS = {
    "fits": ":green[:material/check_circle:]",
    "tight": ":orange[:material/warning:]",
    "too big": ":red[:material/cancel:]",
    "cannot run": ":violet[:material/block:]",
    "unknown": ":gray[:material/help:]",
}


def sums(row: Row, boards: tuple[Board, ...]) -> None:
    """One variant on each chosen board."""
    if not row.fits:
        st.write("No board is chosen; choose some under Boards above.")
        return
    if len(row.fits) > MOST_BOARDS:
        counts = Counter(f"{SYMBOLS[fit.verdict]} {fit.verdict}" for fit in row.fits)
        told = ", ".join(f"{verdict} on {count}" for verdict, count in counts.items())
        st.write(
            f"Of {len(row.fits)} boards: {told}. The Boards page shows each sum; here are the first {MOST_BOARDS}."
        )
    shown = zip(row.fits, boards, row.latencies, row.energies, strict=True)
    for fit, board, latency, energy in itertools.islice(shown, MOST_BOARDS):
        with st.container(border=True):
            one(fit, board, row.technique.name)
            st.caption(f":material/timer: {estimated(latency, energy)}")


def one(fit: Fit, board: Board, technique: str) -> None:
    """The verdict on one board, and both sums."""
    key = f"{technique}_{board.name}"
    st.markdown(
        f"{ICONS[fit.verdict]} **{board.title}**: {SYMBOLS[fit.verdict]} {fit.verdict}. {' '.join(fit.reasons)}"
    )
    flash, ram = st.columns(2)
    with flash:
        _sum(key, "Flash", fit.flash_parts, fit.flash_needed_bytes, fit.flash_available_bytes)
    with ram:
        _sum(key, "RAM", fit.ram_parts, fit.ram_needed_bytes, fit.ram_available_bytes)


def _sum(key: str, title: str, parts: tuple[Part, ...], needed: int | None, available: int) -> None:
    if needed is None:
        st.caption(f"{title}: not known, because there is no arena; {format_bytes(available)} are usable.")
    else:
        share = needed / available
        st.progress(
            min(1.0, share), text=f"{title}: {format_bytes(needed)} of {format_bytes(available)} ({100 * share:.0f} %)"
        )
    box = st.expander(f"{title}, part by part", key=f"parts_{title}_{key}", on_change="rerun")
    if box.open:
        box.table(
            pd.DataFrame(
                [
                    {
                        "Part": part.title,
                        "Size": format_bytes(part.size_bytes),
                        "Known": part.known,
                        "Source": part.source,
                    }
                    for part in parts
                ]
            ).set_index("Part")
        )
