"""Weights of few bits, simulated: errors grow as bits fall, and the curve meets what is executed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as drawn_arrays

from tinyml_core import catalog
from tinyml_core.analysis.few_bits import BITS, GRANULARITIES, BitsPoint, FewBits, rounded, with_bits
from tinyml_core.charts.few_bits import MEASURED, bits
from tinyml_core.domain.outcome import Failure, Score
from tinyml_core.domain.technique import Job
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.graph import inquire
from tinyml_core.zoo import weights

if TYPE_CHECKING:
    from tests.conftest import Lab

SOME_WEIGHTS = drawn_arrays(np.float32, (4, 9), elements=st.floats(-4, 4, width=16))


@pytest.fixture(scope="module")
def curve(lab: Lab) -> FewBits:
    """The curve of digits."""
    found = inquire(lab.desk, analyses.few_bits(Job("digits", "digits", "float32"))).found.result(300)
    assert isinstance(found, FewBits), found
    return found


def point(curve: FewBits, bits: int, granularity: str) -> BitsPoint:
    """One point of the curve."""
    return next(point for point in curve.points if (point.bits, point.granularity) == (bits, granularity))


def test_sixteen_simulated_bits_score_as_float32(curve: FewBits, lab: Lab) -> None:
    score = lab.measured("digits", "float32").score
    assert isinstance(score, Score)
    for granularity in GRANULARITIES:  # one answer at the edge may turn on last digits
        assert point(curve, 16, granularity).score == pytest.approx(curve.float_score, abs=1.01 / score.samples)


def test_there_is_a_point_for_each_number_of_bits_and_granularity(curve: FewBits) -> None:
    assert [(p.granularity, p.bits) for p in curve.points] == list(itertools.product(GRANULARITIES, BITS))


def test_fewer_bits_never_have_a_smaller_weight_error(curve: FewBits) -> None:
    for granularity in GRANULARITIES:
        errors = [point(curve, count, granularity).weight_error for count in BITS if count > 1]
        assert errors == sorted(errors)


def test_a_scale_for_each_channel_never_has_a_larger_weight_error(curve: FewBits) -> None:
    for count in BITS:
        assert point(curve, count, "per channel").weight_error <= point(curve, count, "per tensor").weight_error


@pytest.mark.parametrize(("technique", "count"), [("lq_w8", 8), ("lq_w4", 4)])
def test_the_simulation_scores_as_the_executed_file(technique: str, count: int, curve: FewBits, lab: Lab) -> None:
    score = lab.measured("digits", technique).score
    assert isinstance(score, Score)
    assert point(curve, count, "per channel").score == pytest.approx(score.value, abs=1 / score.samples)


@given(SOME_WEIGHTS, st.integers(2, 16), st.sampled_from([None, 0, 1]))
def test_rounding_moves_no_weight_by_more_than_half_a_step(weights: np.ndarray, count: int, axis: int | None) -> None:
    step = np.abs(weights).max(axis=None if axis is None else 1 - axis, keepdims=True) / (2 ** (count - 1) - 1)
    assert np.all(np.abs(rounded(weights, count, axis) - weights) <= 0.5 * step + 1e-5)


@given(SOME_WEIGHTS, st.integers(1, 16), st.sampled_from([None, 0, 1]))
def test_a_scale_holds_no_more_values_than_its_bits_allow(weights: np.ndarray, count: int, axis: int | None) -> None:
    result = rounded(weights, count, axis)
    assert result.shape == weights.shape and result.dtype == np.float32
    groups = [result.ravel()] if axis is None else list(np.moveaxis(result, axis, 0).reshape(result.shape[axis], -1))
    assert all(len(np.unique(group)) <= max(2, 2**count - 1) for group in groups)


def test_one_bit_is_the_sign_times_the_mean_magnitude() -> None:
    weights = np.array([[-3.0, 1.0], [2.0, 4.0]], dtype=np.float32)
    assert rounded(weights, 1, 0).tolist() == [[-2.0, 2.0], [3.0, 3.0]]


def test_only_weights_are_changed() -> None:
    blob = weights.kept_float32(catalog.models()["digits"])
    assert blob is not None
    content = blob.read()
    changed, error = with_bits(content, 4, "per tensor")
    assert len(changed) == len(content) and 0 < error < 1
    differing = np.count_nonzero(np.frombuffer(changed, np.uint8) != np.frombuffer(content, np.uint8))
    assert differing <= 4 * catalog.models()["digits"].parameters


def test_a_model_without_data_has_no_curve(lab: Lab) -> None:
    found = inquire(lab.desk, analyses.few_bits(Job("mlperf_kws", "", "float32"))).found.result(60)
    assert isinstance(found, Failure) and "No data" in found.reason


def test_executed_variants_are_laid_over_the_simulation(curve: FewBits, lab: Lab) -> None:
    score = lab.measured("digits", "lq_w4").score
    assert isinstance(score, Score)
    frame = bits(curve, [("lq_w4", "4-bit weights", score), ("int8_float_io", "has no place here", score)])
    measured = frame[frame["series"].eq(MEASURED)]
    assert measured[["label", "bits"]].to_numpy().tolist() == [["4-bit weights", 4]]
