"""Waiting for what somebody else does: the one loop that looks for it, and the one way to say why there is no answer."""

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
POLL_S = 0.4


def until(look: Callable[[], bool], running: bool = True, every_s: float = POLL_S) -> None:
    """Draw a part of the page and, while it is `running`, again and again by itself; then the whole page anew.

    `look` draws the part, and says whether what it waits for is over.
    """
    st.fragment(_look, run_every=every_s if running else None)(look, running)


def _look(look: Callable[[], bool], running: bool) -> None:
    if look() and running:
        st.rerun()


def waited(asked: Future[Found], words: str | Callable[[], str], fingerprint: str = "") -> Found | None:
    """The answer; None while it is made, and the page says what is being done (`words`, or what tells it).

    With the `fingerprint` of a call the page also shows what its worker says, and a button that stops it.
    """
    if asked.done():
        return asked.result()

    def look() -> bool:
        if asked.done():
            return True
        doing = words if isinstance(words, str) else words()
        if fingerprint:
            at_work(f"{doing}: {lab.desk().stage(fingerprint)}", fingerprint, f"stop_{fingerprint[:12]}")
        else:
            st.progress(0.5, text=plain(doing))
        return False

    with st.container():  # two that are waited for in one place are two fragments
        until(look)
    return None


def at_work(words: str, fingerprint: str, key: str | None = None) -> None:
    """What a worker says that it does, and a button that stops it."""
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.markdown(f":material/hourglass_top: {words}")
    right.button("Stop", key=key, icon=":material/stop:", on_click=lab.desk().cancel, args=(fingerprint,))


def answered(asked: Future[Found | Failure], words: str | Callable[[], str]) -> Found | None:
    """The answer; None while it is made, or after the page has said why there is none."""
    answer = waited(asked, words)
    if isinstance(answer, Failure):
        tell(answer)
        return None
    return answer


def answer(want: Want[Found] | Failure) -> Found | None:
    """The answer to what is wanted, as `answered`; what failed in passing can be tried again."""
    inquiry = inquire(lab.desk(), want, lab.visitor())
    found = answered(inquiry.found, inquiry.asker.stage)
    failed = inquiry.asker.passing_failures() if found is None and inquiry.found.done() else []
    if failed:
        st.button("Try again", icon=":material/refresh:", key="inspect_again", on_click=_forget, args=(failed,))
    return found


def _forget(fingerprints: list[str]) -> None:
    for fingerprint in fingerprints:
        lab.desk().forget_failure(fingerprint)


# ---- A failure on a page -------------------------------------------------------------------------------------------


def sentence(failure: Failure) -> str:
    """What happened and what to do, harmless for Markdown: some of the words may be a stranger's."""
    return plain(f"{failure.reason} {failure.advice}".strip())


def tell(failure: Failure, alarm: bool | None = None, staged: bool = False, whose: str = "In the library's") -> None:
    """What could not be done, the way out, and the words of the library (or `whose` they are) on demand.

    It is an `alarm`, in red, unless it will never be otherwise; what a person stopped is none in any case. With `staged` it
    says at what it failed, too.
    """
    words = sentence(failure)
    if failure.stopped:
        st.info(words, icon=":material/stop_circle:")
    elif failure.lasting if alarm is None else not alarm:
        st.info(words, icon=":material/help:")
    else:
        st.error(f"**Failed while {plain(failure.stage)}.** {words}" if staged else words, icon=":material/error:")
    if staged and failure.link:
        st.markdown(f"[More about this]({failure.link})")
    own_words(failure.detail, whose)


def own_words(text: str, whose: str) -> None:
    """What a library or an interpreter said, in a closed box, if it said anything."""
    if text:
        with st.expander(f"{whose} own words"):
            st.code(text, language=None, wrap_lines=True)
