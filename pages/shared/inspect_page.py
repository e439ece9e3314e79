"""The Inspect page: one variant, tab by tab; only the tab in front is filled."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.shared import choice, details, inspect_error, inspect_predictions, inspect_try, readiness, results
from tinyml_core.asking import Asked
from tinyml_core.comparison import Comparison, Question, Row
from tinyml_core.outcome import Failure

TABS: dict[str, Callable[[Asked, Row, Comparison], None]] = {
    "Where the error comes from": inspect_error.draw,
    "Predictions": inspect_predictions.draw,
    "Try one": inspect_try.draw,
}


def live(question: Question) -> None:
    """Draw what is known; comes back by itself while variants are measured."""
    if not readiness.ready(question):
        return
    asked = results.ask(question)
    comparison = asked.snapshot()
    if not asked.done:
        st.fragment(_wait, run_every=results.POLL_S)(question, comparison.complete)
    rows = {row.technique.name: row for row in comparison.rows if row.outcome is not None}
    if not rows:
        return
    row = rows[choice.box(rows)]
    st.write(row.technique.idea)
    if isinstance(row.outcome, Failure):
        details.failure(row.outcome)
        return
    for tab, draw in zip(st.tabs(list(TABS), key="inspect_tabs", on_change="rerun"), TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(asked, row, comparison)


def _wait(question: Question, complete: bool) -> None:
    asked = results.ask(question)
    comparison = asked.snapshot()
    results.progress(asked, comparison)
    drawn = st.session_state.get("inspect_drawn")
    measured = sum(row.outcome is not None for row in comparison.rows)
    st.session_state.inspect_drawn = measured
    if asked.done or (drawn is not None and measured > drawn):
        st.rerun()
