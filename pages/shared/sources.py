"""Shows learners the source behind a result."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap

import streamlit as st

from tinyml_core.compress import presets, techniques
from tinyml_core.values import Technique


def technique(chosen: Technique) -> None:
    """What makes a variant: the technique's row, if it has one, and the files of its stages."""
    with st.expander("The source that made this variant", icon=":material/code:"):
        for module, source in _sources(chosen):
            st.caption(f"{module.replace('.', '/')}.py")
            st.code(source, language="python")


def _sources(chosen: Technique) -> list[tuple[str, str]]:
    """Names of modules and what of them is to be shown: of the table of techniques one row, of the others all."""
    number_format = techniques.number_formats()[chosen.number_format]
    makers = [number_format.configure or number_format.requantize]
    if chosen.training != "none":
        makers.insert(0, techniques.stages()[chosen.training].apply)
    if chosen.packing != "none":
        makers.append(techniques.packings()[chosen.packing].pack)
    names = [getattr(maker, "func", maker).__module__ for maker in makers]
    row = [(presets.__name__, _row(chosen))] if chosen.name in techniques.techniques() else []
    return row + [(name, inspect.getsource(sys.modules[name])) for name in names]


def _row(chosen: Technique) -> str:
    """A technique's row of the table, as it is written there."""
    place = list(techniques.techniques()).index(chosen.name)
    text = inspect.getsource(presets)
    rows = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Preset"
    ]
    return textwrap.dedent(" " * rows[place].col_offset + (ast.get_source_segment(text, rows[place]) or ""))
