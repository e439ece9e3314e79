"""The nouns of data: a data set, the files it is fetched from, and its arrays once it is loaded."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from tinyml_core.domain.brought import BroughtData

if TYPE_CHECKING:
    import numpy as np


class Task(StrEnum):
    """What a model answers with."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    ANOMALY = "anomaly detection"
    """It answers with a copy of its input; a poor copy means an unusual input."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """A loaded data set, split once and for all.

    Attributes:
        x: Raw inputs, `(samples, *input_shape)`, `uint8`, `int8` or `float32`.
        y: Labels `(samples,)` as `int64` (of an anomaly detector: 1 where the sample is anomalous, else 0), or targets
            `(samples, 1)` as `float32`.
        test: Indices into `x` of the held-out samples; never used for training or calibration.
        train: Indices of all others, in a fixed shuffled order; calibration takes the first ones.
        x_scale: The real value of an input is `x * x_scale`.
        groups: Number of the person or place that each sample comes from, `(samples,)` as `int64`; None where samples
            are held out one by one. No group has samples on both sides of the split.
    """

    x: np.ndarray
    y: np.ndarray
    train: np.ndarray
    test: np.ndarray
    x_scale: float
    groups: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A public file that is fetched once, on request, and kept under its name as it comes.

    `address` is where it is published, whole; `published_by` says who publishes its size and SHA-256. Where nobody
    publishes a SHA-256 it is None: the size alone is checked, and the SHA-256 of the first file that came is written
    down beside it.
    """

    name: str
    address: str
    size_bytes: int
    sha256: str | None
    published_by: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set: where it comes from, under which licence, and how to load it.

    Attributes:
        name: Its name in links and on the command line.
        task: Decides the score: accuracy, mean absolute error, or the area under the ROC curve.
        samples_test: Held-out samples; `anomalies_test` of them are anomalous, where anomalies are to be found.
        grouped_by: What one side of the split never shares with the other: `person`, `place`; empty if it is the sample
            itself. `groups_test` says how many of them are held out.
        class_names: What each label stands for, in order; empty where the number says it.
        kind_of_sample: `image`, `series` (time runs along the second last axis) or `number`.
        package, module: The distribution that ships the data and its top module; None where it is computed or fetched.
        package_files: Files of that package, relative to its top module, that hold the data; hashed into the fingerprint.
        answer_tolerance: For regression, how far two answers may lie apart (in target units) and still count as equal.
        load: Loads and splits it; runs in a worker. Takes the folder of fetched files (None for packaged data).
        fetched_files: What `tinyml fetch` must have brought; empty for packaged data.
        system_folder: Folder below `/usr/share/datasets` in which a Debian package, `system_package`, puts files of the
            same names and content; used where it is there, so that nothing need be fetched.
        brought: The card of data that somebody brought; None for a data set of the lab.
    """

    name: str
    title: str
    task: Task
    input_shape: tuple[int, ...]
    classes: int | None
    samples_train: int
    samples_test: int
    split: str
    licence: str
    source: str
    source_url: str
    load: Callable[[str | None], Arrays]
    anomalies_test: int | None = None
    grouped_by: str = ""
    groups_test: int | None = None
    class_names: tuple[str, ...] = ()
    kind_of_sample: Literal["image", "series", "number"] = "image"
    package: str | None = None
    module: str | None = None
    package_files: tuple[str, ...] = ()
    answer_tolerance: float | None = None
    fetched_files: tuple[FetchedFile, ...] = ()
    system_folder: str | None = None
    system_package: str = ""
    brought: BroughtData | None = field(default=None, hash=False)

    @property
    def labelled(self) -> bool:
        """True if it says what each sample is, so that answers can be scored."""
        return self.brought is None or self.brought.facts.labels != "none"


_unpacked: dict[int, tuple[bytes, Arrays]] = {}
"""By address; the bytes are held too, so that no other bytes can come to lie there."""


def pack(arrays: Arrays) -> bytes:
    """Arrays as one uncompressed `.npz`; `unpack` reads them."""
    import numpy as np

    packed = io.BytesIO()
    parts = {"x": arrays.x, "y": arrays.y, "train": arrays.train, "test": arrays.test}
    if arrays.groups is not None:
        parts["groups"] = arrays.groups
    np.savez(packed, allow_pickle=False, x_scale=arrays.x_scale, **parts)
    return packed.getvalue()


def unpack(content: bytes) -> Arrays:
    """The arrays of a packed data set; the last one stays unpacked while its bytes stay the same object."""
    import numpy as np

    if id(content) not in _unpacked or len(content) == 0:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = Arrays(
                **{name: stored[name] for name in ("x", "y", "train", "test")},
                x_scale=float(stored["x_scale"]),
                groups=stored["groups"] if "groups" in stored.files else None,
            )
        _unpacked.clear()
        _unpacked[id(content)] = (content, arrays)
    return _unpacked[id(content)][1]
