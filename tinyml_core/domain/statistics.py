"""Intervals and paired comparisons, so that nobody reads noise as a finding; ROC areas by DeLong's method.

DeLong, DeLong and Clarke-Pearson 1988, "Comparing the areas under two or more correlated receiver operating characteristic
curves: a nonparametric approach", Biometrics 44 (3), 837-845. It rests on placement values: what share of the other
class a sample is rightly placed against.
"""

from __future__ import annotations

from math import erfc, exp, fsum, lgamma, log, sqrt

import numpy as np


def placements(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Placement value of each sample, from 0 to 1, ties counting half.

    Args:
        scores: Larger for what looks more positive, `(samples,)`.
        positive: Whether each sample is, `(samples,)`; both kinds must occur.

    Returns:
        Of a positive sample: the share of negative ones that score lower. Of a negative sample: the share of positive
        ones that score higher. Either kind's mean is the area under the ROC curve.

    >>> placements(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True])).tolist()
    [1.0, 0.75, 0.75, 1.0]
    """
    positive = positive.astype(bool)
    found = np.empty(len(scores))
    found[positive] = _share_below(scores[~positive], scores[positive])
    found[~positive] = 1 - _share_below(scores[positive], scores[~positive])
    return found


def _share_below(others: np.ndarray, scores: np.ndarray) -> np.ndarray:
    ordered = np.sort(others)
    below, up_to = (np.searchsorted(ordered, scores, side) for side in ("left", "right"))
    share: np.ndarray = (below + up_to) / (2 * len(ordered))
    return share


def area(placed: np.ndarray, positive: np.ndarray) -> float:
    """Area under the ROC curve: the probability that a positive sample scores higher than a negative one."""
    return float(placed[positive.astype(bool)].mean())


def variance(placed: np.ndarray, positive: np.ndarray) -> float:
    """Variance of the area, or of the difference of two areas if given the differences of their placement values."""
    kinds = (placed[positive.astype(bool)], placed[~positive.astype(bool)])
    return float(sum(kind.var(ddof=1) / len(kind) for kind in kinds if len(kind) > 1))


def interval(placed: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    """95 % interval of the area, on the logit scale, so that it stays between 0 and 1 and is wider towards the middle.

    Where all samples are placed right (or all wrong) there is no variance to go by; then Wilson's interval stands in, as
    if only the smaller class had been counted.
    """
    middle, spread = area(placed, positive), sqrt(variance(placed, positive))
    if not 0 < middle < 1 or spread == 0:
        smaller = int(min(positive.sum(), len(positive) - positive.sum()))
        low, high = wilson(round(middle * smaller), smaller)
        return min(low, middle), max(high, middle)
    logit, half = log(middle / (1 - middle)), Z95 * spread / (middle * (1 - middle))
    low, high = (_share_of(logit + way * half) for way in (-1, 1))
    return low, high


def _share_of(logit: float) -> float:
    """The inverse of the logit; beyond 700 a float cannot hold the power."""
    return 1 / (1 + exp(min(700.0, -logit)))


def paired(placed: np.ndarray, others: np.ndarray, positive: np.ndarray) -> float:
    """Two-sided p-value: could two models' areas on the same samples differ so much by chance?"""
    differences = placed - others
    difference, spread = area(differences, positive), sqrt(variance(differences, positive))
    if spread == 0:
        return 1.0 if difference == 0 else 0.0
    return erfc(abs(difference) / spread / sqrt(2))


Z95 = 1.959963984540054
BOOTSTRAPS = 2000


def wilson(right: int, samples: int) -> tuple[float, float]:
    """95 % interval of a share: Wilson's score interval (Wilson 1927; Brown, Cai and DasGupta 2001).

    >>> [round(limit, 3) for limit in wilson(437, 450)]
    [0.951, 0.983]
    """
    share = right / samples
    centre = share + Z95**2 / (2 * samples)
    half = Z95 * sqrt(share * (1 - share) / samples + Z95**2 / (4 * samples**2))
    scale = 1 + Z95**2 / samples
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def bootstrap_mean(values: np.ndarray) -> tuple[float, float]:
    """95 % interval of a mean: percentile bootstrap (Efron 1979), 2,000 resamples, fixed seed."""
    random = np.random.default_rng(1)
    picks = random.integers(0, len(values), size=(BOOTSTRAPS, len(values)), dtype=np.int32)
    low, high = np.percentile(values[picks].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def mcnemar(worse: int, better: int) -> float:
    """Exact two-sided McNemar test (McNemar 1947): could so uneven a split of changes be chance?

    Args:
        worse: Answers that changed from right to wrong.
        better: Answers that changed from wrong to right.

    Returns:
        The probability of a split at least as uneven if both directions were equally likely; 1 without changes.

    >>> round(mcnemar(0, 5), 6)
    0.0625
    """
    changes = worse + better
    if changes == 0:
        return 1.0
    # Binomial terms by their logarithms: exact integers of thousands of digits would take seconds.
    logs = (lgamma(changes + 1) - lgamma(k + 1) - lgamma(changes - k + 1) for k in range(min(worse, better) + 1))
    return min(1.0, 2 * fsum(exp(term - changes * log(2)) for term in logs))


def sign_flip(differences: np.ndarray) -> float:
    """Two-sided paired randomisation test (Fisher 1935): is the mean difference more than chance?

    The signs of all differences are flipped at random 2,000 times (fixed seed).
    """
    if not np.any(differences):
        return 1.0
    random = np.random.default_rng(1)
    signs = random.integers(0, 2, size=(BOOTSTRAPS, len(differences)), dtype=np.int8) * 2 - 1
    flipped = np.abs((signs * differences).mean(axis=1))
    return float((1 + np.count_nonzero(flipped >= abs(differences.mean()))) / (BOOTSTRAPS + 1))
