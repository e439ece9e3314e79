"""The choice of the model, with what it does."""

from __future__ import annotations

import streamlit as st

from pages.shared import technique_toggles
from tinyml_core import catalog
from tinyml_core.values import Model


def model() -> str:
    """Draw the box and the model's description; gives its name."""
    zoo = catalog.models()
    names = sorted(zoo, key=lambda name: not zoo[name].datasets)  # those without data have no score to compare
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        name = st.selectbox(
            "Model",
            names,
            key="model",
            format_func=lambda name: zoo[name].title,
            on_change=technique_toggles.new_model,
            persist_state="session",
        )
    with right:
        _about(zoo[name])
    return str(name)


def _about(member: Model) -> None:
    size = " x ".join(str(size) for size in member.input_shape)
    numbers = "one number" if member.outputs == 1 else f"{member.outputs} numbers"
    kind = f"{member.outputs} classes" if member.task == "classification" else numbers
    st.markdown(f"{member.about}  \n:gray[Input {size}, output {kind}, {member.parameters:,} parameters]")
