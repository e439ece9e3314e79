"""Shows learners the source behind a result."""

from __future__ import annotations

import importlib
import inspect

import streamlit as st

from tinyml_core.values import Technique


def technique(chosen: Technique) -> None:
    """The files that make a variant: the technique, its training stage and its number format."""
    modules = [f"techniques.{chosen.name}", f"number_formats.{chosen.number_format}"]
    if chosen.training != "none":
        modules.insert(1, f"training.{chosen.training}")
    with st.expander("The source that made this variant", icon=":material/code:"):
        for name in modules:
            st.caption(f"tinyml_core/{name.replace('.', '/')}.py")
            st.code(inspect.getsource(importlib.import_module(f"tinyml_core.{name}")), language="python")
