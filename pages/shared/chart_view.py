"""A chart on a page: worked out once for the same numbers, whoever looks and however often the page is drawn anew."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any, Literal

import altair as alt
import pandas as pd
import streamlit as st
from altair.utils.schemapi import debug_mode

from tinyml_core import catalog
from tinyml_core.charts.base import Chart

REMEMBERED = 400

_altair = threading.Lock()
"""Altair's settings are one for all threads, and each visitor has a thread."""


def named(name: str) -> Chart:
    """The chart of this name."""
    chart: Chart = catalog.discover("tinyml_core.charts", "CHART")[name]
    return chart


def titled(name: str, frame: pd.DataFrame, domain: list[str], key: str = "") -> None:
    """A chart below its title and the question that it answers; its key is its name unless another is given."""
    chart = named(name)
    st.markdown(f"**{chart.title}**")
    st.caption(chart.question)
    draw(chart, frame, domain, key or name)


def draw(
    chart: Chart, frame: pd.DataFrame, domain: list[str], key: str,
    on_select: Literal["ignore"] | Callable[[], None] = "ignore",
) -> None:  # fmt: skip
    """Draw a chart with its description for those who cannot see it.

    `domain` are the titles of all techniques in the order of their colours, none where colour means something else. The key
    is the chart's own on its page and keeps what is selected; `on_select` is called when a point is clicked.
    """
    spec, words = _worked_out(chart.name, frame, domain, chart)
    st.vega_lite_chart(spec=spec, key=key, alt=words, on_select=on_select)


@st.cache_data(show_spinner=False, max_entries=REMEMBERED)
def _worked_out(name: str, frame: pd.DataFrame, domain: list[str], _chart: Chart) -> tuple[dict[str, Any], str]:
    """The chart in Vega-Lite's own terms, and in words. `name` stands for the chart in what is remembered.

    Not checked against Vega-Lite's schema, which takes as long as all else: the tests check every chart.
    """
    datasets: dict[str, pd.DataFrame] = {}

    def aside(data: pd.DataFrame) -> dict[str, str]:
        called = hashlib.sha256(data.to_json(orient="split").encode()).hexdigest()
        datasets[called] = data
        return {"name": called}

    with _altair, debug_mode(False), alt.theme.enable("none"):
        alt.data_transformers.register("aside", aside)
        with alt.data_transformers.enable("aside"):
            spec = _chart.draw(frame, domain).to_dict(validate=False)
    return spec | {"datasets": datasets}, _chart.alt(frame)
