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


def box(rows: Mapping[str, Row]) -> str:
    """The box that names the variant; follows the recommendation until a person chooses."""
    state = st.session_state
    recommended = next((name for name, row in rows.items() if row.picked), next(iter(rows)))
    if state.get("variant") not in rows or not state.get("chose"):
        state.variant = recommended
        state.chose = False
    return str(
        st.selectbox(
            "Everything about",
            list(rows),
            key="variant",
            format_func=lambda name: rows[name].technique.title,
            on_change=lambda: choose(state.variant),
        )
    )
