"""The one desk that all visitors share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import uuid4

import streamlit as st

from tinyml_core.engine.desk import Desk
from tinyml_core.lab import keep_tidy, load_runtimes, open_desk, warm_up


@st.cache_resource(show_spinner=False, on_release=lambda desk: desk.close())
def desk() -> Desk:
    """The desk; opened with the first page and closed with the server."""
    opened = open_desk()
    keep_tidy(opened)
    _later(RUNTIMES_AFTER_S, load_runtimes, opened)
    return opened


RUNTIMES_AFTER_S = 1.5
"""The browser draws the chooser first; what is asked meanwhile has its worker load what it needs."""


def _later(after_s: float, act: Callable[[Desk], None], opened: Desk) -> None:
    timer = threading.Timer(after_s, act, [opened])
    timer.daemon = True
    timer.start()


def visitor() -> str:
    """Tells this visitor from all others, so that nobody stops what somebody else waits for."""
    return str(st.session_state.setdefault("visitor", uuid4().hex))


@st.cache_resource(show_spinner=False)
def prepare(after_s: float = 8.0) -> None:
    """Load TensorFlow in the background, once, so that the next new toggle need not wait for it.

    Not at once: first the browser shall have drawn the page.
    """
    _later(after_s, warm_up, desk())
