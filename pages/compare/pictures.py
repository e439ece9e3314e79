"""The charts of a comparison, each with the question it answers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.shared import chart_view, widgets
from tinyml_core import catalog
from tinyml_core.charts.base import Chart
from tinyml_core.compare import frames
from tinyml_core.compare.comparison import Comparison
from tinyml_core.export.report import report


def draw(comparison: Comparison) -> None:
    """All charts that have something to show, two side by side where the screen is wide."""
    table, fits = frames.table(comparison), frames.fits(comparison)
    charts = catalog.discover("tinyml_core.charts", "CHART")
    domain = frames.colour_order(comparison)
    columns = st.columns(2, gap="large")
    shown = 0
    for chart in charts.values():
        if chart.page != "compare":
            continue
        if not comparison.question.dataset and "score" in chart.columns:
            continue  # without data there will never be a score to draw
        frame = fits if chart.frame == "fits" else table
        if _has_something(chart, frame):
            with columns[shown % 2]:
                _draw(chart, frame, domain)
            shown += 1
    title, icon = "The numbers behind the charts", ":material/table_view:"
    widgets.folded(title, icon, "numbers", lambda: _numbers(comparison, table))


def _numbers(comparison: Comparison, table: Any) -> None:
    st.dataframe(table, hide_index=True, alt="All numbers of the comparison, one row a variant.")
    stem = f"{comparison.question.model}_comparison"
    offered = (
        ("Download as CSV", lambda: table.to_csv(index=False), f"{stem}.csv", "text/csv"),
        ("Download as JSON", lambda: _json(comparison), f"{stem}.json", "application/json"),
        ("Download as a report", lambda: report(comparison), f"{stem}.html", "text/html"),
    )
    for column, (label, made, name, kind) in zip(st.columns(3), offered, strict=True):
        column.download_button(label, made, name, kind, on_click="ignore", width="stretch")


def _has_something(chart: Chart, frame: Any) -> bool:
    numbers = [name for name in chart.columns if name.endswith(("_bytes", "_ms", "score"))]
    return bool(len(frame)) and bool(frame[numbers].notna().any(axis=None))


def _draw(chart: Chart, frame: Any, domain: list[str]) -> None:
    st.subheader(chart.title, anchor=False)
    st.caption(chart.question)
    chart_view.draw(chart, frame, domain, chart.name, on_select=_choose if chart.name == "tradeoff" else "ignore")


def _choose() -> None:
    technique = picked(st.session_state["tradeoff"].selection)
    if technique is not None:
        widgets.choose(technique)


def picked(selection: Any) -> str | None:
    """The technique of a clicked point, or None."""
    points = selection.get("picked") or []
    return points[0].get("technique") if points else None


def _json(comparison: Comparison) -> str:
    import json

    from tinyml_core.compare.record import record

    return json.dumps(record(comparison), indent=1, ensure_ascii=False)
