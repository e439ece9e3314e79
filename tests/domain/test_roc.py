"""The area under the ROC curve and DeLong's method, against scikit-learn, the definition, and the bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from tinyml_core.domain import statistics
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Expected
from tinyml_core.measure import score

BOOTSTRAPS = 1000


def drawn(seed: int, positives: int, negatives: int, distance: float) -> tuple[np.ndarray, np.ndarray]:
    """Normal scores of two kinds that far apart, and which is which."""
    random = np.random.default_rng(seed)
    scores = np.concatenate([random.normal(distance, 1, positives), random.normal(0, 1, negatives)])
    positive = np.arange(positives + negatives) < positives
    order = random.permutation(len(scores))
    return scores[order], positive[order]


def counted(scores: np.ndarray, positive: np.ndarray) -> float:
    """The area by its definition: the share of pairs in which the positive one scores higher; there are no ties between kinds."""
    return float((scores[positive][:, None] > scores[~positive]).mean())


def resampled(seed: int, positive: np.ndarray) -> np.ndarray:
    """Indices of one bootstrap sample, each kind as often as before."""
    random = np.random.default_rng(seed)
    return np.concatenate(
        [random.choice(kind, len(kind)) for kind in (np.flatnonzero(positive), np.flatnonzero(~positive))]
    )


samples = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=2, max_size=60).filter(
    lambda pairs: len({positive for _, positive in pairs}) == 2
)


@given(samples)
def test_the_area_is_scikit_learns_also_with_ties(pairs: list[tuple[int, bool]]) -> None:
    scores, positive = np.array([score for score, _ in pairs], dtype=float), np.array([kind for _, kind in pairs])
    placed = statistics.placements(scores, positive)
    assert statistics.area(placed, positive) == pytest.approx(roc_auc_score(positive, scores))
    assert placed[~positive].mean() == pytest.approx(roc_auc_score(positive, scores))


@given(samples)
def test_placements_are_those_of_counting_every_pair(pairs: list[tuple[int, bool]]) -> None:
    scores, positive = np.array([score for score, _ in pairs], dtype=float), np.array([kind for _, kind in pairs])
    wins = np.array([[(a > b) + 0.5 * (a == b) for b in scores[~positive]] for a in scores[positive]])
    placed = statistics.placements(scores, positive)
    assert placed[positive] == pytest.approx(wins.mean(axis=1))
    assert placed[~positive] == pytest.approx(wins.mean(axis=0))


@pytest.mark.parametrize("distance", [0.3, 1.0, 2.0])
def test_delongs_variance_is_near_the_bootstraps(distance: float) -> None:
    scores, positive = drawn(1, 150, 100, distance)
    areas = []
    for seed in range(BOOTSTRAPS):
        picked = resampled(seed, positive)
        areas.append(counted(scores[picked], positive[picked]))
    found = statistics.variance(statistics.placements(scores, positive), positive)
    assert found == pytest.approx(np.var(areas), rel=0.2)


def test_delongs_variance_of_a_difference_is_near_the_bootstraps() -> None:
    scores, positive = drawn(2, 150, 100, 1.0)
    others = scores + np.random.default_rng(3).normal(0, 0.5, len(scores))
    differences = []
    for seed in range(BOOTSTRAPS):
        picked = resampled(seed, positive)
        first, second = (counted(each[picked], positive[picked]) for each in (scores, others))
        differences.append(first - second)
    placed = statistics.placements(scores, positive) - statistics.placements(others, positive)
    assert statistics.variance(placed, positive) == pytest.approx(np.var(differences), rel=0.2)


def test_19_of_20_intervals_hold_the_true_area() -> None:
    # Two normal distributions one standard deviation apart: the area is Phi(1 / sqrt(2)).
    held = 0
    for seed in range(400):
        scores, positive = drawn(seed, 60, 40, 1.0)
        low, high = statistics.interval(statistics.placements(scores, positive), positive)
        held += low <= 0.760249938906524 <= high
    assert 0.92 <= held / 400 <= 0.98


@given(samples)
def test_the_interval_holds_the_area_and_stays_between_0_and_1(pairs: list[tuple[int, bool]]) -> None:
    scores, positive = np.array([score for score, _ in pairs], dtype=float), np.array([kind for _, kind in pairs])
    placed = statistics.placements(scores, positive)
    low, high = statistics.interval(placed, positive)
    assert 0 <= low <= statistics.area(placed, positive) + 1e-12
    assert statistics.area(placed, positive) - 1e-12 <= high <= 1


def test_a_perfect_order_of_few_samples_is_not_taken_for_certain() -> None:
    scores, positive = np.arange(30.0), np.arange(30) >= 20
    low, high = statistics.interval(statistics.placements(scores, positive), positive)
    assert (round(low, 3), high) == (0.722, 1.0)


def test_a_model_against_itself_is_no_finding() -> None:
    scores, positive = drawn(1, 50, 50, 1.0)
    placed = statistics.placements(scores, positive)
    assert statistics.paired(placed, placed, positive) == 1.0


def test_equal_models_are_told_apart_in_one_of_twenty_cases() -> None:
    found = 0
    for seed in range(400):
        truth, positive = drawn(seed, 60, 60, 1.5)
        random = np.random.default_rng(1000 + seed)
        first, second = (statistics.placements(truth + random.normal(0, 1, 120), positive) for _ in range(2))
        found += statistics.paired(first, second, positive) < 0.05
    assert found / 400 == pytest.approx(0.05, abs=0.03)


def test_a_worse_model_is_found() -> None:
    scores, positive = drawn(5, 100, 100, 2.0)
    noisy = scores + np.random.default_rng(6).normal(0, 3, 200)
    first, second = (statistics.placements(each, positive) for each in (scores, noisy))
    assert statistics.paired(first, second, positive) == statistics.paired(second, first, positive) < 1e-4


# ---- from an autoencoder's outputs to the score --------------------------------------------------------------------


def copied(worse_by: float) -> Arrays:
    """40 samples of 4 values; the last 10 are anomalous."""
    x = np.random.default_rng(1).random((40, 4)).astype(np.float32)
    y = (np.arange(40) >= 30).astype(np.int64)
    x[30:] += worse_by
    return Arrays(x=x, y=y, train=np.arange(20), test=np.arange(20, 40), x_scale=0.5)


def test_the_score_of_a_sample_is_the_mean_squared_error_in_real_numbers() -> None:
    x = np.array([[2.0, 4.0]], dtype=np.float32)
    assert score.reconstruction_errors(np.array([[1.0, 1.0]]), x, 0.5) == pytest.approx([0.5])


def test_one_in_twenty_of_the_models_own_training_samples_is_called_anomalous() -> None:
    arrays = copied(1.0)
    limit = score.threshold(lambda x: np.zeros((len(x), 4)), arrays)
    errors = score.reconstruction_errors(np.zeros((20, 4)), arrays.x[:20], 0.5)
    assert score.decisions(errors, limit).sum() == 1


def test_a_detector_that_copies_only_what_it_knows_scores_one() -> None:
    found = score.score_anomaly(lambda x: np.minimum(x.reshape(len(x), -1) * 0.5, 0.5), copied(3.0))
    assert (found.metric, found.value, found.chance, found.samples) == ("roc_auc", 1.0, 0.5, 20)
    assert found.answers == found.anomalous == (0,) * 10 + (1,) * 10
    assert found.errors == (0.0,) * 20
    assert found.low < 1


def test_a_copy_that_is_no_number_is_the_worst_and_can_be_written() -> None:
    errors = score.reconstruction_errors(np.full((1, 4), np.nan), np.zeros((1, 4), dtype=np.float32), 1.0)
    assert errors.tolist() == [1e30]


def test_a_classifier_cannot_be_scored_as_an_anomaly_detector() -> None:
    with pytest.raises(Expected) as refused:
        score.score_anomaly(lambda x: np.zeros((len(x), 3)), copied(1.0))
    assert isinstance(refused.value.failure, Failure)
    assert "A copy of 4 values was expected; the model answers with 3." in refused.value.failure.reason
