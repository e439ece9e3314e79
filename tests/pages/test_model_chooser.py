"""The choice of the model: what it does, and a few real samples of its data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tinyml_core import catalog
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Call
from tinyml_core.zoo.cards import held_out_words, interval_words

Visit = Callable[..., AppTest]


def pictures(at: AppTest) -> list[str]:
    """What the pictures of the page say to those who cannot see them."""
    return [picture.alt for element in at.get("image") for picture in element.proto.imgs]


@pytest.mark.parametrize(("model", "words"), [("digits", "6 pictures"), ("sine", "100 samples")])
def test_a_few_real_samples_stand_beside_the_model(
    model: str, words: str, visit: Visit, read: Any, worker: Any
) -> None:
    at = visit(model=model, techniques="float32,int8,float16")
    assert read.problems(at) == []
    (told,) = pictures(at)
    assert words in told
    assert ("samples", f"samples of {catalog.models()[model].default_dataset}") in worker.steps()


def test_samples_are_asked_once(visit: Visit, worker: Any) -> None:
    visit(techniques="float32,int8").run()
    visit("boards", techniques="int8")
    assert [step for step, _ in worker.steps()].count("samples") == 1


def test_samples_that_cannot_be_had_cost_nothing_else(visit: Visit, read: Any, worker: Any) -> None:
    def fails(call: Call) -> Failure | None:
        return Failure("picking samples", "The oven was cold.") if call.step == "samples" else None

    worker.fails = fails
    at = visit(techniques="float32,int8")
    assert read.problems(at) == []
    assert pictures(at) == []
    assert all(row["State"].startswith("measured") for row in read.rows(at).values())


def test_how_much_is_held_out_is_said_at_once_and_the_rest_on_request(visit: Visit, read: Any) -> None:
    at = visit(techniques="float32,int8")
    dataset = catalog.datasets()["digits"]
    assert held_out_words(dataset) in read.words(at)
    assert interval_words(dataset) not in read.words(at)
    at.session_state["data_box"] = True
    at.run()
    assert read.problems(at) == []
    for words in (interval_words(dataset), dataset.licence, dataset.split):
        assert words in read.words(at)


def test_a_model_without_data_says_so_instead(visit: Visit, read: Any) -> None:
    at = visit(model="mlperf_kws", techniques="float32,int8,float16")
    assert "no data set comes with this model" in read.words(at)
    assert pictures(at) == []


def test_models_with_data_are_offered_first(visit: Visit) -> None:
    offered = visit(techniques="float32").selectbox(key="model").options  # titles; some say what is to be done first
    models = sorted(catalog.models().values(), key=lambda model: -len(model.title))
    in_order = [next(model for model in models if option.startswith(model.title)) for option in offered]
    assert {model.name for model in in_order} == set(catalog.models())
    has_data = [bool(model.datasets) for model in in_order]
    assert has_data == sorted(has_data, reverse=True)
