"""Which variant is best within the limits, in one box."""

from __future__ import annotations

import streamlit as st

from tinyml_core.advice import advise
from tinyml_core.comparison import Comparison


def draw(comparison: Comparison) -> None:
    """The advice; without limits, which variant is best of those that run on the board."""
    advice = advise(comparison, comparison.question.limits)
    if advice is None:
        return
    if not comparison.complete:
        st.info(advice.text, icon=":material/hourglass_top:")
    elif advice.best is None:
        st.error(advice.text, icon=":material/block:")
    elif advice.best.kept == "probably":
        st.warning(advice.text, icon=":material/help:")
    else:
        st.success(advice.text, icon=":material/star:")
