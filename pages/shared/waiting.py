"""Waits for one answer of the desk without holding the page up."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TypeVar

import streamlit as st

from pages.shared import lab

Found = TypeVar("Found")
POLL_S = 0.4


def waited(future: Future[Found], fingerprint: str, words: str) -> Found | None:
    """The answer; None while it is made, and the page then comes back by itself.

    Args:
        future: Of the answer.
        fingerprint: Of the call, for what its worker says and for the button that stops it.
        words: What is being done.
    """
    if future.done():
        return future.result()
    st.fragment(_look, run_every=POLL_S)(future, fingerprint, words)
    return None


def _look(future: Future[Found], fingerprint: str, words: str) -> None:
    if future.done():
        st.rerun()
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.markdown(f":material/hourglass_top: {words}: {lab.desk().stage(fingerprint)}")
    right.button(
        "Stop", key=f"stop_{fingerprint[:12]}", icon=":material/stop:", on_click=lab.desk().cancel, args=(fingerprint,)
    )
