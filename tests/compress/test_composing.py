"""Techniques are composed of stages by name, and what cannot be is said before anything is run."""

from __future__ import annotations

import itertools

import pytest

from tinyml_core import catalog
from tinyml_core.compare.question import question_of
from tinyml_core.compress import techniques
from tinyml_core.compress.techniques import composed, name_of, stages_of
from tinyml_core.domain.technique import Needs

ALL = [
    (training, number_format, packing)
    for training, number_format, packing in itertools.product(
        techniques.stages(), techniques.number_formats(), ["none", *techniques.packings()]
    )
]


def test_every_combination_of_stages_has_a_name_that_says_it() -> None:
    assert [stages_of(name_of(*parts)) for parts in ALL] == ALL


def test_every_composed_technique_has_a_name_a_title_and_a_place_of_its_own() -> None:
    made = [composed(name_of(*parts)) for parts in ALL]
    assert len({technique.name for technique in made}) == len(ALL)
    assert len({technique.title for technique in made}) == len(ALL)
    assert len({technique.order for technique in made}) == len(ALL)
    assert min(technique.order for technique in made) > max(
        technique.order for technique in techniques.techniques().values()
    )


def test_a_technique_with_a_toggle_keeps_its_own_card() -> None:
    assert techniques.technique("qat_int8") is techniques.techniques()["qat_int8"]
    assert techniques.technique("qat_int8_float_io").group == "Composed"


@pytest.mark.parametrize("name", ["", "int9", "none_int8", "qat", "qat_", "_int8", "int8_qat", "qat_int8_zip", "lut"])
def test_a_name_that_says_no_stages_is_no_technique(name: str) -> None:
    assert not catalog.is_technique(name)
    question, sentences = question_of("digits", [name, "int8"])
    assert question is not None
    assert question.techniques == ("int8",)
    assert len(sentences) == 1


def test_a_composed_technique_can_be_asked_by_name() -> None:
    question, sentences = question_of("digits", ["qat_int8_float_io"])
    assert not sentences
    assert question is not None
    assert question.techniques == ("qat_int8_float_io",)


def test_near_matches_are_names_that_are_possible() -> None:
    _, sentences = question_of("digits", ["int8_lutt", "qat_qat_int8", "cluster16_int8_lutt"])
    offered = [
        name for sentence in sentences for name in sentence.split("near matches: ")[1].split(". ")[0].split(", ")
    ]
    assert "cluster16_int8_lut" in offered
    assert all(catalog.impossible(techniques.technique(name), catalog.models()["digits"]) is None for name in offered)


def test_what_it_needs_follows_from_its_stages() -> None:
    assert composed("qat_int8_float_io").needs is Needs.TRAINING_DATA
    assert composed("int8").needs is Needs.CALIBRATION
    assert composed("float16").needs is Needs.NOTHING


def test_training_for_int8_is_refused_in_float_before_it_is_run() -> None:
    told = catalog.impossible(techniques.technique("qat_float32"), catalog.models()["digits"])
    assert told is not None
    assert told.lasting
    assert "prepares the weights for int8" in told.reason
    assert told.advice


def test_training_on_a_model_without_data_is_refused_before_it_is_run() -> None:
    told = catalog.impossible(techniques.technique("qat_int8"), catalog.models()["mlperf_kws"])
    assert told is not None
    assert "no data set" in told.reason


def test_what_is_possible_is_not_refused() -> None:
    for name in techniques.techniques():
        assert catalog.impossible(techniques.technique(name), catalog.models()["digits"]) is None
