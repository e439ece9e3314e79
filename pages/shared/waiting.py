"""Waits for one answer of the desk without holding the page up; the page comes back by itself once it is there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import streamlit as st

from pages.shared import lab
from pages.shared.plain import plain
from tinyml_core.outcome import Failure

Found = TypeVar("Found")
POLL_S = 0.4


def waited(asked: Future[Found], words: str | Callable[[], str], fingerprint: str = "") -> Found | None:
    """The answer; None while it is made.

    Args:
        asked: The answer's future.
        words: What is being done, or what tells it.
        fingerprint: Of the call, if what its worker says shall be shown, with a button that stops it.
    """
    if asked.done():
        return asked.result()
    st.fragment(_look, run_every=POLL_S)(asked, words, fingerprint)
    return None


def found(asked: Future[Found | Failure], words: str | Callable[[], str]) -> Found | None:
    """The answer; None while it is made, or after the page has said why there is none."""
    answer = waited(asked, words)
    if isinstance(answer, Failure):
        tell(answer)
        return None
    return answer


def tell(failure: Failure) -> None:
    """Why there is no answer, and the way out; what will never be otherwise is no alarm."""
    sentence = plain(f"{failure.reason} {failure.advice}".strip())
    if failure.lasting:
        st.info(sentence, icon=":material/help:")
    else:
        st.error(sentence, icon=":material/error:")
    if failure.detail:
        with st.expander("In the library's own words"):
            st.code(failure.detail, language=None, wrap_lines=True)


def _look(asked: Future[Found], words: str | Callable[[], str], fingerprint: str) -> None:
    if asked.done():
        st.rerun()
    doing = words if isinstance(words, str) else words()
    if not fingerprint:
        st.progress(0.5, text=plain(doing))
        return
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.markdown(f":material/hourglass_top: {doing}: {lab.desk().stage(fingerprint)}")
    right.button(
        "Stop", key=f"stop_{fingerprint[:12]}", icon=":material/stop:", on_click=lab.desk().cancel, args=(fingerprint,)
    )
