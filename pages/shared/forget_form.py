"""Forgets a brought model by its link: for whoever closed the window that it was brought in, where its button stood."""

from __future__ import annotations

import re

import streamlit as st

from pages.shared import brought
from tinyml_core.uploads.card import MODEL_PREFIX
from tinyml_core.uploads.shelf import Shelf

NAME = re.compile(rf"(?<![\w-]){MODEL_PREFIX}[0-9a-f]{{16}}(?!\w)")
EXAMPLE = f"{MODEL_PREFIX}0123456789abcdef"


def draw() -> None:
    """A field for a link or name, a button, and what became of it."""
    with st.expander("Forget by link or name", icon=":material/link_off:"):
        st.caption(
            "A window that was closed or loaded anew no longer lists what was brought in it, but its link still opens it. "
            "Anyone who has the link may remove it here."
        )
        with st.form("forget_by_name", border=False, clear_on_submit=True):
            text = st.text_input("Link or name", placeholder=EXAMPLE, max_chars=2000)
            if st.form_submit_button("Forget", icon=":material/delete:"):
                _forget(text)


def named_in(text: str) -> str:
    """The name of a brought model in a link or a text; empty if there is none.

    >>> named_in("http://lab/compare?model=my-0123456789abcdef&boards="), named_in("my-0123")
    ('my-0123456789abcdef', '')
    """
    found = NAME.search(text)
    return found[0] if found else ""


def _forget(text: str) -> None:
    name = named_in(text)
    if not name:
        st.error(f"There is no name of a brought model in it; one looks like this: {EXAMPLE}.")
    elif Shelf().model(name) is None:
        st.info(f"{name} is not on this server, or no longer.")
    else:
        brought.forget(name)
        st.success(f"{name} and its data were removed from this server.")
