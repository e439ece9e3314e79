"""Reads the IDX files in which MNIST and Fashion-MNIST are published, compressed as they come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tinyml_core.dataset import Arrays, FetchedFile

if TYPE_CHECKING:
    import numpy as np

IMAGES_HEADER_BYTES, LABELS_HEADER_BYTES = 16, 8
"""Big-endian words: a magic number and one size a dimension."""


def read_official_split(folder: Path, train_x: str, train_y: str, test_x: str, test_y: str) -> Arrays:
    """Images of 28x28 grey pixels and their labels, held out as their publishers say.

    Args:
        folder: Where the four files lie.
        train_x: Name of the file of training images.
        train_y: Name of the file of their labels.
        test_x: Name of the file of held-out images.
        test_y: Name of the file of their labels.
    """
    import numpy as np

    images = [_content(folder / name, IMAGES_HEADER_BYTES).reshape(-1, 28, 28, 1) for name in (train_x, test_x)]
    labels = [_content(folder / name, LABELS_HEADER_BYTES).astype(np.int64) for name in (train_y, test_y)]
    samples = len(labels[0]), len(labels[0]) + len(labels[1])
    return Arrays(
        x=np.concatenate(images),
        y=np.concatenate(labels),
        train=np.random.RandomState(1).permutation(samples[0]),
        test=np.arange(*samples),
        x_scale=1 / 255,
    )


def _content(path: Path, header_bytes: int) -> np.ndarray:
    import gzip

    import numpy as np

    with gzip.open(path) as file:
        return np.frombuffer(file.read(), dtype=np.uint8, offset=header_bytes)


def four_files(base: str, published: dict[str, tuple[int, str]], published_by: str) -> tuple[FetchedFile, ...]:
    """The four files by name, each with its size in bytes and its SHA-256."""
    return tuple(
        FetchedFile(name, f"{base}{name}", size, sha256, published_by) for name, (size, sha256) in published.items()
    )
