"""Reads one `.npy` array that somebody brought; what its header declares is checked before anything is loaded."""

from __future__ import annotations

import io
import math
import re
import tokenize
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tinyml_core.domain.brought import Question
from tinyml_core.uploads.archives import Archive
from tinyml_core.uploads.data.given import MOST_BYTES, NO_LABELS, AskFirst, Brought
from tinyml_core.uploads.refusal import refused, several, shown, sizes

if TYPE_CHECKING:
    import numpy as np


MAGIC = b"\x93NUMPY"
MOST_AXES = 8
NUMBERS, TEXTS = "biuf", "US"
LONGEST_NUMBER_BYTES = 8

LONGEST_TEXT_BYTES = 4 * 200
"""NumPy stores a text in four bytes a letter; a class is not called by more than 200."""

NOT_A_LITERAL = (
    ValueError, TypeError, SyntaxError, tokenize.TokenError, MemoryError, RecursionError, OverflowError, KeyError,
)  # fmt: skip
"""A header is the text of a Python literal; these are what parsing a wrong one raises."""

SAVE_PLAIN = "Save it again as plain numbers: np.save(name, array.astype('float32'))."


def read_npy(content: bytes, called: str, texts: bool = False) -> np.ndarray:
    """The array of a `.npy`.

    Args:
        content: The file.
        called: How sentences about it call it.
        texts: Whether texts are taken too: labels may be names.

    Raises:
        Expected: It is damaged, holds objects or other types, or is not as long as its header declares.
    """
    import numpy as np

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that Python 2 wrote it
        _check(content, called, texts)
        try:
            array: np.ndarray = np.load(io.BytesIO(content), allow_pickle=False)
        except (OSError, EOFError, *NOT_A_LITERAL) as error:
            raise _damaged(called, error) from error
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _check(content: bytes, called: str, texts: bool) -> None:
    """Compare the header with the bytes that follow it."""
    shape, dtype, start = _header(content, called)
    begun = called[0].upper() + called[1:]
    if dtype.hasobject:
        raise refused(
            f"{begun} holds Python objects, which cannot be read without running code in them.",
            SAVE_PLAIN,
        )
    longest = {
        **dict.fromkeys(NUMBERS, LONGEST_NUMBER_BYTES),
        **(dict.fromkeys(TEXTS, LONGEST_TEXT_BYTES) if texts else {}),
    }
    if not 0 < dtype.itemsize <= longest.get(dtype.kind, 0):
        raise refused(
            f"{begun} holds values of the type {str(dtype)[:60]}; whole or real numbers are expected.",
            SAVE_PLAIN,
        )
    if len(shape) > MOST_AXES or any(size < 0 for size in shape):
        raise _damaged(called, f"shape {shape}")
    declared, there = math.prod(shape) * dtype.itemsize, len(content) - start
    if declared != there:
        raise refused(
            f"The header of {called} declares {sizes(shape)} values in {declared:,} bytes; {max(there, 0):,} bytes follow.",
            "The file is cut off or damaged; save or copy it again.",
        )
    if math.prod(shape) > MOST_BYTES:
        raise refused(
            f"{begun} has {math.prod(shape):,} values; at most {MOST_BYTES:,} are taken.",
            "Bring fewer samples.",
        )


def _header(content: bytes, called: str) -> tuple[tuple[int, ...], Any, int]:
    """Declared shape, type, and where the values begin."""
    from numpy.lib import format as npy

    stream = io.BytesIO(content)
    try:
        version = npy.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"version {version}")
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read(stream)
    except NOT_A_LITERAL as error:
        raise _damaged(called, error) from error
    return shape, dtype, stream.tell()


def _damaged(called: str, error: object) -> Exception:
    return refused(
        f"The header of {called} cannot be read as NumPy writes it.", "Save it again with np.save.", str(error)
    )


# ---- Reads the arrays of a `.npz` that somebody brought: inputs, labels, and a test part if it has one -------------


MOST_ARRAYS = 50
INPUTS = ("x_train", "x", "train_x", "train_images", "images", "inputs", "features", "data", "x_test")

LABELS = ("y_train", "y", "train_y", "train_labels", "labels", "targets", "target", "y_test")
"""Usual names, the likeliest first; Keras' mnist.npz has x_train, y_train, x_test, y_test."""


def is_npz(names: tuple[str, ...]) -> bool:
    """Whether an archive holds arrays and nothing else."""
    return bool(names) and all(name.endswith(".npy") for name in names)


def read_npz(archive: Archive, choices: Mapping[str, str]) -> Brought:
    """Inputs and labels; where an array is called train, the one called test beside it is held out.

    Raises:
        Expected: An array cannot be read, or they do not fit each other.
    """
    import numpy as np

    if len(archive.names) > MOST_ARRAYS:
        raise refused(
            f"The file has {len(archive.names):,} arrays; at most {MOST_ARRAYS} are taken.", "Save two: x and y."
        )
    arrays = {
        name.removesuffix(".npy"): read_npy(
            archive.read(name), f"the array {shown(name.removesuffix('.npy'))}", texts=True
        )
        for name in archive.names
    }
    inputs = _chosen(choices.get("inputs"), _usual(INPUTS, arrays) or _largest(arrays), arrays)
    labels = _chosen(choices.get("labels"), _labels_of(inputs, arrays), {**arrays, NO_LABELS: None})
    inputs, labels, test, test_labels = _parts(inputs, labels, arrays, choices)
    x, y = _pair(inputs, labels, arrays)
    held_out = None
    notes = [f"Inputs are the array {shown(inputs)}, labels {'are missing' if y is None else 'are ' + shown(labels)}."]
    if test and (y is None or test_labels):
        held_x, held_y = _pair(test, test_labels or NO_LABELS, arrays)
        held_out = np.arange(len(x) + len(held_x)) >= len(x)
        x = _joined(x, held_x, inputs, test)
        y = None if y is None or held_y is None else _joined(y, held_y, labels, test_labels)
        notes.append(f"{shown(test)} is held out, as it comes.")
    unused = [shown(name) for name in arrays if name not in {inputs, labels, test, test_labels}]
    if unused:
        notes.append(f"Not used: {several(unused)}.")
    taken = {"inputs": inputs, "labels": labels}
    offered = {"inputs": tuple(arrays), "labels": (*arrays, NO_LABELS)}
    return Brought("npz", x, y, held_out=held_out, choices=offered, taken=taken, notes=tuple(notes))


def _usual(usual: tuple[str, ...], arrays: Mapping[str, np.ndarray]) -> str:
    by_small = {name.lower(): name for name in reversed(list(arrays))}
    return next((by_small[name] for name in usual if name in by_small), "")


def _largest(arrays: Mapping[str, np.ndarray]) -> str:
    """The array of most values; of several, the first."""
    return max(arrays, key=lambda name: arrays[name].size)


def _labels_of(inputs: str, arrays: Mapping[str, np.ndarray]) -> str:
    """The array that goes with these inputs: by its usual name, else by being as long and smaller."""
    others = {name: array for name, array in arrays.items() if name != inputs}
    as_long = [
        name for name in others if others[name].ndim in (1, 2) and others[name].shape[:1] == arrays[inputs].shape[:1]
    ]
    unlike = [name for name in as_long if others[name].shape[1:] != arrays[inputs].shape[1:]]
    return _usual(LABELS, others) or next(iter(unlike or as_long), NO_LABELS)


def _chosen(choice: str | None, default: str, offered: Mapping[str, object]) -> str:
    if choice and choice not in offered:
        raise refused(
            f"There is no array {shown(choice)} in the file.", f"It has {several([*map(shown, offered)], 10)}."
        )
    return choice or default


def _pair(inputs: str, labels: str, arrays: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray | None]:
    """Inputs and their labels, one for each."""
    x, y = arrays[inputs], None if labels == NO_LABELS else arrays[labels]
    if x.dtype.kind in "US":
        raise refused(f"The array {shown(inputs)} holds texts; inputs are numbers.", "Choose another array as inputs.")
    if x.ndim == 0:
        raise refused(
            f"The array {shown(inputs)} is a single number, no list of samples.", "Choose another array as inputs."
        )
    if y is not None and y.shape[:1] != x.shape[:1]:
        raise refused(
            f"The array {shown(inputs)} has {len(x):,} samples, {shown(labels)} has "
            f"{len(y) if y.ndim else 1:,} labels; one for each sample is expected.",
            "Choose other arrays, or save them again so that their first axes are equally long.",
        )
    return x, y


def _test_of(name: str, arrays: Mapping[str, np.ndarray]) -> str:
    """The array that is called test where this one is called train; empty if there is none."""
    counterpart = name.replace("train", "test").replace("Train", "Test").replace("TRAIN", "TEST")
    return counterpart if counterpart != name and counterpart in arrays else ""


TEST_WORDS = re.compile(r"test|tst|te$|te[_\d]|val|eval|dev|held|holdout", re.IGNORECASE)
TRAIN_WORDS = re.compile(r"train|trn|tr$|tr[_\d]", re.IGNORECASE)
NOT_HELD_OUT = "none"


def _parts(
    inputs: str, labels: str, arrays: Mapping[str, np.ndarray], choices: Mapping[str, str]
) -> tuple[str, str, str, str]:
    """Inputs, labels, and the two that are held out (empty if none are): by names that say so, else asked.

    Raises:
        AskFirst: Two arrays of inputs lie side by side, and no name tells which of them the model was not trained on.
        Expected: What is said to be held out is none of them.
    """
    test, said = _test_of(inputs, arrays), choices.get("held_out", "")
    if test and not said:
        return inputs, labels, test, _test_of(labels, arrays)
    alike = [name for name in arrays if _are_alike(arrays[name], arrays[inputs]) and name != labels]
    with_labels = labels != NO_LABELS and len(alike) == 2
    beside = [name for name in arrays if with_labels and name not in alike and _are_alike(arrays[name], arrays[labels])]
    if len(beside) != 2:
        if said and said != NOT_HELD_OUT:
            raise refused("There are not two arrays of inputs with labels, so none can be held out.", "Take it back.")
        return inputs, labels, "", ""
    labels_of = dict(zip(alike, beside, strict=True))
    if any(len(arrays[name]) != len(arrays[its]) for name, its in labels_of.items()):
        labels_of = dict(zip(alike, reversed(beside), strict=True))
    if said:
        if said not in (*alike, NOT_HELD_OUT):
            raise refused(
                f"{shown(said)} is none of the arrays of inputs.", f"They are {several([*map(shown, alike)])}."
            )
        if said == NOT_HELD_OUT:
            return inputs, labels, "", ""
        held = said
    else:
        told = [name for name in alike if TEST_WORDS.search(name) and not TRAIN_WORDS.search(name)]
        if len(told) != 1:
            raise _ask_which(alike, arrays)
        held = told[0]
    (other,) = (name for name in alike if name != held)
    return other, labels_of[other], held, labels_of[held]


def _are_alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two arrays hold samples of one shape and kind."""
    return one.ndim == other.ndim and one.shape[1:] == other.shape[1:] and one.dtype.kind == other.dtype.kind


def _ask_which(alike: list[str], arrays: Mapping[str, np.ndarray]) -> AskFirst:
    """Samples that a model was trained on make it look better than it is, so this is not guessed."""
    told = " and ".join(f"{shown(name)} with {len(arrays[name]):,}" for name in alike)
    ask = Question(
        "held_out",
        f"Two arrays hold samples: {told}. Which of them did the model not see in training? It is held out for the score.",
        (*alike, NOT_HELD_OUT),
        (*alike, "Neither: divide the first anew"),
        likely=min(reversed(alike), key=lambda name: len(arrays[name])),
    )
    return AskFirst("npz", ask)


def _joined(first: np.ndarray, second: np.ndarray, name: str, counterpart: str) -> np.ndarray:
    """The training part with the test part after it."""
    import numpy as np

    if first.shape[1:] != second.shape[1:] or (first.dtype.kind in "US") != (second.dtype.kind in "US"):
        raise refused(
            f"{shown(name)} has samples of {sizes(first.shape[1:])}, {shown(counterpart)} of {sizes(second.shape[1:])}.",
            "Both parts must hold samples of the same shape and kind.",
        )
    return np.concatenate([first, second])
