"""What the tabs of the Inspect page that ask something share: a row's job, and the answer or why there is none."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

from pages.shared import lab, waiting
from tinyml_core.comparison import Comparison, Row
from tinyml_core.inspect_asking import Inquiry
from tinyml_core.values import Job

Found = TypeVar("Found")


def job_of(row: Row, comparison: Comparison) -> Job:
    """The job of a row."""
    question = comparison.question
    return Job(question.model, question.dataset, row.technique.name, question.settings)


def answer(inquiry: Inquiry[Found]) -> Found | None:
    """The answer; None while it is not there, which is drawn, or if it is a failure, which is told."""
    found = waiting.found(inquiry.found, lambda: inquiry.asker.stage() or "starting")
    failed = inquiry.asker.passing_failures() if found is None and inquiry.found.done() else []
    if failed:
        st.button("Try again", icon=":material/refresh:", key="inspect_again", on_click=_forget, args=(failed,))
    return found


def _forget(fingerprints: list[str]) -> None:
    for fingerprint in fingerprints:
        lab.desk().forget_failure(fingerprint)
