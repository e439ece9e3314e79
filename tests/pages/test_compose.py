"""Toggles in groups, and techniques that a person composes of stages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ask import link
from pages.ask import techniques as ask_techniques
from pages.ask.techniques import GROUPS, impossible_here
from tinyml_core import catalog
from tinyml_core.compress import techniques as compress_techniques
from tinyml_core.compress.techniques import every_name, name_of

Visit = Callable[..., AppTest]
COMPOSED = "qat_int8_float_io"
IMPOSSIBLE = ("qat", "float32", "none")


def compose(at: AppTest, training: str, number_format: str, packing: str = "none") -> AppTest:
    """Opens the form and chooses three stages."""
    at.session_state["compose_box"] = True
    at.run()
    for key, value in (("training", training), ("format", number_format), ("packing", packing)):
        at.selectbox(key=f"compose_{key}").set_value(value)
    return at.run()


def pressed(at: AppTest) -> set[str]:
    """Names of all pressed toggles."""
    return {
        name for toggles in GROUPS.values() for pills in at.pills if pills.key == toggles.key for name in pills.value
    }


def written(at: AppTest) -> str:
    """The techniques in the address, with commas between."""
    value = at.query_params["techniques"]
    return value if isinstance(value, str) else ",".join(value)


# ---- Groups


def test_every_technique_has_a_toggle_in_its_own_group_and_in_no_other(visit: Visit) -> None:
    at = visit(techniques="float32")
    rows = {pills.key: pills.options for pills in at.pills}
    for group, toggles in GROUPS.items():
        titles = [
            technique.title for technique in compress_techniques.techniques().values() if technique.group == group
        ]
        assert list(rows.get(toggles.key, [])) == titles, group


def test_all_techniques_with_a_toggle_can_be_pressed_by_a_link(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=",".join(compress_techniques.techniques()), boards="")
    assert read.problems(at) == []
    assert pressed(at) == set(compress_techniques.techniques())


def test_what_a_model_cannot_is_told_under_its_group_and_may_be_pressed_all_the_same(visit: Visit, read: Any) -> None:
    at = visit(model="mlperf_kws", techniques="float32,qat_int8")
    assert read.problems(at) == []
    assert any("not with this model" in caption.value.lower() for caption in at.caption)
    assert "no data set comes with the model" in read.rows(at)[compress_techniques.technique("qat_int8").title]["State"]


def test_what_is_impossible_is_counted_where_there_is_much_of_it() -> None:
    training = [compress_techniques.technique(f"qat_{name}") for name in list(compress_techniques.number_formats())[:5]]
    (few,) = impossible_here(training[:2], "mlperf_kws")
    (all_of_them,) = impossible_here(training, "mlperf_kws")
    (many,) = impossible_here([*training, compress_techniques.technique("int8")], "mlperf_kws")
    assert all(technique.title in few for technique in training[:2])
    assert "None of these" in all_of_them
    assert "5 of these" in many
    assert impossible_here([compress_techniques.technique("int8")], "mlperf_kws") == []


def test_stages_are_called_apart_only_where_no_model_would_bring_them_together() -> None:
    (without_data,) = impossible_here([compress_techniques.technique("qat_int8")], "mlperf_kws")
    (nowhere,) = impossible_here([compress_techniques.technique(name_of(*IMPOSSIBLE))], "digits")
    assert "Not with this model" in without_data
    assert "These stages don't go together" in nowhere


def test_a_model_without_data_takes_the_techniques_that_train_away(visit: Visit) -> None:
    at = visit(techniques=f"float32,qat_int8,{COMPOSED}")
    at.selectbox(key="model").set_value("mlperf_kws").run()
    assert pressed(at) == {"float32"}
    at.selectbox(key="model").set_value("digits").run()
    assert pressed(at) == {"float32", "qat_int8"}


# ---- Composed


def test_a_composed_technique_has_a_toggle_a_row_and_a_place_in_the_link(visit: Visit, read: Any) -> None:
    at = compose(visit(techniques="float32"), "qat", "int8_float_io")
    assert f"`{COMPOSED}`" in read.words(at)
    at.button(key="compose_add").click().run()
    assert read.problems(at) == []
    assert at.pills(key="composed").value == [COMPOSED]
    assert read.rows(at)[compress_techniques.technique(COMPOSED).title]["State"].startswith("measured")
    assert written(at) == f"float32,{COMPOSED}"
    assert at.button(key="compose_add").disabled


def test_a_link_with_a_composed_technique_shows_it(visit: Visit, read: Any) -> None:
    at = visit(techniques=f"float32,{COMPOSED}")
    assert read.notes(at) == []
    assert at.pills(key="composed").value == [COMPOSED]
    assert list(read.rows(at)) == ["float32", compress_techniques.technique(COMPOSED).title]
    assert read.charts(at)


def test_every_composed_variant_has_details(visit: Visit, read: Any) -> None:
    at = visit(techniques=f"float32,{COMPOSED}")
    at.selectbox(key="variant").set_value(COMPOSED).run()
    at.session_state["detail_tabs"] = "Download and source"
    at.run()
    assert read.problems(at) == []
    assert compress_techniques.technique(COMPOSED).idea in read.words(at)


def test_a_composed_technique_that_is_pressed_off_keeps_its_toggle(visit: Visit, read: Any) -> None:
    at = visit(techniques=f"float32,{COMPOSED}")
    at.pills(key="composed").set_value([]).run()
    assert list(read.rows(at)) == ["float32"]
    assert written(at) == "float32"
    assert list(at.pills(key="composed").options) == [compress_techniques.technique(COMPOSED).title]


def test_a_composed_technique_can_be_removed(visit: Visit, read: Any) -> None:
    at = visit(techniques=f"float32,{COMPOSED}")
    at.session_state["compose_box"] = True
    at.run()
    at.button(key=f"remove_{COMPOSED}").click().run()
    assert read.problems(at) == []
    assert list(read.rows(at)) == ["float32"]
    assert not [pills for pills in at.pills if pills.key == "composed"]


def test_what_equals_a_preset_presses_its_toggle(visit: Visit, read: Any) -> None:
    at = compose(visit(techniques="float32"), "qat", "int8")
    preset = compress_techniques.technique("qat_int8")
    assert f"It is {preset.title}, which has a toggle under {preset.group}" in read.words(at)
    at.button(key="compose_add").click().run()
    assert at.pills(key="during").value == ["qat_int8"]
    assert not [pills for pills in at.pills if pills.key == "composed"]


def test_an_impossible_pair_says_why_before_it_is_run(visit: Visit, read: Any, worker: Any) -> None:
    at = visit(techniques="float32")
    before = len(worker.asked)
    compose(at, *IMPOSSIBLE)
    assert read.problems(at) == []
    assert any("prepares the weights for" in warning.value for warning in at.warning)
    assert at.button(key="compose_add").disabled
    assert worker.steps()[before:] == []


def test_a_composed_row_that_is_impossible_is_an_explained_failure(visit: Visit, read: Any) -> None:
    name = name_of(*IMPOSSIBLE)
    at = visit(techniques=f"float32,{name}")
    assert read.problems(at) == []
    assert "prepares the weights for" in read.rows(at)[compress_techniques.technique(name).title]["State"]
    assert any("“" in caption.value and "prepares the weights" in caption.value for caption in at.caption)


# ---- How many


def names_composed() -> list[str]:
    """All names that are composed, not preset."""
    return [name for name in every_name() if name not in compress_techniques.techniques()]


def test_a_link_holds_so_many_composed_techniques_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "MOST_COMPOSED", 2)
    names = names_composed()[:3]
    question, sentences = link.read({"techniques": [",".join(["float32", *names])]})
    assert set(question.techniques) == {"float32", *names[:2]}
    assert sentences == ["The link holds 3 composed techniques; 2 are read, the others left out."]


def test_the_form_says_when_no_more_can_be_composed(visit: Visit, read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask_techniques, "MOST_COMPOSED", 1)
    at = compose(visit(techniques="float32,qat_float16"), "qat", "int8_float_io")
    assert any(warning.value.startswith("At most 1 composed") for warning in at.warning)
    assert at.button(key="compose_add").disabled


def test_every_name_of_the_grammar_is_a_technique_and_presets_come_first() -> None:
    names = every_name()
    assert all(catalog.is_technique(name) for name in names)
    assert names[: len(compress_techniques.techniques())] == list(compress_techniques.techniques())
    assert len(set(names)) == len(names)
