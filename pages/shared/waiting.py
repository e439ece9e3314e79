"""Shows an answer of the desk once it is there, and what is waited for until then."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import streamlit as st

from pages.shared.plain import plain
from tinyml_core.outcome import Failure

POLL_S = 0.5
Found = TypeVar("Found")


def found(asked: Future[Found | Failure], words: str | Callable[[], str]) -> Found | None:
    """The answer; None while it is waited for, or after the page has said why there is none.

    Args:
        asked: The page comes back by itself once it is done.
        words: What is being done, or what tells it.
    """
    if not asked.done():
        st.fragment(_wait, run_every=POLL_S)(asked, words)
        return None
    answer = asked.result()
    if isinstance(answer, Failure):
        _failure(answer)
        return None
    return answer


def _failure(failure: Failure) -> None:
    """Why there is no answer, and the way out."""
    sentence = plain(f"{failure.reason} {failure.advice}".strip())
    if failure.lasting:
        st.info(sentence, icon=":material/help:")
    else:
        st.error(sentence, icon=":material/error:")
    if failure.detail:
        with st.expander("In the library's own words"):
            st.code(failure.detail, language=None, wrap_lines=True)


def _wait(asked: Future[Found | Failure], words: str | Callable[[], str]) -> None:
    st.progress(0.5, text=words if isinstance(words, str) else plain(words()))
    if asked.done():
        st.rerun()
