"""What the tabs of the Inspect page that ask something share: a row's job, and the answer or why there is none."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

from pages.shared import lab, waiting
from tinyml_core.outcome import Failure
from tinyml_core.pipeline.graph import Want, inquire

Found = TypeVar("Found")


def answer(want: Want[Found] | Failure) -> Found | None:
    """The answer to what is wanted; None while it is not there, which is drawn, or if it is a failure, which is told."""
    inquiry = inquire(lab.desk(), want, lab.visitor())
    found = waiting.found(inquiry.found, inquiry.asker.stage)
    failed = inquiry.asker.passing_failures() if found is None and inquiry.found.done() else []
    if failed:
        st.button("Try again", icon=":material/refresh:", key="inspect_again", on_click=_forget, args=(failed,))
    return found


def _forget(fingerprints: list[str]) -> None:
    for fingerprint in fingerprints:
        lab.desk().forget_failure(fingerprint)
