"""Loads a data set in a worker, and says so where its fetched files are damaged."""

from __future__ import annotations

import tarfile
import zlib

from tinyml_core.call import Expected
from tinyml_core.dataset import Dataset, pack
from tinyml_core.outcome import Failure


def load(dataset: Dataset, folder: str | None) -> tuple[None, dict[str, bytes]]:
    """Load and split a data set; gives its arrays as one uncompressed `.npz`.

    Args:
        dataset: Which.
        folder: Where its fetched files lie; None where nothing is fetched.

    Raises:
        Expected: The fetched files cannot be read.
        FileNotFoundError: One is missing.
    """
    try:
        arrays = dataset.load(folder)
    except (EOFError, ValueError, OSError, zlib.error, tarfile.TarError) as error:
        if isinstance(error, FileNotFoundError) or not folder:
            raise
        raise Expected(_damaged(dataset.name, folder, error)) from error
    return None, {"arrays": pack(arrays)}


def _damaged(dataset: str, folder: str, error: Exception) -> Failure:
    return Failure(
        stage="loading the data set",
        reason=f"The files of {dataset} in {folder} cannot be read: {error}.",
        advice=f"Delete them and fetch them again: tinyml fetch {dataset}.",
    )
