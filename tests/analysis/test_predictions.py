"""Answers beside float32's, and one input through every interpreter: they agree with what is measured elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml_core import catalog
from tinyml_core.analysis.predictions import (
    Predictions,
    _answers,
    binned,
    confusion,
    expected_calibration_error,
    softmax,
)
from tinyml_core.analysis.try_one import Given, Tried, typed_values
from tinyml_core.charts import before_after
from tinyml_core.charts import confusion as charts_confusion
from tinyml_core.compare.assemble import paired
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.outcome import Failure, Score
from tinyml_core.domain.technique import Job
from tinyml_core.measure.packed import run_on_tflm
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.analyses import Pictures
from tinyml_core.pipeline.graph import inquire

if TYPE_CHECKING:
    from tests.conftest import Lab

PATIENCE_S = 500
MODELS = ("digits", "sine", "motion_anomaly")


def job(model: str, technique: str) -> Job:
    """A variant on the model's own data."""
    return Job(model, catalog.models()[model].default_dataset, technique)


def found(lab: Lab, model: str, technique: str) -> tuple[Predictions, Pictures]:
    """A variant's answers."""
    answer = inquire(lab.desk, analyses.predictions(job(model, technique))).found.result(PATIENCE_S)
    assert not isinstance(answer, Failure), answer
    return answer


def tried(lab: Lab, model: str, technique: str, given: Given) -> tuple[Tried, Pictures]:
    """One input through a variant."""
    answer = inquire(lab.desk, analyses.try_one(job(model, technique), given)).found.result(PATIENCE_S)
    assert not isinstance(answer, Failure), answer
    return answer


def score(lab: Lab, model: str, technique: str) -> Score:
    """A variant's score."""
    measured = lab.measured(model, technique).score
    assert isinstance(measured, Score)
    return measured


# ---- predictions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("technique", ["int8", "lq_w4"])
def test_what_changed_is_what_the_comparison_counts(model: str, technique: str, lab: Lab) -> None:
    answers, _ = found(lab, model, technique)
    tolerance = catalog.datasets()[model].answer_tolerance
    agreement = paired(score(lab, model, technique), score(lab, model, "float32"), tolerance)
    assert (answers.changed, answers.worse, answers.better) == (agreement.changed, agreement.worse, agreement.better)
    assert answers.variant.answers == score(lab, model, technique).answers
    assert answers.reference.answers == score(lab, model, "float32").answers


def test_the_confusion_matrix_sums_to_the_samples_and_its_diagonal_is_the_score(lab: Lab) -> None:
    answers, _ = found(lab, "digits", "lq_w4")
    for side, technique in ((answers.reference, "float32"), (answers.variant, "lq_w4")):
        measured = score(lab, "digits", technique)
        assert sum(map(sum, side.confusion)) == measured.samples == len(answers.truths)
        assert charts_confusion.answered_right(side) / measured.samples == pytest.approx(measured.value)
    assert charts_confusion.confusion(answers)["difference"].sum() == 0


def test_float32_changes_no_answer_of_its_own(lab: Lab) -> None:
    for model in MODELS:
        answers, pictures = found(lab, model, "float32")
        assert answers.changed == 0 and answers.shown == () and not pictures
        assert answers.reference == answers.variant


def test_each_changed_image_that_is_shown_has_its_picture_and_those_for_the_worse_come_first(lab: Lab) -> None:
    answers, pictures = found(lab, "digits", "lq_w4")
    assert 0 < len(answers.shown) <= answers.changed
    assert {sample.picture for sample in answers.shown} == set(pictures)
    assert all(png.startswith(b"\x89PNG") for png in pictures.values())
    effects = [sample.effect for sample in answers.shown]
    assert effects == sorted(effects, key=["worse", "better", "other"].index)
    for sample in answers.shown:
        assert sample.before != sample.after == answers.variant.answers[sample.place]
        assert (sample.effect == "worse") == (sample.before == sample.truth)


def test_recordings_are_shown_as_curves_and_numbers_as_numbers(lab: Lab) -> None:
    curves, _ = found(lab, "motion_anomaly", "lq_w4")
    assert all(sample.series is not None and len(sample.series.curves) == 6 for sample in curves.shown)
    numbers, _ = found(lab, "sine", "int8")
    assert all(len(sample.values) == 1 and sample.series is None for sample in numbers.shown)


def test_logits_become_probabilities_only_where_the_model_was_trained_on_them(lab: Lab) -> None:
    answers, _ = found(lab, "digits", "int8")
    assert answers.probabilities == "softmax of logits"
    assert all(0.1 <= sure <= 1 for sure in answers.variant.confidences)
    regression, _ = found(lab, "sine", "int8")
    assert regression.probabilities == "none" and regression.variant.confidences == ()


def test_the_errors_of_a_regression_have_the_mean_that_is_its_score(lab: Lab) -> None:
    answers, _ = found(lab, "sine", "int8")
    assert np.abs(answers.variant.errors).mean() == pytest.approx(score(lab, "sine", "int8").value, rel=1e-4)


def test_an_anomaly_is_what_lies_above_the_limit(lab: Lab) -> None:
    answers, _ = found(lab, "motion_anomaly", "int8")
    limit = answers.variant.limit
    assert limit is not None
    assert [float(error > limit) for error in answers.variant.errors] == list(answers.variant.answers)


@pytest.mark.slow
def test_a_packed_variant_answers_as_its_unpacked_form(lab: Lab) -> None:
    packed, _ = found(lab, "digits", "cluster16_int8_lut")
    assert packed.variant.answers == score(lab, "digits", "cluster16_int8_lut").answers


def test_without_data_there_is_one_sentence_on_what_to_bring(lab: Lab) -> None:
    answer = inquire(lab.desk, analyses.predictions(job("mlperf_kws", "int8"))).found.result(PATIENCE_S)
    assert isinstance(answer, Failure) and "Bring labelled samples" in answer.advice


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=50))
def test_every_sample_is_counted_once_in_the_cell_of_its_truth_and_answer(pairs: list[tuple[int, int]]) -> None:
    truths, answers = np.array(pairs).T
    counted = confusion(truths, answers, 4)
    for truth, answer in set(pairs):
        assert counted[truth, answer] == pairs.count((truth, answer))
    assert counted.sum() == len(pairs)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80))
def test_the_calibration_error_is_a_distance_of_shares_and_no_sample_is_lost(samples: list[tuple[float, bool]]) -> None:
    sure, right = np.array([one for one, _ in samples]), np.array([one for _, one in samples])
    bins = binned(sure, right)
    assert sum(each.samples for each in bins) == len(samples)
    error = expected_calibration_error(bins)
    assert abs(sure.mean() - right.mean()) - 1e-9 <= error <= 1


def test_a_model_right_as_often_as_it_is_sure_has_no_calibration_error() -> None:
    sure, right = np.full(4, 0.75), np.array([True, True, True, False])
    assert expected_calibration_error(binned(sure, right)) == 0
    assert expected_calibration_error(binned(np.ones(4), ~right)) == 0.75


def test_a_single_logit_names_a_class_by_its_sign_and_no_confidence() -> None:
    y = np.arange(4) % 2
    none = np.zeros(0, dtype=np.int64)
    arrays = Arrays(x=np.array([[-2.0], [3.0], [-1.0], [0.4]]), y=y, train=none, test=np.arange(4), x_scale=1.0)
    dataset = replace(catalog.dataset("digits"), class_names=())
    answers, kind = _answers(lambda x: x, arrays, dataset, True, None)
    assert answers.answers == (0, 1, 0, 1) and answers.confusion == ((2, 0), (0, 2))
    assert kind == "none" and not answers.confidences


def test_a_softmax_of_large_logits_overflows_nowhere() -> None:
    assert softmax(np.array([[1000.0, 0.0], [5.0, 5.0]])).tolist() == [[1.0, 0.0], [0.5, 0.5]]


def test_of_many_samples_evenly_spaced_ones_are_drawn_with_those_that_changed(lab: Lab) -> None:
    answers, _ = found(lab, "digits", "lq_w4")
    frame = before_after.confidences(answers, "4 bits")
    assert len(frame) == len(answers.truths) and int(frame["kind"].eq("changed").sum()) == answers.changed


# ---- one input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("technique", ["float32", "int8", "int8_float_io"])
def test_tflm_gives_one_sample_the_output_that_it_gives_among_all(technique: str, lab: Lab) -> None:
    arrays = lab.arrays("digits")
    answer, pictures = tried(lab, "digits", technique, Given("sample", sample=7))
    expected, _ = run_on_tflm(lab.tflite("digits", technique), arrays.x[arrays.test[7:8]], arrays.x_scale)
    original, on_litert, on_tflm = answer.runs
    assert on_tflm.outputs[0].stored == pytest.approx(expected[0].tolist(), rel=1e-6)
    assert on_litert.outputs[0].dtype == on_tflm.outputs[0].dtype == str(expected.dtype)
    assert original.file == "float32" and answer.truth == str(arrays.y[arrays.test[7]])
    assert pictures["picture"].startswith(b"\x89PNG")


def test_real_units_are_the_stored_numbers_by_scale_and_zero_point(lab: Lab) -> None:
    answer, _ = tried(lab, "digits", "int8", Given("random", seed=3))
    for run in answer.runs[1:]:
        for port in (*run.inputs, *run.outputs):
            assert port.scale is not None and port.zero_point is not None
            by_hand = [(stored - port.zero_point) * port.scale for stored in port.stored]
            assert list(port.real) == pytest.approx(by_hand, rel=1e-5, abs=1e-6)


def test_where_tflm_refuses_its_reason_stands_in_place_of_an_answer(lab: Lab) -> None:
    answer, _ = tried(lab, "digits", "float16", Given("sample"))
    original, on_litert, on_tflm = answer.runs
    assert original.outputs and on_litert.outputs and not on_tflm.outputs
    assert "16-bit floats" in on_tflm.reason and on_tflm.advice and on_tflm.detail


def test_what_the_input_of_int8_cannot_hold_is_counted(lab: Lab) -> None:
    inside, _ = tried(lab, "sine", "int8", Given("typed", values=(3.0,)))
    outside, _ = tried(lab, "sine", "int8", Given("typed", values=(100.0,)))
    assert (inside.clipped, outside.clipped) == (0, 1)
    assert outside.runs[1].inputs[0].stored == (127.0,)


def test_a_random_input_can_be_had_again_by_its_seed(lab: Lab) -> None:
    first, again, other = (tried(lab, "mlperf_kws", "int8", Given("random", seed=seed))[0] for seed in (1, 1, 2))
    assert first.runs[0].inputs == again.runs[0].inputs != other.runs[0].inputs


def test_a_sample_that_does_not_exist_costs_one_sentence(lab: Lab) -> None:
    answer = inquire(lab.desk, analyses.try_one(job("digits", "int8"), Given("sample", sample=450))).found.result(
        PATIENCE_S
    )
    assert isinstance(answer, Failure) and "There is no held-out sample 450" in answer.reason


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=20))
def test_numbers_are_read_as_they_are_typed(numbers: list[float]) -> None:
    assert typed_values(", ".join(map(repr, numbers)), len(numbers)) == tuple(numbers)


@given(st.text(max_size=100), st.integers(1, 4))
def test_whatever_is_typed_costs_at_most_one_sentence(text: str, count: int) -> None:
    read = typed_values(text, count)
    assert (isinstance(read, str) and read.endswith(".")) or len(read) == count


@pytest.mark.parametrize("text", ["nan", "inf", "1e400", "-1e39", "0x10", "one", ""])
def test_what_is_no_number_of_32_bits_is_refused(text: str) -> None:
    assert isinstance(typed_values(text, 1), str)
