"""A comparison on the page: summary, table, charts and the chosen variant, filled in while it is measured."""

from __future__ import annotations

import time

import streamlit as st

from pages.compare import details, pictures, studies, table
from pages.shared import lab, run, waiting
from pages.shared.run import LATER_AFTER_S, LATER_POLL_S, POLL_S, ask, known, progress
from tinyml_core.compare.question import Question
from tinyml_core.compare.sentences import summary
from tinyml_core.domain.outcome import Failure

REDRAW_S = 4.0


def live(question: Question) -> None:
    """Draw what is known, and go on drawing until all is."""
    if not run.ready(question):
        return
    asked = ask(question)
    comparison = asked.snapshot()
    running = not asked.done
    st.session_state.drawn = (time.monotonic(), known(comparison))
    with st.container(key="found"):
        waiting.until(lambda: _table(question), running, _look_every(question) if running else POLL_S)
    failures = asked.passing_failures()
    if failures:
        st.button(_again(failures), icon=":material/refresh:", on_click=asked.try_again)
    if lab.desk().trouble:
        st.warning(lab.desk().trouble, icon=":material/save:")
    if any(row.measured for row in comparison.rows):
        pictures.draw(comparison)
        studies.draw(asked)
        details.draw(comparison)


def _look_every(question: Question) -> float:
    """Seconds between two looks at a question that is being answered."""
    asked, since = st.session_state.get("looking", (None, 0.0))
    if asked != question:
        since = time.monotonic()
        st.session_state.looking = (question, since)
    return POLL_S if time.monotonic() - since < LATER_AFTER_S else LATER_POLL_S


def _again(failures: list[Failure]) -> str:
    """What the button says."""
    stopped = [failure.stopped for failure in failures]
    if all(stopped):
        return "Run again what was stopped"
    return "Try again what failed or was stopped" if any(stopped) else "Try again what failed"


def _table(question: Question) -> bool:
    """Summary, progress and table; true once all is measured."""
    asked = ask(question)
    comparison = asked.snapshot()
    text = summary(comparison)
    if text:
        st.markdown(f"#### {text}")
    if comparison.question.limits.given:
        run.draw(comparison)
    progress(asked, comparison)
    table.draw(comparison)
    if st.session_state.pop("chosen_just_now", False):
        st.rerun()  # the details stand outside of this fragment
    when, drawn = st.session_state.get("drawn", (0.0, 0))
    fresh = known(comparison) - drawn
    if fresh and (asked.done or time.monotonic() - when > REDRAW_S):
        st.rerun()
    return asked.done
