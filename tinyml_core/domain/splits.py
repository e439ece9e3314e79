"""How samples are divided into those to train on and those held out; the same way on every machine, for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def grouped_split(groups: np.ndarray, held_out: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Training and test indices such that whole groups (persons, places) are held out; else as `shuffled_split`.

    Args:
        groups: Group of each sample, `(samples,)`.
        held_out: The groups whose samples are held out, all of them.
        seed: Of the order of both parts.
    """
    import numpy as np

    order = np.random.RandomState(seed).permutation(len(groups))
    away = np.isin(groups[order], held_out)
    return order[~away], order[away]


def shuffled_split(labels: np.ndarray, test_samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Training and test indices, every class in its share (stratified by largest remainder).

    Args:
        labels: Class of each sample, `(samples,)`.
        test_samples: How many samples to hold out in all.
        seed: Of NumPy's `RandomState`, whose stream is frozen: the split never changes with the library.

    Returns:
        `(train, test)`: disjoint index arrays that together name every sample, both in shuffled order.
    """
    import numpy as np

    random = np.random.RandomState(seed)
    order = random.permutation(len(labels))
    classes, counts = np.unique(labels, return_counts=True)
    exact = counts * test_samples / len(labels)
    take = np.floor(exact).astype(int)
    for index in np.argsort(take - exact, kind="stable")[: test_samples - take.sum()]:
        take[index] += 1
    held_out = np.zeros(len(labels), dtype=bool)
    for label, number in zip(classes, take, strict=True):
        held_out[order[labels[order] == label][:number]] = True
    return order[~held_out[order]], order[held_out[order]]
