"""The Inspect page: one variant at a time, laid open in tabs; and the way out to a graph viewer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.inspect import inputs_outputs, layer_errors, layers, memory, predictions, try_one
from pages.shared import brought, lab, run, waiting, widgets
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import Question
from tinyml_core.domain.outcome import Failure
from tinyml_core.pipeline.run import ComparisonRun

NETRON = "https://netron.app"
MODEL_EXPLORER = "https://github.com/google-ai-edge/model-explorer"


def draw(asked: ComparisonRun, row: Row, comparison: Comparison) -> None:
    """The download, and two viewers that are good at what this page does not do."""
    st.write(
        "To see the graph itself, with every edge and every attribute, download the file and open it in a graph viewer."
    )
    widgets.draw(row, comparison.question.model)
    st.link_button("Open Netron", NETRON, icon=":material/open_in_new:")
    st.markdown(
        "Netron runs in your browser: drop the `.tflite` there. For large graphs, and to compare two of them side by side, "
        f"[Model Explorer]({MODEL_EXPLORER}) runs on your own computer: `pip install ai-edge-model-explorer`, then "
        "`model-explorer model.tflite`."
    )
    st.caption(
        "The lab sends the file nowhere: nothing leaves this server until you download it and open it elsewhere yourself."
    )


# ---- The Inspect page: one variant at a time, laid open in tabs; only the tab in front is filled -------------------


TABS: dict[str, Callable[[ComparisonRun, Row, Comparison], None]] = {
    "Inputs and outputs": inputs_outputs.draw,
    "Layers": layers.draw,
    "Memory over time": memory.draw,
    "Where the error comes from": layer_errors.draw,
    "Predictions": predictions.draw_predictions,
    "Try one": try_one.draw,
    "Graph and file": draw,
}


def live(question: Question) -> None:
    """Draw what is known; comes back by itself while variants are measured."""
    if not run.ready(question):
        return
    asked = _ask(question)
    comparison = asked.snapshot()
    if not asked.measured:
        run.wait_for_rows(lambda: _ask(question), run.known(comparison), lambda asked: asked.measured)
    rows = {row.technique.name: row for row in comparison.rows if row.outcome is not None}
    if not rows:
        return
    row = rows[widgets.box(rows, "Look inside")]
    st.caption(row.technique.idea)
    if isinstance(row.outcome, Failure):
        waiting.tell(row.outcome, alarm=True, staged=True)
        return
    widgets.tabs({title: partial(fill, asked, row, comparison) for title, fill in TABS.items()}, "inspect_tabs")


def _ask(question: Question) -> ComparisonRun:
    """Nothing is timed for this page; asking again costs nothing."""
    brought.still_here(question.model)
    return ComparisonRun(lab.desk(), question, latency=False, asker=lab.visitor())
