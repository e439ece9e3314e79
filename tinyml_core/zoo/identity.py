"""What identifies a data set or a model: the code that loads or builds it, and the files it is made of."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import cattrs

from tinyml_core.domain.brought import BroughtData, BroughtModel
from tinyml_core.domain.dataset import Dataset
from tinyml_core.domain.model import Model
from tinyml_core.engine import fingerprint
from tinyml_core.zoo.fetch import weights_path

MODEL_READERS = ("tinyml_core.uploads.reading", "tinyml_core.uploads.library", "tinyml_core.uploads.keras.legacy")
DATA_READERS = ("tinyml_core.uploads.data.read", "tinyml_core.uploads.library")
"""What makes of an upload what the lab knows; named, not imported."""


def of_dataset(dataset: Dataset) -> dict[str, Any]:
    """What identifies a data set's content: its own file and what that imports, package version and file hashes.

    Files that were fetched are identified by the hashes that `fetch` has checked them against.
    """
    if dataset.brought is not None:
        return _of_brought(dataset.brought, DATA_READERS)
    package_files = {
        file: fingerprint.file_digest(fingerprint.package_file(dataset.module, file))
        for file in dataset.package_files
        if dataset.module
    }
    return {
        "name": dataset.name,
        "source": fingerprint.sources(fingerprint.module_of(dataset.load)),
        "package": fingerprint.version(dataset.package) if dataset.package else None,
        "numpy": fingerprint.version("numpy"),
        "pillow": fingerprint.version("pillow"),  # decodes and resizes photographs
        "files": package_files | {file.name: file.sha256 for file in dataset.fetched_files},
    }


def of_model(model: Model) -> dict[str, Any]:
    """What identifies a model's content: its own file and what that imports, and its trained weights.

    `tinyml train` may change the weights while the lab runs.
    """
    if model.brought is not None:
        return _of_brought(model.brought, MODEL_READERS)
    source = fingerprint.sources(fingerprint.module_of(model.build))
    return {"name": model.name, "source": source, "weights": weights_digest(model)}


def weights_digest(model: Model) -> str | None:
    """The SHA-256 of the trained weights of a model of the zoo; None where there are none."""
    path = weights_path(model)
    return _digest_at(path, path.stat().st_mtime_ns) if path.is_file() else None


def _of_brought(card: BroughtModel | BroughtData, readers: tuple[str, ...]) -> dict[str, Any]:
    """What identifies something brought: its name is a hash of its content, its card what was read of it."""
    card_digest = fingerprint.of(cattrs.unstructure(card))
    return {"name": card.name, "card": card_digest, "source": fingerprint.sources(*readers)}


@lru_cache(maxsize=64)
def _digest_at(path: Path, changed_ns: int) -> str:
    """The SHA-256 of a file as it was changed last."""
    return fingerprint.sha256(path.read_bytes())
