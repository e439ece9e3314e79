"""Reads images that a package ships as a compressed table: one row an image, its pixels and then its label."""

from __future__ import annotations

from tinyml_core.dataset import Arrays
from tinyml_core.splits import shuffled_split


def read_images(module: str, path: str, side: int, white: int, test_samples: int) -> Arrays:
    """Square grey images and their labels; some held out at random with a fixed seed, every class in its share.

    NumPy reads the same numbers as the packages' own loaders, which take a second or more, most of it to import the package.

    Args:
        module: The package's name in Python.
        path: Of the file, inside the package.
        side: Pixels along one side.
        white: The value of a white pixel.
        test_samples: How many images are held out.
    """
    import gzip

    import numpy as np

    from tinyml_core.fingerprint import package_file

    with gzip.open(package_file(module, path), "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    x, y = table[:, :-1].reshape(-1, side, side, 1), table[:, -1].astype(np.int64)
    train, test = shuffled_split(y, test_samples, seed=1)
    return Arrays(x=x, y=y, train=train, test=test, x_scale=1 / white)
