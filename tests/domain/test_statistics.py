"""Intervals and tests against SciPy, and the examples in the docstrings."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

import tinyml_core
from tinyml_core.domain.statistics import bootstrap_mean, mcnemar, sign_flip, wilson

CORE = Path(tinyml_core.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(("tinyml_core", *path.relative_to(CORE).with_suffix("").parts))
    for path in CORE.rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


@given(samples=st.integers(1, 20_000), share=st.floats(0, 1))
def test_wilson_is_scipys_wilson(samples: int, share: float) -> None:
    right = round(share * samples)
    expected = binomtest(right, samples).proportion_ci(0.95, method="wilson")
    assert wilson(right, samples) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(samples=st.integers(1, 20_000), share=st.floats(0, 1))
def test_wilson_holds_the_share_and_stays_between_0_and_1(samples: int, share: float) -> None:
    right = round(share * samples)
    low, high = wilson(right, samples)
    assert 0 <= low <= right / samples + 1e-12
    assert right / samples - 1e-12 <= high <= 1


def test_wilson_narrows_with_more_samples() -> None:
    widths = [high - low for low, high in (wilson(97 * factor, 100 * factor) for factor in (1, 10, 100))]
    assert widths == sorted(widths, reverse=True)


@given(worse=st.integers(0, 400), better=st.integers(0, 400))
def test_mcnemar_is_the_exact_binomial_test(worse: int, better: int) -> None:
    expected = binomtest(worse, worse + better).pvalue if worse + better else 1.0
    assert mcnemar(worse, better) == pytest.approx(expected, rel=1e-9)


@given(worse=st.integers(0, 400), better=st.integers(0, 400))
def test_mcnemar_does_not_care_which_side_is_which(worse: int, better: int) -> None:
    assert mcnemar(worse, better) == mcnemar(better, worse)
    assert 0 < mcnemar(worse, better) <= 1


def test_mcnemar_takes_as_many_changes_as_the_largest_data_set_has() -> None:
    assert 0 <= mcnemar(10_000, 0) < 1e-300
    assert mcnemar(1_000, 1_000) == 1.0


def test_sign_flip_without_a_difference_is_no_finding() -> None:
    assert sign_flip(np.zeros(50)) == 1.0
    assert sign_flip(np.tile([0.5, -0.5], 50)) == 1.0


def test_sign_flip_finds_a_one_sided_difference() -> None:
    assert sign_flip(np.full(30, 0.1)) == pytest.approx(1 / 2001)


def test_sign_flip_is_near_the_exact_test_where_all_flips_can_be_tried() -> None:
    # Five differences of one sign: 2 of the 32 sign patterns are as far out.
    assert sign_flip(np.full(5, 2.0)) == pytest.approx(2 / 32, abs=0.02)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=40))
def test_sign_flip_is_a_probability_and_the_same_twice(values: list[float]) -> None:
    differences = np.array(values)
    assert 0 < sign_flip(differences) <= 1
    assert sign_flip(differences) == sign_flip(differences.copy())


def test_bootstrap_of_equal_values_has_no_width() -> None:
    assert bootstrap_mean(np.full(20, 3.0)) == (3.0, 3.0)


def test_bootstrap_is_near_the_normal_interval() -> None:
    values = np.random.default_rng(7).normal(5, 2, size=1000)
    low, high = bootstrap_mean(values)
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=half / 5)


def test_bootstrap_is_the_same_twice() -> None:
    values = np.random.default_rng(7).random(100)
    assert bootstrap_mean(values) == bootstrap_mean(values)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_in_docstrings_are_true(name: str) -> None:
    tried = doctest.testmod(importlib.import_module(name))
    assert tried.attempted > 0
    assert tried.failed == 0


def test_there_are_examples_to_try() -> None:
    assert {"tinyml_core.domain.statistics", "tinyml_core.measure.inspect_file", "tinyml_core.catalog"} <= set(
        WITH_EXAMPLES
    )
