"""What every model of the zoo must keep: its card is true, its weights are there, and it has learned something.

A model that comes without data has learned nothing; its work and its size must be real all the same.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tinyml_core.zoo.models
from tests import wants
from tests.representatives import representatives
from tests.same_file import differences
from tinyml_core import catalog
from tinyml_core.domain.dataset import Task
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.metrics import METRICS, gain
from tinyml_core.domain.model import Model, Student, TrainingRecipe
from tinyml_core.domain.outcome import Failure, Score
from tinyml_core.domain.technique import Job
from tinyml_core.engine.call import Answer
from tinyml_core.zoo import weights as zoo_weights
from tinyml_core.zoo.fetch import state_words, weights_path
from tinyml_core.zoo.weights import kept_float32

if TYPE_CHECKING:
    from tests.conftest import Lab

FOLDER = Path(tinyml_core.zoo.models.__file__).parent
MODELS = catalog.models()
TRAINED = [model for model in MODELS.values() if model.datasets and not model.trained_by_user]
TRAINED_BY_USER = [model for model in MODELS.values() if model.trained_by_user]
MEASURABLE = [model for model in TRAINED if not catalog.datasets()[model.datasets[0]].fetched_files]
UNTRAINED = [model for model in MODELS.values() if not model.datasets]
REPRESENTATIVE = "mlperf_kws"
each = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
each_trained = pytest.mark.parametrize("model", TRAINED, ids=[model.name for model in TRAINED])
each_measurable = pytest.mark.parametrize("model", MEASURABLE, ids=[model.name for model in MEASURABLE])
each_trained_by_user = pytest.mark.parametrize("model", TRAINED_BY_USER, ids=[model.name for model in TRAINED_BY_USER])
each_untrained = pytest.mark.parametrize("model", UNTRAINED, ids=[model.name for model in UNTRAINED])
each_made = pytest.mark.parametrize(
    "model",
    [
        pytest.param(model, id=name, marks=() if model.datasets or name == REPRESENTATIVE else pytest.mark.every)
        for name, model in MODELS.items()
        if model in MEASURABLE or not model.datasets
    ],
)


def weights(model: Model) -> list[np.ndarray]:
    """The stored weights; TensorFlow is not needed for that."""
    with np.load(weights_path(model), allow_pickle=False) as stored:
        return [stored[name] for name in sorted(stored.files)]


def training_record(model: Model) -> dict[str, Any]:
    """What `tinyml train` wrote beside the weights."""
    record: dict[str, Any] = json.loads((FOLDER / f"{model.name}.json").read_text())
    return record


def test_every_file_of_the_folder_holds_models() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert files == {model.build.__module__.rpartition(".")[2] for model in MODELS.values()}


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
    assert model.outputs > 0
    assert model.input_range[0] < model.input_range[1]


@each_trained
def test_says_how_it_is_trained(model: Model) -> None:
    for recipe in (model.training, model.fine_tuning):
        assert isinstance(recipe, TrainingRecipe)
        assert recipe.epochs > 0
        assert recipe.batch_size > 0
        assert 0 < recipe.learning_rate < 1


@each_untrained
def test_a_model_without_data_says_that_its_answers_mean_nothing(model: Model) -> None:
    assert "Random weights: sizes, memory and speed are real, answers mean nothing." in model.about
    assert (model.training, model.fine_tuning, model.default_dataset) == (None, None, "")
    assert not weights_path(model).exists()


@each_trained
def test_its_data_sets_exist_and_fit_it(model: Model) -> None:
    for name in model.datasets:
        dataset = catalog.datasets()[name]
        assert dataset.input_shape == model.input_shape
        assert dataset.task is model.task
        copied = int(np.prod(model.input_shape)) if model.task is Task.ANOMALY else 1
        assert model.outputs == (dataset.classes or copied)


def test_the_default_model_needs_no_internet() -> None:
    assert not catalog.datasets()[MODELS[catalog.DEFAULT_MODEL].datasets[0]].fetched_files


@each_trained_by_user
def test_a_model_that_is_not_trained_here_yet_is_a_sentence(model: Model, lab: Lab) -> None:
    assert not weights_path(model).exists()
    assert state_words(model, catalog.datasets()[model.default_dataset]).startswith("needs a download of ")
    outcome = lab.outcome(model.name, "int8")
    assert isinstance(outcome, Failure)
    assert f"tinyml fetch {model.name}" in outcome.advice
    assert not outcome.lasting


@each_trained
def test_its_weights_are_there_and_as_many_as_it_says(model: Model) -> None:
    stored = weights(model)
    assert sum(array.size for array in stored) == model.parameters
    assert all(np.isfinite(array).all() for array in stored)
    assert any(np.any(array) for array in stored)


@each_trained
def test_its_training_record_belongs_to_its_weights(model: Model) -> None:
    record = training_record(model)
    assert {"score", "metric", "samples", "epochs", "seed", "weights_sha256"} <= record.keys()
    assert record["weights_sha256"] == hashlib.sha256(weights_path(model).read_bytes()).hexdigest()


@each_trained
def test_its_training_record_says_what_its_recipe_says(model: Model) -> None:
    record = training_record(model)
    assert model.training is not None
    assert (record["epochs"], record["seed"]) == (model.training.epochs, model.training.seed)
    assert record["samples"] == catalog.datasets()[model.datasets[0]].samples_test


@each_measurable
def test_its_float32_variant_scores_as_its_training_record_says(model: Model, lab: Lab) -> None:
    score, record = lab.measured(model.name, "float32").score, training_record(model)
    assert isinstance(score, Score)
    assert score.metric == record["metric"]
    # The record may be of another machine: last digits of outputs differ there, so one answer at the edge may.
    one_answer = 1 / score.samples if METRICS[score.metric].better == "higher" else 0.0
    assert score.value == pytest.approx(record["score"], abs=1e-4 + one_answer)
    assert score.low <= record["score"] <= score.high


@each_measurable
def test_float32_beats_a_blind_guess(model: Model, lab: Lab) -> None:
    score = lab.measured(model.name, "float32").score
    assert isinstance(score, Score)
    if METRICS[score.metric].better == "lower":
        assert score.high < score.chance / 2
    else:
        # More than half of what a guess gets wrong.
        assert score.low > (1 + score.chance) / 2


@each_measurable
def test_int8_can_be_made_of_it_and_still_beats_a_blind_guess(model: Model, lab: Lab) -> None:
    score = lab.measured(model.name, "int8").score
    assert isinstance(score, Score)
    assert gain(score.metric, score.low) > gain(score.metric, score.chance)
    assert gain(score.metric, score.high) > gain(score.metric, score.chance)


# ---- students ------------------------------------------------------------------------------------------------------

WITHOUT_STUDENT = {
    "sine": "a number has no softened answer to learn from, and 321 parameters leave nothing to save",
    "motion_anomaly": "an autoencoder has no softened answer to learn from",
}
TEACHERS = [model for model in TRAINED if model.student]
each_teacher = pytest.mark.parametrize("model", TEACHERS, ids=[model.name for model in TEACHERS])


def test_every_classifier_names_a_student_and_others_have_none() -> None:
    assert {model.name for model in TRAINED if model.student is None} == set(WITHOUT_STUDENT)
    assert all(model.student is None for model in UNTRAINED)


@each_teacher
def test_a_student_is_clearly_smaller_than_its_teacher(model: Model) -> None:
    assert isinstance(model.student, Student)
    assert 1 / 6 < model.student.parameters / model.parameters < 0.4
    assert model.student.architecture
    assert model.student.training.loss == LOSS


@pytest.mark.slow
def test_students_are_built_as_they_say() -> None:
    told = in_child(STUDENTS)
    for model in TEACHERS:
        assert isinstance(model.student, Student)
        assert told[model.name] == {
            "parameters": model.student.parameters,
            "input": [None, *model.input_shape],
            "output": [None, model.outputs],
        }


LOSS = "sparse_categorical_crossentropy_from_logits"
STUDENTS = """
import json, os
os.environ["TF_USE_LEGACY_KERAS"] = "1"
from tinyml_core import catalog
built = {model.name: model.student.build() for model in catalog.models().values() if model.student}
print(json.dumps({name: {"parameters": student.count_params(), "input": list(student.input_shape),
                         "output": list(student.output_shape)} for name, student in built.items()}))
"""


def in_child(script: str) -> dict[str, Any]:
    """What a script prints last, as JSON; TensorFlow stays out of the tests' own process."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@each_made
def test_the_file_takes_inputs_of_the_shape_it_says(model: Model, lab: Lab) -> None:
    inspection = lab.measured(model.name, "float32").inspection
    assert isinstance(inspection, Inspection)
    assert len(inspection.inputs) == 1
    assert inspection.inputs[0].shape[1:] == model.input_shape
    assert inspection.outputs[0].shape[1:] == (model.outputs,)


@each_made
def test_the_float32_file_holds_all_its_parameters(model: Model, lab: Lab) -> None:
    # Batch norm is folded into the weights: four numbers a channel become one bias.
    share = 1.0 if model.datasets else 0.9
    assert len(lab.tflite(model.name, "float32")) > 4 * model.parameters * share


# ---- MLPerf Tiny: the reference architectures, counted from the files the converter writes -------------------------

# MACs of the published int8 reference models: conv, conv 1x1, first conv, depthwise, fully connected; operators.
REFERENCE = {
    "mlperf_ad": ((0, 0, 0, 0, 264_192), 264_192, 10),
    "mlperf_ic": ((11_796_480, 262_144, 442_368, 0, 640), 12_501_632, 16),
    "mlperf_kws": ((0, 2_048_000, 320_000, 288_000, 768), 2_656_768, 13),
    "mlperf_vww": ((0, 6_193_152, 497_664, 798_336, 512), 7_489_664, 31),
}
KINDS = ("conv", "conv 1x1", "first conv", "depthwise", "fully connected")


def test_every_model_without_data_is_held_to_its_reference() -> None:
    assert {model.name for model in UNTRAINED} == set(REFERENCE)


@pytest.mark.parametrize("technique", representatives(["float32", "int8"], "int8"))
@pytest.mark.parametrize("name", list(REFERENCE))
def test_its_work_is_that_of_the_reference_model(name: str, technique: str, lab: Lab) -> None:
    by_kind, macs, operators = REFERENCE[name]
    inspection = lab.measured(name, technique).inspection
    assert isinstance(inspection, Inspection)
    counted = tuple(sum(one.macs or 0 for one in inspection.work if one.kind == kind) for kind in KINDS)
    assert counted == by_kind
    assert inspection.macs == macs
    assert len(inspection.work) == operators
    assert {one.dtype for one in inspection.work if one.macs} == {technique}


@each_untrained
def test_random_weights_make_a_sound_int8_model(model: Model, lab: Lab) -> None:
    measured = lab.measured(model.name, "int8")
    assert isinstance(measured.inspection, Inspection)
    assert sum(one.dead_channels for one in measured.inspection.work) == 0
    assert measured.score is None
    assert measured.micro.status in ("runs", "not executed")


@pytest.mark.slow
def test_random_weights_are_the_same_in_every_worker(lab: Lab) -> None:
    written = wants.made(Job(REPRESENTATIVE, "", "int8"))
    export = wants.need(written, "saved_model")
    exported = [wants.ask(desk, export) for desk in (lab.desk, lab.forgetful())]
    made = []
    for reply in exported:
        assert isinstance(reply, Answer), reply
        blobs = {"saved_model": reply.blobs["saved_model"]}
        made.append(lab.forgetful().ask(written.call(blobs)).result(300))
    files = [reply.blobs["tflite"].sha256 for reply in made if isinstance(reply, Answer)]
    assert files == [lab.measured(REPRESENTATIVE, "int8").file_sha256] * 2


@each_measurable
def test_the_float32_file_that_is_kept_is_what_the_converter_writes_but_for_last_digits(model: Model, lab: Lab) -> None:
    kept = kept_float32(model)
    assert kept is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tinyml_core.pipeline.files.kept_float32", lambda model: None)
        wanted = wants.made(Job(model.name, model.default_dataset, "float32"))
    written = wants.ask(lab.desk, wanted)
    assert isinstance(written, Answer), written
    # Kept on another machine, perhaps: the same bytes are promised for one machine only.
    assert differences(kept.read(), written.blobs["tflite"].read()) == []


def test_a_kept_file_of_other_weights_or_of_another_converter_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    model = MODELS["digits"]
    record = zoo_weights.training_record(model)
    assert record is not None
    for change in ({"weights_sha256": "0"}, {"tflite_sha256": "0"}, {"converter": {"tensorflow": "1.0"}}):
        monkeypatch.setattr(zoo_weights, "training_record", lambda _, change=change: record | change)
        assert kept_float32(model) is None
