"""The box of studies on the Compare page: closed it asks nothing, opened it draws both charts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from pages.compare.studies import damage_words
from tinyml_core import catalog
from tinyml_core.domain.outcome import Failure

CHARTS = [chart for chart in catalog.discover("tinyml_core.charts", "CHART").values() if chart.page == "studies"]
STUDIES = {"few_bits", "rank_layers"}
Visit = Callable[..., AppTest]


def opened(at: AppTest) -> AppTest:
    """The page with the box open."""
    at.session_state["few_bits_box"] = True
    return at.run()


def test_the_damage_of_layers_is_said_in_plain_words() -> None:
    assert damage_words(1.0, "dense") == (
        "At 1 %, the longest bar, it moves by about 10 % of its usual size. Mixed precision keeps the worst in float32, "
        "here first dense."
    )
    assert damage_words(0.05, "dense").endswith("No layer suffers noticeably.")


def test_the_closed_box_asks_nothing(visit: Visit, worker: Any) -> None:
    visit(techniques="float32,int8")
    assert not STUDIES & {step for step, _ in worker.steps()}


def test_the_open_box_draws_both_charts_and_says_that_one_is_a_simulation(visit: Visit, read: Any, worker: Any) -> None:
    at = visit(techniques="float32,int8")
    before = read.charts(at)
    at = opened(at)
    assert read.problems(at) == []
    assert {step for step, _ in worker.steps()} >= STUDIES
    assert read.charts(at) == before + len(CHARTS)
    for chart in CHARTS:
        assert chart.title in read.words(at) and chart.question in read.words(at)
    assert "simulation" in read.words(at)


def test_a_study_that_fails_costs_only_its_chart(visit: Visit, read: Any, worker: Any) -> None:
    worker.fails = lambda call: (
        Failure("studying", "The layers fell silent.", "Ask again.") if call.step == "rank_layers" else None
    )
    at = opened(visit(techniques="float32,int8"))
    assert "The layers fell silent. Ask again." in read.words(at)
    assert CHARTS[0].title in read.words(at)


def test_a_model_without_data_has_a_ranking_but_no_curve(visit: Visit, read: Any) -> None:
    at = opened(visit(model="mlperf_kws", techniques="float32,int8"))
    assert read.problems(at) == []
    assert "No data comes with this model" in read.words(at)
