"""Fingerprints: a hash over everything that can change an outcome, computed without importing what is hashed."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import platform
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import cattrs

from tinyml_core.dataset import Dataset
from tinyml_core.fetched import weights_path
from tinyml_core.model import Model
from tinyml_core.uploads.card import BroughtData, BroughtModel

CORE = Path(__file__).parent
DATA_SOURCES = ("splits.py", "watch.py", "idx_files.py", "csv_images.py")
"""What the files of data sets share."""
MODEL_SOURCES = ("mobilenet_v2.py",)
"""What the files of models share."""


def sha256(data: bytes) -> str:
    """The hexadecimal SHA-256 of some bytes: their content address."""
    return hashlib.sha256(data).hexdigest()


def of(value: Any) -> str:
    """The fingerprint of a JSON-able value; the order of keys does not matter."""
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


def package_file(module: str, file: str) -> Path:
    """A data file inside an installed package, found without importing the package.

    Raises:
        FileNotFoundError: The package is not installed or lacks the file.
    """
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {module} is not installed")
    path = Path(next(iter(spec.submodule_search_locations))) / file
    if not path.is_file():
        raise FileNotFoundError(f"the package {module} lacks its file {file}")
    return path


@cache
def version(package: str) -> str:
    """The installed version of a distribution, or `absent`."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


@cache
def file_digest(path: Path) -> str:
    """The SHA-256 of a file; read once in the life of this process."""
    return sha256(path.read_bytes())


@cache
def sources(*patterns: str) -> str:
    """One digest of the core's own source files that match, relative to `tinyml_core/`."""
    paths = sorted({path for pattern in patterns for path in CORE.glob(pattern)})
    if not paths:
        raise FileNotFoundError(f"no source file matches {patterns}")
    return of([[str(path.relative_to(CORE)), file_digest(path)] for path in paths])


@cache
def libraries(*packages: str) -> dict[str, str]:
    """Versions of libraries, of Python and of the kind of machine, as far as they can change bytes or scores.

    Not the processor, which can change last digits only: machines that share a store need not all do the same work.
    """
    return {
        **{package: version(package) for package in packages},
        "python": ".".join(platform.python_version_tuple()[:2]),
        "machine": f"{platform.system()} {platform.machine()}",
    }


def of_dataset(dataset: Dataset, fetched: Path | None = None) -> dict[str, Any]:
    """What identifies a data set's content: its loader's source, package version and file hashes.

    Files that were fetched are identified by the hashes that `fetch` has checked them against.
    """
    if dataset.brought is not None:
        return _of_brought(dataset.brought)
    files = {file: file_digest(package_file(dataset.module, file)) for file in dataset.package_files if dataset.module}
    return {
        "name": dataset.name,
        "source": sources(f"datasets/{dataset.name}.py", *DATA_SOURCES),
        "package": version(dataset.package) if dataset.package else None,
        "numpy": version("numpy"),
        "pillow": version("pillow"),  # decodes and resizes photographs
        "files": files | {file.name: file.sha256 for file in dataset.fetched_files},
    }


def of_model(model: Model) -> dict[str, Any]:
    """What identifies a model's content: its file and its trained weights, which `tinyml train` may change meanwhile."""
    if model.brought is not None:
        return _of_brought(model.brought)
    weights = weights_path(model)
    stamp = weights.stat().st_mtime_ns if weights.is_file() else None
    return {
        "name": model.name,
        "source": sources(f"models/{model.name}.py", *MODEL_SOURCES),
        "weights": None if stamp is None else _digest_at(weights, stamp),
    }


def _of_brought(card: BroughtModel | BroughtData) -> dict[str, Any]:
    """What identifies something brought: its name is a hash of its content, its card what was read of it."""
    return {"name": card.name, "card": of(cattrs.unstructure(card)), "source": sources("uploads/*.py")}


@lru_cache(maxsize=64)
def _digest_at(path: Path, changed_ns: int) -> str:
    """The SHA-256 of a file as it was changed last."""
    return sha256(path.read_bytes())
