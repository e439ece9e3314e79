"""All chosen boards for one variant, as a table that can be sorted."""

from __future__ import annotations

import itertools
from collections import Counter

import pandas as pd
import streamlit as st

from pages.shared import widgets
from tinyml_core.boards.board import Board
from tinyml_core.boards.fit import SYMBOLS, Fit, Part
from tinyml_core.boards.placing import estimated
from tinyml_core.compare.comparison import Row
from tinyml_core.domain.metrics import format_bytes


def draw(row: Row, fits: pd.DataFrame) -> None:
    """One row a board: verdict, shares of flash and RAM, time and energy."""
    title = f"{row.technique.title} on all {len(row.fits)} chosen boards, as a table"
    widgets.folded(title, ":material/table_view:", "board_table_box", lambda: _table(row, fits))


def _table(row: Row, fits: pd.DataFrame) -> None:
    fits = fits[fits["technique"].eq(row.technique.name)]
    shown = pd.DataFrame({
        "Board": fits["board_title"],
        "Verdict": fits["symbol"] + " " + fits["verdict"],
        "Flash": fits["flash_needed_bytes"] / fits["flash_available_bytes"],
        "RAM": fits["ram_needed_bytes"] / fits["ram_available_bytes"],
        "Latency, ms": fits["latency_ms"],
        "from": fits["latency_low_ms"],
        "to": fits["latency_high_ms"],
        "Energy, µJ": fits["energy_uj"],
        "Kernels": fits["runtime"],
        "Verdict because": fits["reason"],
        "Estimate": fits["latency_text"],
    })  # fmt: skip
    column = st.column_config
    share = column.ProgressColumn(format="percent", min_value=0, max_value=1)
    configured = {
        "Board": column.TextColumn(pinned=True),
        "Flash": share,
        "RAM": share,
        "Latency, ms": column.NumberColumn(help="Estimated; the next two columns are its band.", format="%.3g"),
        "from": column.NumberColumn(format="%.3g"),
        "to": column.NumberColumn(format="%.3g"),
        "Energy, µJ": column.NumberColumn(help="Estimated time multiplied by power.", format="%.3g"),
    }
    alt = f"{row.technique.title} on the chosen boards."
    st.dataframe(shown, hide_index=True, column_config=configured, placeholder="unknown", alt=alt)
    name = f"{row.technique.name}_boards.csv"
    st.download_button("Download as CSV", lambda: fits.to_csv(index=False), name, "text/csv", on_click="ignore")


# ---- A variant on boards: each part of the sum, against what is usable, with the limit that is hit -----------------


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
        rows = [(part.title, format_bytes(part.size_bytes), part.known, part.source) for part in parts]
        box.table(pd.DataFrame(rows, columns=["Part", "Size", "Known", "Source"]).set_index("Part"))
