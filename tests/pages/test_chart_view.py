"""Charts on a page: worked out once for the same numbers, and drawn as Altair would have them."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import altair as alt
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import chart_view
from tinyml_core import catalog

Visit = Callable[..., AppTest]


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[alt.LayerChart]:
    """Every whole chart that is written out in Vega-Lite's terms, with nothing remembered from other tests."""
    st.cache_data.clear()
    seen: list[alt.LayerChart] = []
    real = alt.LayerChart.to_dict

    def noted(chart: alt.LayerChart, *args: Any, **kwargs: Any) -> Any:
        if not kwargs.get("context"):
            seen.append(chart)
        return real(chart, *args, **kwargs)

    monkeypatch.setattr(alt.LayerChart, "to_dict", noted)
    return seen


def charts(at: AppTest) -> list[Any]:
    """What the browser is told to draw."""
    return [chart.proto for chart in at.get("vega_lite_chart")]


def test_a_page_that_is_drawn_again_works_no_chart_out_again(visit: Visit, conversions: list[alt.LayerChart]) -> None:
    at = visit(techniques="float32,int8,float16,dynamic")
    first = [(chart.spec, [data.name for data in chart.datasets]) for chart in charts(at)]
    assert len(first) >= 4
    before = len(conversions)
    at.run()
    assert len(conversions) == before
    assert [(chart.spec, [data.name for data in chart.datasets]) for chart in charts(at)] == first


def test_other_numbers_are_another_chart(visit: Visit, conversions: list[alt.LayerChart]) -> None:
    visit(techniques="float32,int8")
    before = len(conversions)
    visit(techniques="float32,float16")
    assert len(conversions) > before


def test_what_is_drawn_keeps_vega_lites_rules_though_the_page_does_not_check_them(
    visit: Visit, conversions: list[alt.LayerChart]
) -> None:
    at = visit(techniques="int8,float16", model="digits")
    assert conversions or charts(at)
    for chart in charts(at):
        spec = json.loads(chart.spec)
        spec.pop("usermeta", None)
        alt.Chart.from_dict(spec, validate=True)


def test_every_chart_has_its_data_and_its_words(visit: Visit) -> None:
    for chart in charts(visit(techniques="float32,int8")):
        named = set(_names(json.loads(chart.spec)))
        assert named
        assert named == {data.name for data in chart.datasets}
        assert all(data.data.data for data in chart.datasets)
        assert chart.alt


def _names(spec: Any) -> list[str]:
    """All data sets that a chart asks for."""
    if isinstance(spec, list):
        return [name for part in spec for name in _names(part)]
    if not isinstance(spec, dict):
        return []
    own = [spec["data"]["name"]] if isinstance(spec.get("data"), dict) and "name" in spec["data"] else []
    return own + [name for part in spec.values() for name in _names(part)]


def test_two_visitors_at_once_do_not_mix_their_data() -> None:
    chart = catalog.discover("tinyml_core.charts", "CHART")["channel_scales"]
    frames = [pd.DataFrame({"channel": range(3), "scale": [float(number), 2.0, 3.0]}) for number in range(1, 9)]
    frames = [frame.assign(**dict.fromkeys(set(chart.columns) - set(frame), 1.0)) for frame in frames]
    with ThreadPoolExecutor(8) as visitors:
        worked_out = list(
            visitors.map(lambda frame: chart_view._worked_out.__wrapped__(chart.name, frame, [], chart), frames)
        )
    for frame, (spec, _) in zip(frames, worked_out, strict=True):
        assert set(_names(spec)) == set(spec["datasets"])
        assert any(frame["scale"].tolist() == data["scale"].tolist() for data in spec["datasets"].values())
