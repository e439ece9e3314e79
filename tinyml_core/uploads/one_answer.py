"""What labels are for a model that answers with a single value: two classes told apart by it, or numbers to come close to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinyml_core.uploads.facts import Mismatch
from tinyml_core.uploads.refusal import refused

if TYPE_CHECKING:
    import numpy as np

AS_NUMBERS = "labels_as_numbers"
AS_NUMBERS_TITLE = "These are numbers, not classes"
SIGMOID = "sigmoid"


@dataclass(frozen=True, slots=True)
class OneAnswer:
    """How labels are held against one answer.

    Attributes:
        classes: True if they are two classes, False if they are numbers.
        note: How the answer becomes a class; empty for numbers.
        mismatches: What to ask, because labels alone do not decide it.
        why_not: Why the labels can be neither; empty if they can.
    """

    classes: bool
    note: str = ""
    mismatches: tuple[Mismatch, ...] = ()
    why_not: str = ""


def held_against_one(labels: np.ndarray, named: bool, last_activation: str, cures: tuple[str, ...]) -> OneAnswer:
    """Decide by the labels and by what the model ends in.

    Args:
        labels: `(samples,)`; class numbers where they are named, else any finite numbers.
        named: Whether they stand for names.
        last_activation: A sigmoid's answer is a probability; any other is read by its sign (see `measure.score.classes`).
        cures: `AS_NUMBERS` takes 0 and 1 as numbers.

    Raises:
        Expected: Names cannot be taken as numbers.
    """
    import numpy as np

    if AS_NUMBERS in cures and named:
        raise refused("The labels are names, not numbers.", "Take that cure back.")
    as_numbers = AS_NUMBERS in cures
    if last_activation == SIGMOID:
        return _after_sigmoid(labels, named, as_numbers)
    if named:
        return OneAnswer(True, _by_sign())
    if as_numbers or not np.array_equal(np.unique(labels), (0, 1)):
        return OneAnswer(False)
    ask = Mismatch(
        "Labels are 0 and 1, so they are taken as two classes.", AS_NUMBERS, AS_NUMBERS_TITLE, blocking=False
    )
    return OneAnswer(True, _by_sign(), (ask,))


def _after_sigmoid(labels: np.ndarray, named: bool, as_numbers: bool) -> OneAnswer:
    import numpy as np

    low, high = float(labels.min()), float(labels.max())
    whole = bool((labels == np.rint(labels)).all())
    note = "The model's one answer is the probability of class 1: above 0.5 it counts as that class."
    if named or (whole and not as_numbers and (low, high) in ((0, 0), (0, 1), (1, 1), (1, 2))):
        return OneAnswer(True, note)
    if low >= 0 and high <= 1:
        return OneAnswer(False)
    return OneAnswer(
        False,
        why_not=f"Labels go from {low:g} to {high:g}; the model ends in one sigmoid output, which lies between 0 and 1 and tells "
        "two classes apart. Bring labels 0 and 1, or a model with one output for each class.",
    )


def _by_sign() -> str:
    return (
        "The model's one answer has no known bounds, so it is read by its sign: class 1 where it is positive (above 0.5 if all "
        "its answers lie between 0 and 1)."
    )
