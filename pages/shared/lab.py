"""The one desk that all visitors share."""

from __future__ import annotations

import threading
from uuid import uuid4

import streamlit as st

from tinyml_core.desk import Desk
from tinyml_core.opening import keep_tidy, load_runtimes, open_desk, warm_up


@st.cache_resource(show_spinner=False, on_release=lambda desk: desk.close())
def desk() -> Desk:
    """The desk; opened with the first page and closed with the server."""
    opened = open_desk()
    keep_tidy(opened)
    load_runtimes(opened)  # while the browser still draws the chooser
    return opened


def visitor() -> str:
    """Tells this visitor from all others, so that nobody stops what somebody else waits for."""
    return str(st.session_state.setdefault("visitor", uuid4().hex))


@st.cache_resource(show_spinner=False)
def prepare(after_s: float = 8.0) -> None:
    """Load TensorFlow in the background, once, so that the next new toggle need not wait for it.

    Not at once: first the browser shall have drawn the page.
    """
    later = threading.Timer(after_s, warm_up, [desk()])
    later.daemon = True
    later.start()
