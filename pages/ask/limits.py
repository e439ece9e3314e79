"""My limits: what a person allows on one board."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tinyml_core.boards.board import Board, boards_with
from tinyml_core.compare.question import MOST, Limits


def seed(limits: Limits) -> None:
    """Let the widgets show these limits; before they are drawn."""
    state = st.session_state
    state.limit_board = limits.board
    state.limit_flash_kb = None if limits.flash_bytes is None else limits.flash_bytes / 1024
    state.limit_ram_kb = None if limits.ram_bytes is None else limits.ram_bytes / 1024
    state.limit_points = limits.points_lost
    state.limit_ms = limits.latency_ms
    state.limit_uj = limits.energy_uj


def limits(chosen: Sequence[str], own: Sequence[Board]) -> Limits:
    """Draw the form; gives the limits, on the first chosen board unless another is named."""
    state = st.session_state
    known = boards_with(own)
    if chosen and state.get("limit_board") not in chosen:
        state.limit_board = chosen[0]
    count = sum(state.get(f"limit_{name}") is not None for name in ("flash_kb", "ram_kb", "points", "ms", "uj"))
    label = f"My limits ({count} set)" if count else "My limits"
    with st.popover(label, icon=":material/straighten:"):
        if not chosen:
            st.write("Limits hold on a board; choose one under Boards first.")
            return Limits()
        st.write("Leave empty what does not matter. The lab then points at the best variant that keeps all limits.")
        board = st.selectbox(
            "On board", list(chosen), key="limit_board", format_func=lambda name: known[name].title,
            persist_state="session",
        )  # fmt: skip
        left, right = st.columns(2)
        flash_kb = _number(
            left, "Flash of the whole program, KB", "flash_kb", MOST["flash_bytes"] / 1024, 16.0,
            "Of the whole program: model, runtime code and platform.",
        )  # fmt: skip
        ram_kb = _number(
            right, "RAM of the whole program, KB", "ram_kb", MOST["ram_bytes"] / 1024, 8.0,
            "Of the whole program: arena, runtime and platform.",
        )  # fmt: skip
        latency_ms = _number(
            left, "Latency, ms", "ms", MOST["latency_ms"], 10.0,
            "Of one inference on that board. If the estimate keeps the limit but its band reaches over it, the lab says "
            "“probably”.",
        )  # fmt: skip
        energy_uj = _number(
            right, "Energy, µJ", "uj", MOST["energy_uj"], 100.0,
            "Of one inference on that board: estimated latency times the power of the board while it computes.",
        )  # fmt: skip
        points = _number(
            left, "Points of accuracy lost", "points", MOST["points_lost"], 0.5,
            "Against float32, on the held-out samples. For a regression: percent more error than float32.",
        )  # fmt: skip
        right.button("Clear all limits", on_click=seed, args=(Limits(board=board),), width="stretch")
    return Limits(
        board=str(board), flash_bytes=None if flash_kb is None else round(flash_kb * 1024),
        ram_bytes=None if ram_kb is None else round(ram_kb * 1024), points_lost=points, latency_ms=latency_ms,
        energy_uj=energy_uj,
    )  # fmt: skip


def _number(place: DeltaGenerator, label: str, name: str, most: float, step: float, about: str) -> float | None:
    """A field for one limit; None while it is empty."""
    return place.number_input(
        label, 0.0, float(most), key=f"limit_{name}", step=step, format="%g", persist_state="session", help=about
    )
