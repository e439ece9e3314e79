"""How a score is called, and a change of it in words: an accuracy becomes higher or lower, an error larger or smaller."""

from __future__ import annotations

from tinyml_core.metrics import METRICS

POINT = 0.01
"""One point of a score: one hundredth, whatever the score's unit. For an accuracy it is one per cent of the samples."""
SMALLEST_SHOWN = 0.0001
"""Of a change that is not shown in points."""


def is_error(metric: str) -> bool:
    """True for a score that is better the lower it is."""
    return METRICS[metric].better == "lower"


def amount(change: float, metric: str) -> str:
    """The size of a change: `1.6 points`, `0.0055`."""
    if metric == "accuracy":
        return f"{change / POINT:.1f} points"
    return f"{change:.4f}" if not 0 < change < SMALLEST_SHOWN else f"less than {SMALLEST_SHOWN}"


def change_words(difference: float, metric: str) -> str:
    """What became of a score that differs from float32's.

    >>> change_words(-0.016, "accuracy"), change_words(0.0055, "mean_absolute_error")
    ('1.6 points lower', 'error 0.0055 larger')
    """
    up = difference > 0
    if is_error(metric):
        return f"error {amount(abs(difference), metric)} {'larger' if up else 'smaller'}"
    return f"{amount(abs(difference), metric)} {'higher' if up else 'lower'}"
