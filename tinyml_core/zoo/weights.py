"""A file that need not be made: a zoo model's float32 `.tflite`, kept beside its weights."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tinyml_core.domain.model import Model
from tinyml_core.engine import fingerprint
from tinyml_core.engine.call import Blob
from tinyml_core.engine.environment import environment
from tinyml_core.engine.store import write_whole
from tinyml_core.zoo.fetch import trained_folder, weights_path
from tinyml_core.zoo.identity import weights_digest

CONVERTER = ("tensorflow", "tf_keras")


def converter_versions() -> dict[str, str]:
    """The libraries that wrote, or would write, the file."""
    return {name: fingerprint.version(name) for name in CONVERTER}


def kept_float32(model: Model) -> Blob | None:
    """The file, if it is what the float32 technique would give: of these weights, by these versions of the converter.

    It may be of another processor, where the last digits differ. It is compared with its own record, never with a new conversion.
    """
    record, path = training_record(model), float32_path(model)
    if record is None or not path.is_file() or record.get("converter") != converter_versions():
        return None
    blob = Blob(str(record.get("tflite_sha256")), path=str(path))
    same_weights = record["weights_sha256"] == weights_digest(model)
    return blob if same_weights and fingerprint.file_digest(path) == blob.sha256 else None


def float32_path(model: Model) -> Path:
    """Where it lies."""
    return trained_folder(model) / f"{model.name}.tflite"


# ---- The training record, which lies beside the weights ------------------------------------------------------------


@lru_cache(maxsize=64)
def _read(path: Path, changed_ns: int) -> dict[str, Any] | None:
    """The record as it was changed last; training on this computer may change it meanwhile."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        found: dict[str, Any] = json.loads(path.read_text())
        return found
    return None


def training_record(model: Model) -> dict[str, Any] | None:
    """How the stored weights were made and how well they did, or None if the model was not trained yet.

    Keys: `score`, `low`, `high`, `metric`, `samples`, `dataset`, `epochs`, `batch_size`, `learning_rate`, `seed`,
    `weights_sha256`, `environment`.
    """
    path = record_path(model)
    with contextlib.suppress(FileNotFoundError):
        return _read(path, path.stat().st_mtime_ns)
    return None


def record_path(model: Model) -> Path:
    """Where it lies."""
    return trained_folder(model) / f"{model.name}.json"


READABLE = 0o644
"""As other files of a checkout."""


def new_record(facts: Mapping[str, Any], weights: bytes, float32: bytes) -> dict[str, Any]:
    """The training record: score and recipe, the content of both files, and on what they were made."""
    return {
        **facts,
        "weights_sha256": fingerprint.sha256(weights),
        "environment": environment(),
        "tflite_sha256": fingerprint.sha256(float32),
        "converter": converter_versions(),
    }


def keep_trained(model: Model, record: Mapping[str, Any], weights: bytes, float32: bytes) -> None:
    """Write the three files; each appears whole, the weights last, because they say that the model is trained.

    Raises:
        OSError: The folder cannot be written.
    """
    write_whole(record_path(model), (json.dumps(record, indent=1) + "\n").encode(), READABLE)
    write_whole(float32_path(model), float32, READABLE)
    write_whole(weights_path(model), weights, READABLE)
