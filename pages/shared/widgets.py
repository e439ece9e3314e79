"""Which variant the details show (the one a person clicked, or the recommended one), its downloads, and closed boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from tinyml_core.compare.comparison import Row
from tinyml_core.measure.inspect_file import c_source


def choose(technique: str) -> None:
    """A row or a point was clicked."""
    st.session_state.variant = technique
    st.session_state.chose = True
    st.session_state.chosen_just_now = True


def carry(technique: str) -> None:
    """Another page shall show this variant first."""
    st.session_state.look_inside = technique


def box(rows: Mapping[str, Row], label: str = "Everything about") -> str:
    """The box that names the variant; follows the recommendation until a person chooses."""
    state = st.session_state
    wanted = state.get("look_inside")
    if wanted in rows:  # chosen on another page
        state.variant, state.chose = wanted, True
        del state.look_inside
    recommended = next((name for name, row in rows.items() if row.picked), next(iter(rows)))
    if state.get("variant") not in rows or not state.get("chose"):
        state.variant = recommended
        state.chose = False
    titled = {name: row.technique.title for name, row in rows.items()}
    chosen = st.selectbox(
        label, list(rows), key="variant", format_func=titled.get, on_change=lambda: choose(state.variant)
    )
    return str(chosen)


def tabs(fills: Mapping[str, Callable[[], None]], key: str) -> None:
    """Tabs by title; only the one in front is filled."""
    for tab, fill in zip(st.tabs(list(fills), key=key, on_change="rerun"), fills.values(), strict=True):
        if tab.open:
            with tab:
                fill()


def folded(title: str, icon: str, key: str, fill: Callable[[], None]) -> None:
    """A box that is closed at first; it is filled only while it is open, and so costs nothing before."""
    box = st.expander(title, icon=icon, key=key, on_change="rerun")
    if box.open:
        with box:
            fill()


def draw(row: Row, model: str) -> None:
    """Two buttons, and what names the file beyond doubt."""
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
