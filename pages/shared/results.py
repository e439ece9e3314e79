"""A comparison on the page: summary, table, charts and the chosen variant, filled in while it is measured."""

from __future__ import annotations

import time

import streamlit as st

from pages.shared import advice_view, brought, details, few_bits_view, lab, pictures, readiness, stop_buttons, table
from tinyml_core.comparison import Comparison, Question
from tinyml_core.outcome import Failure
from tinyml_core.pipeline.run import ComparisonRun
from tinyml_core.sentence import summary

POLL_S, LATER_POLL_S, LATER_AFTER_S = 0.5, 1.0, 10.0
"""How often a page looks whether there is more to show. What takes long is not looked at so often: each look costs the server
its share, and what it leaves is kept until the answer that it waited for is there."""
REDRAW_S = 4.0


def live(question: Question) -> None:
    """Draw what is known, and go on drawing until all is."""
    if not readiness.ready(question):
        return
    asked = ask(question)
    comparison = asked.snapshot()
    running = not asked.done
    st.session_state.drawn = (time.monotonic(), known(comparison))
    with st.container(key="found"):
        st.fragment(_table, run_every=_look_every(question) if running else None)(question)
    failures = asked.passing_failures()
    if failures:
        st.button(_again(failures), icon=":material/refresh:", on_click=asked.try_again)
    if lab.desk().trouble:
        st.warning(lab.desk().trouble, icon=":material/save:")
    if any(row.measured for row in comparison.rows):
        pictures.draw(comparison)
        few_bits_view.draw(asked)
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
    if all(failure.stopped for failure in failures):
        return "Run again what was stopped"
    return (
        "Try again what failed or was stopped"
        if any(failure.stopped for failure in failures)
        else "Try again what failed"
    )


def _table(question: Question) -> None:
    """Summary, progress and table; runs by itself while something is measured."""
    asked = ask(question)
    comparison = asked.snapshot()
    text = summary(comparison)
    if text:
        st.markdown(f"#### {text}")
    if comparison.question.limits.given:
        advice_view.draw(comparison)
    progress(asked, comparison)
    table.draw(comparison)
    if st.session_state.pop("chosen_just_now", False):
        st.rerun()  # the details stand outside of this fragment
    when, drawn = st.session_state.get("drawn", (0.0, 0))
    fresh = known(comparison) - drawn
    if fresh and (asked.done or time.monotonic() - when > REDRAW_S):
        st.rerun()
    if asked.done and st.session_state.get("running_for") == question:
        st.session_state.running_for = None
        st.rerun()
    if not asked.done:
        st.session_state.running_for = question


def ask(question: Question) -> ComparisonRun:
    """Asking again costs nothing: the desk finds the same futures."""
    brought.still_here(question.model)
    asked = ComparisonRun(lab.desk(), question, asker=lab.visitor())
    asked.compare_policies()
    return asked


def known(comparison: Comparison) -> int:
    """How many answers there are; grows while a comparison is measured."""
    return sum(
        (row.outcome is not None) + (row.latency is not None) + len(row.notes) + len(row.npus)
        for row in comparison.rows
    )


def wait_for_rows(asked: ComparisonRun, drawn: int, done: bool) -> None:
    """What is still being measured, row by row; draws the page anew when there is more to show.

    Args:
        asked: The question, as this page asks it.
        drawn: How many answers the page shows.
        done: True once nothing is left that this page waits for.
    """
    comparison = asked.snapshot()
    progress(asked, comparison)
    for row in comparison.rows:
        if row.outcome is None:
            st.caption(f"{row.technique.title}: {row.stage}")
    if done or known(comparison) > drawn:
        st.rerun()


def progress(asked: ComparisonRun, comparison: Comparison) -> None:
    """How many variants are measured, and how many steps wait."""
    if asked.done:
        return
    ready = sum(row.outcome is not None for row in comparison.rows)
    measured = sum(row.measured is not None for row in comparison.rows)
    without = ready - measured  # failed, or stopped by a person
    others = f", {without} without a result" if without else ""
    waiting = asked.desk.waiting()
    if ready < len(comparison.rows):
        in_line = f", {waiting} step{'s wait' if waiting > 1 else ' waits'} in line" if waiting else ""
        words = f"{measured} of {len(comparison.rows)} variants measured{others}{in_line}"
    else:
        whole = f"{measured} of {ready} variants measured{others}" if without else "All variants measured"
        words = f"{whole}; timing them on this computer in a quiet moment"
    st.progress(ready / len(comparison.rows), text=words)
    stop_buttons.draw(asked)
