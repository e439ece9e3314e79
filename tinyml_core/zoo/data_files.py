"""Reads images that a package ships as a compressed table: one row an image, its pixels and then its label."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tinyml_core.domain.dataset import Arrays, FetchedFile
from tinyml_core.domain.splits import shuffled_split

if TYPE_CHECKING:
    import numpy as np


def read_images(module: str, path: str, side: int, white: int, test_samples: int) -> Arrays:
    """Square grey images and their labels; some held out at random with a fixed seed, every class in its share.

    NumPy reads the same numbers as the packages' own loaders, which take a second or more, most of it to import the package.
    `path` is the file's inside the package `module`, `white` the value of a white pixel.
    """
    import gzip

    import numpy as np

    from tinyml_core.engine.fingerprint import package_file

    with gzip.open(package_file(module, path), "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    x, y = table[:, :-1].reshape(-1, side, side, 1), table[:, -1].astype(np.int64)
    train, test = shuffled_split(y, test_samples, seed=1)
    return Arrays(x=x, y=y, train=train, test=test, x_scale=1 / white)


# ---- Reads the IDX files in which MNIST and Fashion-MNIST are published, compressed as they come -------------------

IMAGES_HEADER_BYTES, LABELS_HEADER_BYTES = 16, 8
"""Big-endian words: a magic number and one size a dimension."""


def read_official_split(folder: Path, train_x: str, train_y: str, test_x: str, test_y: str) -> Arrays:
    """Images of 28x28 grey pixels and their labels in four files of a folder, held out as their publishers say."""
    import gzip

    import numpy as np

    def content(name: str, header_bytes: int) -> np.ndarray:
        with gzip.open(folder / name) as file:
            return np.frombuffer(file.read(), dtype=np.uint8, offset=header_bytes)

    images = [content(name, IMAGES_HEADER_BYTES).reshape(-1, 28, 28, 1) for name in (train_x, test_x)]
    labels = [content(name, LABELS_HEADER_BYTES).astype(np.int64) for name in (train_y, test_y)]
    samples = len(labels[0]), len(labels[0]) + len(labels[1])
    return Arrays(
        x=np.concatenate(images),
        y=np.concatenate(labels),
        train=np.random.RandomState(1).permutation(samples[0]),
        test=np.arange(*samples),
        x_scale=1 / 255,
    )


def four_files(base: str, published: dict[str, tuple[int, str]], published_by: str) -> tuple[FetchedFile, ...]:
    """The four files by name, each with its size in bytes and its SHA-256."""
    return tuple(
        FetchedFile(name, f"{base}{name}", size, sha256, published_by) for name, (size, sha256) in published.items()
    )


PACKAGE_FILE = "data/watch_dataset.npy"

EXERCISES = (
    "pendulum", "abduction", "forward elevation", "internal rotation", "external rotation", "trapezius extension",
    "upright row",
)  # fmt: skip
"""In the order of the labels; the file's own names are PEN, ABD, FEL, IR, ER, TRAP and ROW."""

HELD_OUT_PERSONS = (8, 9, 10)
"""The last three of ten, fixed before any model was trained."""

SAMPLES = 100
"""A window of two seconds at 50 Hz."""

FULL_SCALE_G = 4.0
FULL_SCALE_DEGREES_PER_S = 500.0
"""What a motion sensor is usually set to. One value in 1,000 lies beyond, and is clipped as that sensor would clip it."""


def windows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All windows of all recordings.

    Windows of persons to train on begin every 50 samples and so overlap by half; those of held-out persons do not overlap,
    because a sample that is counted twice is no second witness.

    Returns:
        `(x, exercise, person)`: `(windows, 1, 100, 6)` float32 from -1 to 1 (three axes of acceleration, then three of
        rotation, 1 being full scale), label `(windows,)` and number of the person `(windows,)`, both int64.
    """
    import numpy as np

    from tinyml_core.engine.fingerprint import package_file

    # Only the package's own file may be read so: unpickling runs code.
    stored = np.load(package_file("seglearn", PACKAGE_FILE), allow_pickle=True).item()
    full_scale = np.array([FULL_SCALE_G] * 3 + [np.deg2rad(FULL_SCALE_DEGREES_PER_S)] * 3)
    cut, exercise, person = [], [], []
    for recording, label, who in zip(stored["X"], stored["y"], stored["subject"], strict=True):
        scaled = np.clip(recording / full_scale, -1, 1).astype(np.float32)
        step = SAMPLES if who in HELD_OUT_PERSONS else SAMPLES // 2
        for start in range(0, len(scaled) - SAMPLES + 1, step):
            cut.append(scaled[start : start + SAMPLES])
            exercise.append(label)
            person.append(who)
    return np.stack(cut)[:, None], np.array(exercise, dtype=np.int64), np.array(person, dtype=np.int64)
