"""Shows learners the source behind a result."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType

import streamlit as st

from tinyml_core import catalog
from tinyml_core.values import Technique


def technique(chosen: Technique) -> None:
    """The files that make a variant: the technique's own, if it has one, and those of its stages."""
    with st.expander("The source that made this variant", icon=":material/code:"):
        for module in _modules(chosen):
            st.caption(f"{module.__name__.replace('.', '/')}.py")
            st.code(inspect.getsource(module), language="python")


def _modules(chosen: Technique) -> list[ModuleType]:
    number_format = catalog.number_formats()[chosen.number_format]
    makers = [number_format.configure or number_format.requantize]
    if chosen.training != "none":
        makers.insert(0, catalog.stages()[chosen.training].apply)
    if chosen.packing != "none":
        makers.append(catalog.packings()[chosen.packing].pack)
    names = [getattr(maker, "func", maker).__module__ for maker in makers]
    if chosen.name in catalog.techniques():
        names.insert(0, f"tinyml_core.techniques.{chosen.name}")
    return [sys.modules[name] for name in names]
