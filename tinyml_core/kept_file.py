"""Files that need not be made: a zoo model's float32 `.tflite`, kept beside its weights, and all that was made of an upload."""

from __future__ import annotations

from pathlib import Path

from tinyml_core import fingerprint
from tinyml_core.call import Answer, Blob, Reply
from tinyml_core.dataset import Dataset
from tinyml_core.fetched import trained_folder
from tinyml_core.model import Model
from tinyml_core.model_card import training_record
from tinyml_core.outcome import Failure
from tinyml_core.uploads.shelf import Shelf

CONVERTER = ("tensorflow", "tf_keras")


def converter_versions() -> dict[str, str]:
    """The libraries that wrote, or would write, the file."""
    return {name: fingerprint.version(name) for name in CONVERTER}


def kept_float32(model: Model) -> Blob | None:
    """The file, if it is what the float32 technique would give: of these weights, by these versions of the converter.

    It may be of another processor, where the last digits differ. It is compared with its own record, never with a new conversion.
    """
    if model.brought is not None:
        return Shelf().blob(model.brought, "tflite") if model.brought.quantizable else None
    record, path = training_record(model), float32_path(model)
    if record is None or not path.is_file() or record.get("converter") != converter_versions():
        return None
    blob = Blob(str(record.get("tflite_sha256")), path=str(path))
    same_weights = record["weights_sha256"] == fingerprint.of_model(model)["weights"]
    return blob if same_weights and fingerprint.file_digest(path) == blob.sha256 else None


def brought_file(member: Model | Dataset, name: str) -> Reply:
    """What was made of a model or of data when they were brought: `tflite`, `saved_model`, `weights`, `arrays`."""
    card = member.brought
    assert card is not None, f"{member.name} is the lab's own"
    blob = Shelf().blob(card, name)
    if blob is not None:
        return Answer({}, {name: blob})
    return Failure("opening what was brought", f"{card.title} is no longer here.", "Bring it again.")


def float32_path(model: Model) -> Path:
    """Where it lies."""
    return trained_folder(model) / f"{model.name}.tflite"
