"""Which variant the details show: the one a person clicked, or the recommended one."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from tinyml_core.comparison import Row


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
    return str(
        st.selectbox(
            label,
            list(rows),
            key="variant",
            format_func=lambda name: rows[name].technique.title,
            on_change=lambda: choose(state.variant),
        )
    )
