"""Shows an answer of the desk once it is there, and what is waited for until then."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TypeVar

import streamlit as st

from tinyml_core.outcome import Failure

POLL_S = 0.5
Found = TypeVar("Found")


def found(asked: Future[Found | Failure], words: str) -> Found | None:
    """The answer; None while it is waited for, or after the page has said why there is none.

    Args:
        asked: The page comes back by itself once it is done.
        words: What is being done.
    """
    if not asked.done():
        st.fragment(_wait, run_every=POLL_S)(asked, words)
        return None
    answer = asked.result()
    if isinstance(answer, Failure):
        st.error(f"{answer.reason} {answer.advice}", icon=":material/error:")
        return None
    return answer


def _wait(asked: Future[Found | Failure], words: str) -> None:
    st.progress(0.5, text=words)
    if asked.done():
        st.rerun()
