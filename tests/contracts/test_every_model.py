"""What every model of the zoo must keep: its card is true, its weights are there, and it has learned something."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tinyml_core.models
from tinyml_core import catalog
from tinyml_core.convert import weights_path
from tinyml_core.outcome import Inspection, Score
from tinyml_core.values import Model, TrainingRecipe

if TYPE_CHECKING:
    from tests.conftest import Lab

FOLDER = Path(tinyml_core.models.__file__).parent
MODELS = catalog.models()
each = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))


def weights(model: Model) -> list[np.ndarray]:
    """The stored weights; TensorFlow is not needed for that."""
    with np.load(weights_path(model), allow_pickle=False) as stored:
        return [stored[name] for name in sorted(stored.files)]


def training_record(model: Model) -> dict[str, Any]:
    """What `tinyml train` wrote beside the weights."""
    record: dict[str, Any] = json.loads((FOLDER / f"{model.name}.json").read_text())
    return record


def test_every_file_is_a_model_under_its_own_name() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} - {"__init__"} == set(MODELS)


def test_places_and_titles_are_unique() -> None:
    assert len({model.order for model in MODELS.values()}) == len(MODELS)
    assert len({model.title for model in MODELS.values()}) == len(MODELS)


def test_the_default_model_exists() -> None:
    assert catalog.DEFAULT_MODEL in MODELS


@each
def test_says_what_it_is(model: Model) -> None:
    assert model.title
    assert model.about.endswith(".")
    assert model.architecture
    for recipe in (model.training, model.fine_tuning):
        assert isinstance(recipe, TrainingRecipe)
        assert recipe.epochs > 0
        assert recipe.batch_size > 0
        assert 0 < recipe.learning_rate < 1


@each
def test_its_data_sets_exist_and_fit_it(model: Model) -> None:
    assert model.datasets
    for name in model.datasets:
        dataset = catalog.datasets()[name]
        assert dataset.input_shape == model.input_shape
        assert dataset.task is model.task


@each
def test_its_default_data_set_needs_no_internet(model: Model) -> None:
    assert not catalog.datasets()[model.datasets[0]].fetched_files


@each
def test_its_weights_are_there_and_as_many_as_it_says(model: Model) -> None:
    stored = weights(model)
    assert sum(array.size for array in stored) == model.parameters
    assert all(np.isfinite(array).all() for array in stored)
    assert any(np.any(array) for array in stored)


@each
def test_its_training_record_belongs_to_its_weights(model: Model) -> None:
    record = training_record(model)
    assert {"score", "metric", "samples", "epochs", "seed", "weights_sha256"} <= record.keys()
    assert record["weights_sha256"] == hashlib.sha256(weights_path(model).read_bytes()).hexdigest()


@each
def test_its_training_record_says_what_its_recipe_says(model: Model) -> None:
    record = training_record(model)
    assert (record["epochs"], record["seed"]) == (model.training.epochs, model.training.seed)
    assert record["samples"] == catalog.datasets()[model.datasets[0]].samples_test


@each
def test_its_float32_variant_scores_as_its_training_record_says(model: Model, lab: Lab) -> None:
    score, record = lab.measured(model.name, "float32").score, training_record(model)
    assert isinstance(score, Score)
    assert score.metric == record["metric"]
    assert score.value == pytest.approx(record["score"], abs=1e-4)


@each
def test_float32_beats_a_blind_guess(model: Model, lab: Lab) -> None:
    score = lab.measured(model.name, "float32").score
    assert isinstance(score, Score)
    if score.metric == "accuracy":
        assert score.low > 2 * score.chance
    else:
        assert score.high < score.chance / 2


@each
def test_int8_can_be_made_of_it_and_still_beats_a_blind_guess(model: Model, lab: Lab) -> None:
    score = lab.measured(model.name, "int8").score
    assert isinstance(score, Score)
    assert score.low > score.chance if score.metric == "accuracy" else score.high < score.chance


@each
def test_the_file_takes_inputs_of_the_shape_it_says(model: Model, lab: Lab) -> None:
    inspection = lab.measured(model.name, "float32").inspection
    assert isinstance(inspection, Inspection)
    assert len(inspection.inputs) == 1
    assert inspection.inputs[0].shape[1:] == model.input_shape


@each
def test_the_float32_file_holds_all_its_parameters(model: Model, lab: Lab) -> None:
    assert len(lab.tflite(model.name, "float32")) > 4 * model.parameters
