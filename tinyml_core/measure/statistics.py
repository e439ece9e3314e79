"""Intervals and paired comparisons, so that nobody reads noise as a finding."""

from __future__ import annotations

from math import exp, fsum, lgamma, log, sqrt

import numpy as np

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
