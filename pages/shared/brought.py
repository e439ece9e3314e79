"""What this visitor brought: names that the chooser offers besides the zoo, for as long as the session lasts."""

from __future__ import annotations

import streamlit as st

from tinyml_core import catalog
from tinyml_core.domain.brought import MODEL_PREFIX
from tinyml_core.uploads.library import Library


def names() -> list[str]:
    """Brought models that are still there: this visitor's, and the one whose link was opened."""
    known = [*st.session_state.get("brought", ()), st.session_state.get("model", "")]
    mine = dict.fromkeys(name for name in known if str(name).startswith(MODEL_PREFIX))
    return [name for name in mine if catalog.is_model(name)]


def still_here(model: str) -> None:
    """Begin the page anew if its model was forgotten meanwhile, perhaps in another window; the chooser then says so."""
    if not catalog.is_model(model):
        st.rerun()


def remember(name: str) -> None:
    """Offer a model in the chooser from now on."""
    st.session_state.brought = tuple(dict.fromkeys((name, *st.session_state.get("brought", ()))))


def forget(name: str) -> None:
    """Take a model and its data off the server: nobody's link to it works any longer."""
    model = Library().model(name)
    if model is not None and model.dataset:
        Library().forget(model.dataset)
    Library().forget(name)
    st.session_state.brought = tuple(other for other in st.session_state.get("brought", ()) if other != name)
