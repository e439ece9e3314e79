"""A file that need not be made: a zoo model's float32 `.tflite`, kept beside its weights."""

from __future__ import annotations

from pathlib import Path

from tinyml_core import fingerprint
from tinyml_core.call import Blob
from tinyml_core.fetched import trained_folder
from tinyml_core.identity import weights_digest
from tinyml_core.model import Model
from tinyml_core.model_card import training_record

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
