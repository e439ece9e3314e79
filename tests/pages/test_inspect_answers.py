"""The tabs of the Inspect page that ask something: where the error comes from, predictions, and one input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.representatives import representatives
from tinyml_core import catalog
from tinyml_core.domain.outcome import Failure

Visit = Callable[..., AppTest]
ERROR, PREDICTIONS, TRY = "Where the error comes from", "Predictions", "Try one"
STEPS = {ERROR: "layer_errors", PREDICTIONS: "predictions", TRY: "try_one"}


@pytest.fixture
def tab(visit: Visit) -> Callable[..., AppTest]:
    """Opens a tab of the page for a variant."""

    def open_tab(name: str, technique: str, **link: str) -> AppTest:
        at = visit("inspect", **{"techniques": f"float32,{technique}", **link})
        at.session_state["inspect_tabs"] = name
        at.session_state["variant"], at.session_state["chose"] = technique, True
        return at.run()

    return open_tab


def asked(worker: Any) -> set[str]:
    """Which of the tabs' steps were asked."""
    return {step for step, _ in worker.steps()} & set(STEPS.values())


@pytest.mark.parametrize("name", STEPS)
def test_only_the_tab_in_front_asks(name: str, tab: Callable[..., AppTest], worker: Any, read: Any) -> None:
    at = tab(name, "int8")
    assert read.problems(at) == []
    assert asked(worker) == {STEPS[name]}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("model", representatives(["digits", "sine", "motion_anomaly", "mlperf_kws"], "motion_anomaly"))
def test_each_tab_has_something_to_say_of_every_kind_of_model(
    name: str, model: str, tab: Callable[..., AppTest], read: Any
) -> None:
    at = tab(name, "int8", model=model)
    assert read.problems(at) == []
    if name == PREDICTIONS and model == "mlperf_kws":
        assert "Bring labelled samples" in read.words(at)
    elif name == TRY:
        assert at.dataframe
    else:
        assert read.charts(at) and "####" in read.words(at)


@pytest.mark.parametrize("name", STEPS)
def test_float32_itself_can_be_looked_at(name: str, tab: Callable[..., AppTest], read: Any) -> None:
    at = tab(name, "float32")
    assert read.problems(at) == []
    if name == ERROR:
        assert "no error here" in read.words(at)


def test_the_layer_to_blame_is_named_with_what_to_try_and_one_click_adds_it(
    tab: Callable[..., AppTest], read: Any
) -> None:
    at = tab(ERROR, "lq_w4")
    assert "rror enters at" in read.words(at) and "What to try" in read.words(at)
    assert "a tenth of the signal" in read.words(at) and "held-out samples" in read.words(at)
    at.button(key="try_lq_w8").click().run()
    assert read.problems(at) == []
    assert "lq_w8" in at.pills(key="smaller").value


def test_without_data_the_inputs_are_said_to_be_made_up(tab: Callable[..., AppTest], read: Any) -> None:
    assert "made-up inputs" in read.words(tab(ERROR, "int8", model="mlperf_kws"))


def test_the_numbers_behind_the_layers_are_drawn_when_they_are_opened(tab: Callable[..., AppTest], read: Any) -> None:
    at = tab(ERROR, "int8")
    at.session_state["layer_numbers"] = True
    at.run()
    assert read.problems(at) == []
    assert at.dataframe[-1].value["Layer"].iloc[0] == "input"


def test_a_classifier_has_two_matrices_its_confidence_and_the_samples_that_changed(
    tab: Callable[..., AppTest], read: Any
) -> None:
    at = tab(PREDICTIONS, "lq_w4")
    words = read.words(at)
    for name in ("confusion", "confusion_change", "confidence", "reliability"):
        assert catalog.discover("tinyml_core.charts", "CHART")[name].title in words
    assert "Samples whose answer changed" in words and "now wrong" in words
    assert "softmax, which the lab computes" in words


def test_a_random_input_a_sample_and_typed_values_run_through_all_three(tab: Callable[..., AppTest], read: Any) -> None:
    at = tab(TRY, "int8", model="sine")
    for kind in ("sample", "random", "typed"):
        at.segmented_control(key="try_kind").set_value(kind).run()
        assert read.problems(at) == []
        assert list(at.dataframe[0].value.columns) == [
            "Value",
            "float32",
            "LiteRT",
            "LiteRT, int8",
            "TFLM",
            "TFLM, int8",
        ]


def test_another_random_input_is_another(tab: Callable[..., AppTest]) -> None:
    at = tab(TRY, "int8", model="sine")
    at.segmented_control(key="try_kind").set_value("random").run()
    before = at.dataframe[0].value["float32"].tolist()
    at.button(key="try_another").click().run()
    assert at.dataframe[0].value["float32"].tolist() != before


@pytest.mark.parametrize(
    ("typed", "said"),
    [("one", "is not a number"), ("1 2", "this model takes 1"), ("inf", "no finite number"), ("", "takes 1")],
)
def test_what_is_typed_wrongly_costs_one_sentence(
    typed: str, said: str, tab: Callable[..., AppTest], read: Any, worker: Any
) -> None:
    at = tab(TRY, "int8", model="sine")
    at.segmented_control(key="try_kind").set_value("typed").run()
    before = len(worker.asked)
    at.text_input(key="try_values_1").set_value(typed).run()
    assert read.problems(at) == []
    assert said in " ".join(str(part.value) for part in at.warning)
    assert len(worker.asked) == before


def test_what_the_input_cannot_hold_is_said(tab: Callable[..., AppTest], read: Any) -> None:
    at = tab(TRY, "int8", model="sine")
    at.segmented_control(key="try_kind").set_value("typed").run()
    at.text_input(key="try_values_1").set_value("100").run()
    assert "cut off" in read.words(at)


def test_where_tflm_refuses_its_reason_is_told(tab: Callable[..., AppTest], read: Any) -> None:
    at = tab(TRY, "float16")
    assert "TFLM gives no answer" in read.words(at) and "DEQUANTIZE operators" in read.words(at)


@pytest.mark.parametrize("name", STEPS)
def test_what_fails_costs_only_its_tab_and_can_be_tried_again(
    name: str, tab: Callable[..., AppTest], worker: Any, read: Any
) -> None:
    worker.fails = lambda call: (
        Failure("looking", "The lamp went out.", "Ask again.") if call.step == STEPS[name] else None
    )
    at = tab(name, "int8")
    assert read.problems(at) == []
    assert "The lamp went out" in read.words(at)
    worker.fails = lambda call: None
    at.button(key="inspect_again").click().run()
    assert "The lamp went out" not in read.words(at)
