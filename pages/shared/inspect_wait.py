"""Waits for what the Inspect page asked, and says it where there is no answer."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

from pages.shared import lab
from pages.shared.plain import plain
from tinyml_core.comparison import Comparison, Row
from tinyml_core.inspect_asking import Inquiry
from tinyml_core.outcome import Failure
from tinyml_core.values import Job

POLL_S = 0.5
Found = TypeVar("Found")


def job_of(row: Row, comparison: Comparison) -> Job:
    """The job of a row."""
    question = comparison.question
    return Job(question.model, question.dataset, row.technique.name, question.settings)


def answer(inquiry: Inquiry[Found]) -> Found | None:
    """The answer; None while it is not there, which is drawn, or if it is a failure, which is told."""
    if not inquiry.found.done():
        st.fragment(_wait, run_every=POLL_S)(inquiry)
        return None
    found = inquiry.found.result()
    if isinstance(found, Failure):
        failure(found)
        if not found.lasting:
            st.button("Try again", icon=":material/refresh:", key="inspect_again", on_click=_again, args=(inquiry,))
        return None
    return found


def failure(found: Failure) -> None:
    """What could not be done, why, and the way out."""
    st.info(plain(f"{found.reason} {found.advice}".strip()), icon=":material/help:")
    if found.detail:
        with st.expander("In the library's own words"):
            st.code(found.detail, language=None, wrap_lines=True)


def _wait(inquiry: Inquiry[Found]) -> None:
    st.progress(0.5, text=plain(inquiry.asker.stage() or "starting"))
    if inquiry.found.done():
        st.rerun()


def _again(inquiry: Inquiry[Found]) -> None:
    for fingerprint in inquiry.asker.passing_failures():
        lab.desk().forget_failure(fingerprint)
