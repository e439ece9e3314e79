"""What the labels of data are for a model: classes, numbers or nothing; and where they do not fit what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from tinyml_core.domain.brought import Labels, Mismatch, Question
from tinyml_core.uploads.data.given import Brought, Taker
from tinyml_core.uploads.refusal import refused, several, shown

if TYPE_CHECKING:
    import numpy as np


NO_CHOICES: Mapping[str, str] = MappingProxyType({})

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
    found = np.unique(labels)
    if as_numbers or len(found) != 2 or not (found == np.rint(found)).all():
        return OneAnswer(False)
    low, high = found.tolist()
    text = f"Labels are {low:g} and {high:g}, so they are taken as two classes"
    text += "." if (low, high) == (0, 1) else f": {low:g} is class 0, {high:g} is class 1."
    return OneAnswer(True, _by_sign(), (Mismatch(text, AS_NUMBERS, AS_NUMBERS_TITLE, blocking=False),))


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


FROM_ONE, WITHOUT = "labels_from_one", "without_labels"
LABEL_CURES = (FROM_ONE, WITHOUT, AS_NUMBERS)
WITHOUT_TITLE = "Go on without labels"


@dataclass(frozen=True, slots=True, eq=False)
class ReadLabels:
    """Labels as they are kept.

    Attributes:
        y: Classes `(samples,)` int64, numbers `(samples, 1)` float32, or empty.
        classes: How many; None where there are none.
    """

    y: np.ndarray
    kind: Labels
    classes: int | None = None
    class_names: tuple[str, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


def read_labels(
    brought: Brought, taker: Taker, cures: tuple[str, ...], choices: Mapping[str, str] = NO_CHOICES
) -> ReadLabels:
    """The labels of what was brought, as the model's answers are compared with them.

    Raises:
        Expected: Some are no numbers, or a cure does not fit them.
    """
    import numpy as np

    if brought.labels is None or WITHOUT in cures:
        if "classes" in choices:
            raise refused("There are no labels, so their order (--classes) does nothing.", "Take it back.")
        return _no_labels()
    labels: np.ndarray = brought.labels.reshape(len(brought.labels), -1)
    names, notes = brought.class_names, list[str]()
    if labels.dtype.kind in "US":
        if labels.shape[1] != 1:
            return _no_labels(f"Each sample has {labels.shape[1]:,} texts as its label; one class is expected.")
        labels, names = _numbered(labels[:, 0])
    else:
        if labels.dtype.kind == "f" and not np.isfinite(labels).all():
            raise refused("Some labels are no finite numbers.", "Fill them in or leave those samples out.")
        if labels.shape[1] > 1 and _one_hot(labels):
            labels = labels.argmax(axis=1)
            notes.append("Labels were one row of zeros and a one for each sample; the place of the one is the class.")
        elif labels.shape[1] != 1:
            return _no_labels(f"Each sample has {labels.shape[1]:,} numbers as its label; the lab compares one.")
    labels = labels.reshape(-1)
    questions: tuple[Question, ...] = ()
    if "classes" in choices:
        labels, names = _in_order(labels, names, choices["classes"], taker)
        notes.append(f"Classes are numbered as you said: {_numbered_words(names)}.")
    elif names:
        questions = (_order(names),)
    told = ", ".join(f"{value:g}" for value in labels[:3].tolist())
    if taker.outputs > 1 and not (labels == np.rint(labels)).all():
        return _no_labels(
            f"Labels are numbers such as {told}; the model answers with {taker.outputs:,} values, one for each class."
        )
    asked = tuple[Mismatch, ...]()
    if taker.outputs == 1:
        one = held_against_one(labels, bool(names), taker.last_activation, cures)
        if one.why_not:
            return _no_labels(one.why_not)
        if not one.classes:
            return ReadLabels(labels.astype(np.float32).reshape(-1, 1), "numbers", notes=tuple(notes))
        notes.append(one.note)
        asked = one.mismatches
        if not names and taker.last_activation != SIGMOID:
            labels = np.searchsorted(np.unique(labels), labels) if len(np.unique(labels)) == 2 else labels
    elif AS_NUMBERS in cures:
        raise refused(f"The model answers with {taker.outputs:,} values, not with one number.", "Take that cure back.")
    if labels.min() < 0 or labels.max() > 2**31:
        return _no_labels(f"Labels are {told}, ...; classes are numbers from 0 on.")
    found = _classes(labels.astype(np.int64), names, taker, cures, notes)
    return replace(found, mismatches=found.mismatches + asked, questions=questions)


def _classes(
    labels: np.ndarray, names: tuple[str, ...], taker: Taker, cures: tuple[str, ...], notes: list[str]
) -> ReadLabels:
    """Class numbers from 0 on, held against the number of the model's answers."""
    import numpy as np

    if FROM_ONE in cures:
        if labels.min() < 1:
            raise refused("Labels start at 0 already.", "Take them as they are.")
        labels = labels - 1
    classes = len(names) or int(labels.max()) + 1
    possible = 2 if taker.outputs == 1 else taker.outputs
    if labels.min() == 1 and labels.max() == possible and not names:
        text = f"Classes are numbered from 1 to {possible:,}; the model numbers its {possible:,} answers from 0."
        return ReadLabels(labels, "classes", classes, mismatches=(Mismatch(text, FROM_ONE, "Count from 0"),))
    if classes > possible:
        return _no_labels(f"The data has {classes:,} classes; the model tells {possible:,} apart.")
    there = set(np.unique(labels).tolist())
    if len(there) < possible:
        missing = [
            shown(names[label]) if label < len(names) else str(label) for label in range(possible) if label not in there
        ]
        notes.append(f"No sample is of class {several(missing, 5)}.")
    visible = tuple("".join(sign if sign.isprintable() else "?" for sign in name) for name in names)
    return ReadLabels(labels, "classes", classes, visible, notes=tuple(notes))


def _no_labels(why_not: str = "") -> ReadLabels:
    """No labels; if there are some that do not fit, why not, and the way on without them."""
    import numpy as np

    mismatches = (Mismatch(why_not, WITHOUT, WITHOUT_TITLE),) if why_not else ()
    return ReadLabels(np.zeros(0, dtype=np.int64), "none", mismatches=mismatches)


def _numbered(texts: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Texts as numbers in the order of the alphabet, and what these stand for; texts of digits as the numbers they are."""
    import numpy as np

    found, numbers = np.unique(texts, return_inverse=True)
    names = [name.decode("utf-8", "replace") if isinstance(name, bytes) else name for name in found.tolist()]
    if all(name.isascii() and name.isdigit() and len(name) < 10 for name in names):
        return np.array([int(name) for name in names])[numbers], ()
    return numbers, tuple(names)


def _one_hot(labels: np.ndarray) -> bool:
    import numpy as np

    return bool(np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all())


def _in_order(
    labels: np.ndarray, names: tuple[str, ...], given: str, taker: Taker
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels numbered by the place of their names in the given order; classes that no sample has may be among them.

    Raises:
        Expected: A class of the data is missing, one is named twice, or there are more than the model tells apart.
    """
    import numpy as np

    order = tuple(part.strip() for part in given.split(","))
    known = names or tuple(str(number) for number in np.unique(labels).tolist())
    missing = [name for name in known if name not in order]
    if missing:
        raise refused(
            f"The order of classes leaves out {several([shown(name) for name in missing], 5)}.",
            f"Name all classes of the data, with commas between them: {','.join(known[:12])}.",
        )
    if len(set(order)) < len(order):
        raise refused("The order of classes names one of them twice.", f"Name each once: {','.join(known[:12])}.")
    possible = 2 if taker.outputs == 1 else taker.outputs
    if len(order) > max(possible, len(known)):
        raise refused(
            f"The order names {len(order):,} classes; the model tells {possible:,} apart.", "Name those that it knows."
        )
    places = np.array([order.index(name) for name in known])
    return places[labels if names else np.searchsorted(np.unique(labels), labels)], order


def _numbered_words(names: tuple[str, ...]) -> str:
    return several([f"{number} {shown(name)}" for number, name in enumerate(names)], 5)


def _order(names: tuple[str, ...]) -> Question:
    """Which number stands for which name, for the person to compare: a model's own order is not in its file."""
    return Question(
        "classes",
        f"Classes are numbered in this order: {_numbered_words(names)}. Does your model number them so, too?",
        names,
        likely=",".join(names),
        ordered=True,
        blocking=False,
    )
