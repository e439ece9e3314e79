"""What the tabs of the Inspect page that ask something share: a row's job, and the answer or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import streamlit as st

from pages.shared import lab
from pages.shared.plain import plain
from tinyml_core.domain.outcome import Failure
from tinyml_core.pipeline.graph import Want, inquire

Found = TypeVar("Found")


def answer(want: Want[Found] | Failure) -> Found | None:
    """The answer to what is wanted; None while it is not there, which is drawn, or if it is a failure, which is told."""
    inquiry = inquire(lab.desk(), want, lab.visitor())
    found = answered(inquiry.found, inquiry.asker.stage)
    failed = inquiry.asker.passing_failures() if found is None and inquiry.found.done() else []
    if failed:
        st.button("Try again", icon=":material/refresh:", key="inspect_again", on_click=_forget, args=(failed,))
    return found


def _forget(fingerprints: list[str]) -> None:
    for fingerprint in fingerprints:
        lab.desk().forget_failure(fingerprint)


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


def answered(asked: Future[Found | Failure], words: str | Callable[[], str]) -> Found | None:
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
