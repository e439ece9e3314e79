"""The Inspect page: each tab for models of every kind; only the tab in front asks for anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.inspect import page
from pages.inspect.page import NETRON
from pages.shared.plain import plain
from tests.representatives import representatives
from tinyml_core.compress import techniques
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.outcome import Failure

if TYPE_CHECKING:
    from tests.conftest import Lab

Visit = Callable[..., AppTest]
TITLES = {technique.name: technique.title for technique in techniques.techniques().values()}
THREE = "float32,int8,float16"
KINDS = ("digits", "sine", "motion_anomaly", "mlperf_kws")
"""Classes of pictures, one number, an anomaly, and a model without data."""


def tab(at: AppTest, title: str, variant: str = "") -> AppTest:
    """The page with a tab, and a variant, in front."""
    if variant:
        at.selectbox(key="variant").set_value(variant)
    at.session_state["inspect_tabs"] = title
    return at.run()


def opened(at: AppTest, *boxes: str) -> AppTest:
    """The page with boxes open."""
    for box in boxes:
        at.session_state[box] = True
    return at.run()


def table(at: AppTest, column: str) -> Any:
    """The first table that has a column."""
    return next(found.value for found in at.dataframe if column in found.value)


@pytest.mark.parametrize("title", page.TABS)
@pytest.mark.parametrize("model", representatives(KINDS, "digits", "mlperf_kws"))
def test_every_tab_works_for_every_kind_of_model(model: str, title: str, visit: Visit, read: Any) -> None:
    at = tab(visit("inspect", model=model, techniques=THREE), title, "int8")
    assert read.problems(at) == []
    assert not at.error
    assert at.session_state["inspect_tabs"] == title


@pytest.mark.parametrize("technique", representatives(techniques.DEFAULT_TECHNIQUES, "qat_int8"))
@pytest.mark.parametrize("title", [title for title in page.TABS if title != "Inputs and outputs"])
def test_every_usual_technique_can_be_looked_into(technique: str, title: str, visit: Visit, read: Any) -> None:
    at = tab(visit("inspect"), title, technique)
    assert read.problems(at) == []
    assert not at.error
    assert TITLES[technique] in at.selectbox(key="variant").options


def test_only_the_tab_in_front_asks_for_what_it_shows(visit: Visit, worker: Any) -> None:
    at = visit("inspect", techniques="float32,int8")
    assert "anatomy" not in [step for step, _ in worker.steps()]
    tab(at, "Layers")
    assert [step for step, _ in worker.steps()].count("anatomy") == 1
    tab(at, "Memory over time")
    assert [step for step, _ in worker.steps()].count("anatomy") == 2  # float32 beside it


def test_inputs_and_outputs_stand_beside_those_of_the_original(visit: Visit, read: Any) -> None:
    at = visit("inspect", techniques="float32,float16,int8")
    rows = {row["Variant"]: row for row in at.dataframe[0].value.to_dict("records")}
    assert list(rows) == [TITLES[name] for name in ("float32", "float16", "int8")]
    against = {name: rows[TITLES[name]]["Against the original"] for name in ("float32", "float16", "int8")}
    assert against == {"float32": "is the original", "float16": "= same", "int8": "≠ type"}
    assert rows[TITLES["int8"]]["Range in real units"].startswith("0 to 1")
    assert rows[TITLES["float32"]]["Range in real units"] == "any"
    assert read.charts(at) == 2


def test_the_original_stands_there_even_if_nobody_chose_it(visit: Visit) -> None:
    at = visit("inspect", techniques="int8")
    assert list(at.dataframe[0].value["Variant"]) == [TITLES["float32"], TITLES["int8"]]
    assert at.selectbox(key="variant").options == [TITLES["int8"]]


def test_layers_show_work_types_and_bytes_of_the_file(visit: Visit, lab: Lab) -> None:
    at = tab(visit("inspect", techniques="float32,int8"), "Layers", "int8")
    operators = table(at, "Ran in")
    inspection = lab.measured("digits", "int8").inspection
    assert isinstance(inspection, Inspection)
    assert operators["MACs"].sum() == inspection.macs
    assert set(operators["Ran in"]) == {"int8"}
    assert 0 < operators["Share of flash"].sum() < 100
    assert "Note" not in operators


def test_a_change_of_the_number_type_is_told_in_words(visit: Visit) -> None:
    at = tab(visit("inspect", techniques="int8_float_io"), "Layers")
    operators = table(at, "Ran in")
    assert operators["Ran in"].iloc[0] == "float32 to int8"
    assert operators["Note"].iloc[0] == "⇄ changes the number type"


def test_closed_boxes_show_census_weights_and_scales_when_opened(visit: Visit, read: Any, worker: Any) -> None:
    at = tab(visit("inspect", techniques="float32,int8"), "Layers", "int8")
    assert "weight_values" not in [step for step, _ in worker.steps()]
    before = read.charts(at)
    at = opened(at, "census_box", "weights_box", "scales_box")
    assert read.problems(at) == []
    assert read.charts(at) == before + 2  # the histogram of weights, and the scales of a tensor's channels
    assert table(at, "Tensors")["Tensors"].sum() > 10
    scales = table(at, "Zero point")
    assert list(scales["Role"][:2]) == ["input", "output"]
    assert "16, one a channel" in set(scales["Scales"])


def test_a_model_of_floats_says_that_it_has_no_scale(visit: Visit, read: Any) -> None:
    at = opened(tab(visit("inspect", techniques="float32"), "Layers"), "scales_box")
    assert read.problems(at) == []
    assert "No tensor of this file has a scale" in read.words(at)


def test_memory_is_compared_with_float32_and_explains_what_was_measured(visit: Visit, read: Any, lab: Lab) -> None:
    at = tab(visit("inspect", techniques="float32,int8"), "Memory over time", "int8")
    assert read.charts(at) == 2
    words = read.words(at)
    for technique in ("float32", "int8"):
        micro = lab.measured("digits", technique).micro
        assert f"Peak: {micro.arena_head_bytes:,} bytes" in words  # digits leaves no gaps
    shown = [found.value for found in at.table]
    assert len(shown) == 2
    micro = lab.measured("digits", "int8").micro
    assert shown[1]["Bytes"]["= Total of TFLM's allocation record"] == f"{micro.arena_bytes:,}"
    assert shown[1]["Bytes"].iloc[-1] == f"{micro.arena_minimum_bytes:,}"


def test_memory_by_address_shows_the_same_tensors(visit: Visit, read: Any) -> None:
    at = tab(visit("inspect", techniques="int8"), "Memory over time")
    (control,) = [group for group in at.segmented_control if group.label == "Arrangement"]
    control.set_value("by address").run()
    assert read.problems(at) == []
    assert read.charts(at) == 2


def test_what_tflm_refuses_has_a_chart_and_no_measured_arena(visit: Visit, read: Any) -> None:
    at = tab(visit("inspect", techniques="float16"), "Memory over time")
    assert read.charts(at) == 2
    assert "TFLM refuses this file, so no arena was measured" in read.words(at)
    assert len(at.table) == 1  # float32's


def test_the_way_out_is_a_download_and_a_link_and_sends_nothing(visit: Visit, read: Any) -> None:
    at = tab(visit("inspect", techniques="int8"), "Graph and file")
    words = read.words(at)
    assert "pip install ai-edge-model-explorer" in words
    assert "sends the file nowhere" in words
    assert NETRON in [button.proto.url for button in at.get("link_button")]
    assert "digits_int8.tflite" in [button.proto.label for button in at.get("download_button")]


def test_the_details_of_compare_lead_here_with_variant_and_question(visit: Visit, turn: Any, read: Any) -> None:
    at = visit(model="sine", techniques=THREE)
    at.selectbox(key="variant").set_value("float16").run()
    at.session_state["look_inside"] = "float16"  # what the button leaves; AppTest cannot follow it to another page
    assert "Look inside" in [button.label for button in at.button]
    at = turn(at, "inspect")
    assert read.problems(at) == []
    assert at.selectbox(key="variant").value == "float16"
    assert at.selectbox(key="model").value == "sine"


def test_a_file_that_cannot_be_laid_open_costs_only_its_tab(visit: Visit, read: Any, worker: Any) -> None:
    worker.fails = lambda call: (
        Failure("reading the file", "It fell silent.", "Ask again.") if call.step == "anatomy" else None
    )
    at = tab(visit("inspect", techniques="float32,int8"), "Layers")
    assert read.problems(at) == []
    assert [error.value for error in at.error] == [plain("It fell silent. Ask again.")]
    assert at.dataframe is not None
    assert not tab(at, "Inputs and outputs").error


def test_a_variant_that_could_not_be_made_says_why(visit: Visit, read: Any, worker: Any) -> None:
    worker.fails = lambda call: (
        Failure("converting", "The converter fell silent.", "Ask again.") if call.step == "convert_variant" else None
    )
    at = visit("inspect", techniques="float32,int8")
    at.selectbox(key="variant").set_value("int8").run()
    assert read.problems(at) == []
    assert "The converter fell silent." in read.words(at)


def test_a_link_holds_no_more_than_before(visit: Visit) -> None:
    at = tab(visit("inspect", techniques="float32,int8"), "Memory over time")
    assert set(at.query_params) <= {"techniques"}, json.dumps(dict(at.query_params))
