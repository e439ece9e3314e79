"""The Inspect page: one variant at a time, laid open in tabs; only the tab in front is filled."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.shared import (
    brought,
    choice,
    details,
    inspect_ends,
    inspect_error,
    inspect_graph,
    inspect_layers,
    inspect_memory,
    inspect_predictions,
    inspect_try,
    lab,
    readiness,
    results,
)
from tinyml_core.comparison import Comparison, Question, Row
from tinyml_core.outcome import Failure
from tinyml_core.pipeline.run import ComparisonRun

TABS: dict[str, Callable[[ComparisonRun, Row, Comparison], None]] = {
    "Inputs and outputs": inspect_ends.draw,
    "Layers": inspect_layers.draw,
    "Memory over time": inspect_memory.draw,
    "Where the error comes from": inspect_error.draw,
    "Predictions": inspect_predictions.draw,
    "Try one": inspect_try.draw,
    "Graph and file": inspect_graph.draw,
}


def live(question: Question) -> None:
    """Draw what is known; comes back by itself while variants are measured."""
    if not readiness.ready(question):
        return
    asked = _ask(question)
    comparison = asked.snapshot()
    if not asked.measured:
        st.fragment(_wait, run_every=results.POLL_S)(question, results.known(comparison))
    rows = {row.technique.name: row for row in comparison.rows if row.outcome is not None}
    if not rows:
        return
    row = rows[choice.box(rows, "Look inside")]
    st.caption(row.technique.idea)
    if isinstance(row.outcome, Failure):
        details.failure(row.outcome)
        return
    for tab, draw in zip(st.tabs(list(TABS), key="inspect_tabs", on_change="rerun"), TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(asked, row, comparison)


def _ask(question: Question) -> ComparisonRun:
    """Nothing is timed for this page; asking again costs nothing."""
    brought.still_here(question.model)
    return ComparisonRun(lab.desk(), question, latency=False, asker=lab.visitor())


def _wait(question: Question, drawn: int) -> None:
    asked = _ask(question)
    results.wait_for_rows(asked, drawn, asked.measured)
