"""Divides brought data into a part that calibrates and trains, and one that is held out; says how in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinyml_core.splits import grouped_split, shuffled_split
from tinyml_core.uploads.data_labels import ReadLabels
from tinyml_core.uploads.refusal import refused

if TYPE_CHECKING:
    import numpy as np

LOWEST_PERCENT, HIGHEST_PERCENT = 1, 90


def divide(
    samples: int, labels: ReadLabels, held_out: np.ndarray | None, test_percent: int, seed: int
) -> tuple[np.ndarray, np.ndarray, str]:
    """Training and test indices, both in shuffled order, and the sentence.

    Args:
        samples: At least 2; each part gets at least one.
        labels: Classes are held out each in its share.
        held_out: `(samples,)`, True where the file itself says so; then nothing is drawn.
        test_percent: Of the samples, to be held out.
        seed: Of the order.

    Raises:
        Expected: The share is not between 1 and 90 percent.
    """
    import numpy as np

    if held_out is not None and divides_itself(held_out):
        train, test = grouped_split(held_out.astype(np.int64), (1,), seed)
        return train, test, f"{len(test):,} samples held out as the file has them; {_others(len(train))}"
    if not LOWEST_PERCENT <= test_percent <= HIGHEST_PERCENT:
        raise refused(
            f"{test_percent} % of the samples cannot be held out.",
            f"Choose between {LOWEST_PERCENT} and {HIGHEST_PERCENT} %.",
        )
    classes = labels.y if labels.kind == "classes" else np.zeros(samples, dtype=np.int64)
    held = min(max(round(samples * test_percent / 100), 1), samples - 1)
    train, test = shuffled_split(classes, held, seed % 2**32)
    share = ", every class in its share" if labels.kind == "classes" else ""
    drawn = f"{held:,} of {samples:,} samples held out at random with seed {seed}{share}"
    return train, test, f"{drawn}; {_others(len(train))}"


def divides_itself(held_out: np.ndarray | None) -> bool:
    """Whether a file's own marks, `(samples,)`, leave samples in both parts."""
    return held_out is not None and bool(held_out.any() and not held_out.all())


def _others(samples: int) -> str:
    if samples == 1:
        return "the other one calibrates."
    return f"the other {samples:,} train, and the first of them, in shuffled order, calibrate."
