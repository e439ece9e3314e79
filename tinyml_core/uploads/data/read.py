"""Divides brought data into a part that calibrates and trains, and one that is held out; says how in a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tinyml_core.domain.brought import CHOICES, DataFacts, Mismatch
from tinyml_core.domain.dataset import Arrays, pack
from tinyml_core.domain.outcome import Report
from tinyml_core.domain.splits import grouped_split, shuffled_split
from tinyml_core.uploads.archives import Archive, open_archive
from tinyml_core.uploads.data import images
from tinyml_core.uploads.data import sounds as data_sounds
from tinyml_core.uploads.data.arrays import MAGIC, is_npz, read_npy, read_npz
from tinyml_core.uploads.data.class_folders import LAYOUT, with_ending
from tinyml_core.uploads.data.cures import (
    SHAPE_CURES,
    VALUE_CURES,
    chain,
    compact,
    range_mismatches,
    resized_all,
    scaled,
)
from tinyml_core.uploads.data.given import AskFirst, Brought, Shape, Taker
from tinyml_core.uploads.data.labels import LABEL_CURES, ReadLabels, read_labels
from tinyml_core.uploads.data.resizing import chosen_resizing, question
from tinyml_core.uploads.data.tables import read_csv
from tinyml_core.uploads.refusal import counted, refused, shown, sizes

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


ZIP = (b"PK\x03\x04", b"PK\x05\x06")
MOST_CURES = 12

UNDERSTOOD: dict[str, tuple[str, ...]] = {
    "npz": ("inputs", "labels", "held_out", "classes", "resizing"),
    "npy": ("resizing",),
    "csv": ("labels", "inputs", "leave_out", "classes"),
    "images": ("classes", "resizing"),
    "sounds": ("classes",),
}
"""Which of the `CHOICES` do something, by the kind of data; any other is refused."""


def read_data(
    upload: bytes,
    taker: Taker,
    cures: Sequence[str],
    choices: Mapping[str, str],
    test_percent: int,
    seed: int,
    report: Report,
) -> tuple[DataFacts, dict[str, bytes]]:
    """What a file of data holds and where it does not fit a model; its arrays, once it does.

    Args:
        upload: The file.
        taker: The model, as far as its file says.
        cures: In the order in which they were chosen.
        choices: By what is chosen.
        test_percent: Share of the samples that is held out.
        seed: Of the split.
        report: Told what is being done.

    Returns:
        The facts, and `arrays` as `dataset.unpack` reads them unless something blocking is left.

    Raises:
        Expected: The file cannot be read or a cure does not fit it.
    """
    cures = tuple(cures)
    _check_cures(cures)
    report("reading the data")
    try:
        brought = _read(upload, taker, cures, choices, report)
    except AskFirst as asked:
        return _unread(asked), {}
    _check_choices(brought.kind, choices)
    report("comparing it with the model")
    how = chosen_resizing(choices)
    resizes = "resize" in cures and brought.kind != "images"
    if "resizing" in choices and not resizes and brought.kind != "images":
        raise refused("No picture is resized, so “Resizing” (--resizing) does nothing.", "Take it back.")
    x, x_scale = _cured(brought, taker, cures, how)
    labels = read_labels(brought, taker, cures, choices)
    own_shape = brought.shape or x.shape[1:]
    mismatches = brought.mismatches or _shape_mismatches(own_shape, taker.input_shape)
    mismatches += range_mismatches(x, x_scale, taker, cures) + labels.mismatches
    train, test, split = divide(len(x), labels, brought.held_out, test_percent, seed)
    facts = DataFacts(
        kind=brought.kind,
        samples=len(x),
        shape=own_shape,
        dtype=str(x.dtype),
        low=float(x.min()) * x_scale,
        high=float(x.max()) * x_scale,
        labels=labels.kind,
        samples_train=len(train),
        samples_test=len(test),
        split=split,
        classes=labels.classes,
        class_names=labels.class_names,
        mismatches=mismatches,
        choices=dict(brought.choices) if brought.choices else None,
        taken=dict(brought.taken) if brought.taken else None,
        notes=(*brought.notes, *labels.notes),
        own_split=divides_itself(brought.held_out),
        questions=(*brought.questions, *((question(how),) if resizes else ()), *labels.questions),
    )
    blocking = [one.blocking for one in mismatches] + [question.blocking for question in facts.questions]
    arrays = Arrays(x=x, y=labels.y, train=train, test=test, x_scale=x_scale)
    return facts, {"arrays": pack(arrays)} if not any(blocking) else {}


def _read(content: bytes, taker: Taker, cures: tuple[str, ...], choices: Mapping[str, str], report: Report) -> Brought:
    """The file, by what its first bytes say that it is."""
    if content.startswith(MAGIC):
        return Brought("npy", read_npy(content, "the array"), None, notes=("An .npy holds no labels.",))
    if not content.startswith(ZIP):
        return read_csv(content, taker, choices)
    archive = open_archive(content)
    if is_npz(archive.names):
        return read_npz(archive, choices)
    pictures, sounds = (_count(archive, reader.ENDINGS) for reader in (images, data_sounds))
    if not pictures and not sounds:
        raise refused("The zip holds neither arrays, nor pictures, nor WAV files.", LAYOUT)
    if sounds > pictures:
        return data_sounds.read_sounds(archive, taker, report)
    return images.read_images(archive, taker, "resize" in cures, choices, report)


def _count(archive: Archive, endings: tuple[str, ...]) -> int:
    return len(with_ending(archive.names, endings))


def _check_cures(cures: tuple[str, ...]) -> None:
    if len(cures) > MOST_CURES or len(set(cures)) < len(cures):
        raise refused("A cure was chosen twice, or too many of them.", "Begin again with none.")
    for cure in cures:
        if cure not in (*SHAPE_CURES, *VALUE_CURES, *LABEL_CURES):
            raise refused(
                f"There is no cure {shown(cure)}.",
                f"There are {', '.join((*SHAPE_CURES, *VALUE_CURES, *LABEL_CURES))}.",
            )


def _check_choices(kind: str, choices: Mapping[str, str]) -> None:
    for name in choices:
        if name not in CHOICES:
            raise refused(f"There is no choice {shown(name)}.", f"There are {', '.join(CHOICES)}.")
        if name not in UNDERSTOOD[kind]:
            told = ", ".join("--" + known.replace("_", "-") for known in UNDERSTOOD[kind]) or "none"
            raise refused(
                f"“{CHOICES[name].title}” (--{name.replace('_', '-')}) does nothing for data of the kind {kind}.",
                f"Take it back; what can be chosen there: {told}.",
            )


def _unread(asked: AskFirst) -> DataFacts:
    """Facts of data that are not read before something is answered."""
    return DataFacts(
        kind=asked.kind, samples=0, shape=(), dtype="", low=0.0, high=0.0, labels="none", samples_train=0, samples_test=0,
        split="", choices=dict(asked.choices) if asked.choices else None, taken=dict(asked.taken) if asked.taken else None,
        notes=asked.notes, questions=asked.questions,
    )  # fmt: skip


def _cured(brought: Brought, taker: Taker, cures: tuple[str, ...], how: str) -> tuple[np.ndarray, float]:
    """The samples after the cures of shape and values, in the order in which these were chosen."""
    x, x_scale = compact(brought.x), 1.0
    for cure in cures:
        if cure in VALUE_CURES:
            x, x_scale = scaled(x, x_scale, cure, taker)
        elif cure in SHAPE_CURES and not (cure == "resize" and brought.kind == "images"):  # done while reading
            shape = SHAPE_CURES[cure].becomes(x.shape[1:], taker.input_shape)
            if shape is None:
                raise refused(
                    f"“{SHAPE_CURES[cure].title}” does not fit samples of {sizes(x.shape[1:])} and a model that takes "
                    f"{sizes(taker.input_shape)}.",
                    "Take that cure back.",
                )
            x = resized_all(x, shape, how) if cure == "resize" else SHAPE_CURES[cure].apply(x, shape)
    return x, x_scale


def _shape_mismatches(shape: Shape, wanted: Shape) -> tuple[Mismatch, ...]:
    """The first of the cures that lead from the data's shape to the model's; the next appears when it is taken."""
    if shape == wanted:
        return ()
    text = f"A sample of the data is {sizes(shape)}, the model takes {sizes(wanted)}"
    cures = chain(shape, wanted)
    if cures is None:
        values = counted(math.prod(shape), "value"), counted(math.prod(wanted), "value")
        told = f": {values[0]} against {values[1]}" if values[0] != values[1] else ""
        return (Mismatch(f"{text}{told}. Nothing here turns one into the other; prepare the data as for training."),)
    after = f", then {', '.join(cure.title[0].lower() + cure.title[1:] for cure in cures[1:])}" if cures[1:] else ""
    return (Mismatch(f"{text}.", cures[0].name, f"{cures[0].title}{after}"),)
