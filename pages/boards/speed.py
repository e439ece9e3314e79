"""Time and energy of one variant on one board: estimates with their bands, what they rest on, and where the cycles go."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import chart_view
from pages.shared.widgets import folded
from tinyml_core.boards.latency.estimate import Estimate, NoEstimate, runtimes_for
from tinyml_core.boards.latency.power import Energy
from tinyml_core.compare import frames
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.metrics import format_energy, format_time

_OPERATOR_COLUMNS = {
    "label": st.column_config.TextColumn("Operator", pinned=True),
    "operator": None,
    "kind": "Class of cost",
    "dtype": "Type",
    "macs": st.column_config.NumberColumn("MACs", format="localized"),
    "cycles": st.column_config.NumberColumn("Cycles, estimated", format="%.0f"),
    "share": st.column_config.NumberColumn("Share", format="percent"),
    "shape": "Output",
}


def draw(comparison: Comparison, row: Row, index: int, fits: pd.DataFrame) -> None:
    """Numbers, kernels to choose from, and the charts."""
    board = comparison.boards[index]
    latency, energy = row.latencies[index], row.energies[index]
    st.subheader(f"Time and energy on {board.title}", anchor=False)
    left, middle, right = st.columns([2, 2, 3])
    with left:
        _latency(latency)
    with middle:
        _energy(energy)
    with right:
        runtimes = {runtime.name: runtime for runtime in runtimes_for(board)}
        if runtimes:
            _kernels(runtimes, comparison.question.runtime)
    if isinstance(latency, Estimate):
        for flag in latency.flags:
            st.caption(f":material/info: {flag}")
        _where_the_cycles_go(row, latency)
    shown = {
        "board_latency": fits[fits["board"].eq(board.name)],
        "latency_of_boards": fits[fits["technique"].eq(row.technique.name)],
    }
    known = {name: frame for name, frame in shown.items() if frame["latency_ms"].notna().any()}
    columns = st.columns(2, gap="large")
    for (name, frame), column in zip(known.items(), columns, strict=False):
        with column:
            chart_view.titled(name, frame, frames.colour_order(comparison))
            without = frame["latency_ms"].isna().sum()
            if name == "latency_of_boards" and without:
                st.caption(f"{without} of {len(frame)} boards have no estimate; the table below says why.")


def _latency(found: Estimate | NoEstimate) -> None:
    if isinstance(found, NoEstimate):
        st.metric("Latency", "no estimate", help="Where nobody has published a time, the lab shows none.")
        st.caption(found.reason)
        return
    low = format_time(found.low_ms)
    if found.at_least:
        shown, how = f"at least {low}", "How the rest is known"
        band = f"{found.unknown_words.capitalize()}, so nobody knows how much more"
    else:
        shown, how = f"about {format_time(found.estimate_ms)}", "How it is known"
        band = f"Band {low} to {format_time(found.high_ms)}"
    st.metric("Latency, estimated", shown, help=found.basis)
    st.caption(f"{band}. {how}: {found.evidence}.")


def _energy(found: Energy | NoEstimate) -> None:
    if isinstance(found, NoEstimate):
        st.metric("Energy", "no estimate", help="Energy is estimated time multiplied by the board's power.")
        st.caption(found.reason)
        return
    st.metric("Energy, estimated", f"about {format_energy(found.estimate_uj)}", help=found.basis)
    st.caption(f"Band {format_energy(found.low_uj)} to {format_energy(found.high_uj)} an inference.")


def _kernels(runtimes: dict[str, object], wanted: str) -> None:
    """Which kernels the estimate is for: it matters more than the board."""
    state = st.session_state
    first = next(iter(runtimes))
    state.kernels = wanted if wanted in runtimes else first

    def take() -> None:
        state.runtime = "" if state.kernels == first else state.kernels

    st.selectbox(
        "Runtime and kernels",
        list(runtimes),
        key="kernels",
        format_func=lambda name: runtimes[name].title,  # type: ignore[attr-defined]
        on_change=take,
        help="The same model on the same board takes four to forty times as long with plain kernels as with optimised "
        "ones. Other boards follow where they offer the same kernels.",
    )
    st.caption(runtimes[state.kernels].about)  # type: ignore[attr-defined]
    if not state.kernels.startswith("tflm"):
        st.caption(":material/info: Flash and RAM above are those of TFLM; what this runtime takes is not known here.")


def _where_the_cycles_go(row: Row, latency: Estimate) -> None:
    def fill() -> None:
        if row.measured is None or not isinstance(row.measured.inspection, Inspection):
            return
        operators = frames.operators(row.measured.inspection.work, latency)
        chart = chart_view.named("operator_cycles")
        st.caption(
            f"{chart.question} Cycles are MACs times what the kernels take for each, plus a fixed cost an operator."
        )
        chart_view.draw(chart, operators, [], key="operator_cycles")
        st.dataframe(operators, hide_index=True, column_config=_OPERATOR_COLUMNS, alt="The operators in numbers.")

    folded("Which layers cost the time", ":material/stacked_bar_chart:", "layers", fill)
