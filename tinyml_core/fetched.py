"""What lies on this computer of the files that are fetched on request, and what has still to be done before a model is ready."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from tinyml_core.dataset import Dataset, FetchedFile
from tinyml_core.metrics import format_bytes
from tinyml_core.model import Model
from tinyml_core.outcome import Failure

SYSTEM_FOLDER = Path("/usr/share/datasets")
"""Where Debian's packages put data sets; `TINYML_SYSTEM_DATASETS` names another folder."""


def data_folder() -> Path:
    """What a person fetched or trained: `TINYML_DATA`, or a folder in the user's data."""
    return Path(os.environ.get("TINYML_DATA") or platformdirs.user_data_path("tinyml-lab"))


def fetched_folder(dataset: Dataset) -> Path:
    """Where the files of a data set lie, or would lie once fetched."""
    if dataset.system_folder:
        system = Path(os.environ.get("TINYML_SYSTEM_DATASETS") or SYSTEM_FOLDER) / dataset.system_folder
        if all((system / file.name).is_file() for file in dataset.fetched_files):
            return system
    return data_folder() / "datasets" / dataset.name


def base_weights_folder() -> Path:
    """Where weights that models start from lie; models share them."""
    return data_folder() / "base_weights"


def is_present(dataset: Dataset) -> bool:
    """True if the data set is packaged, computed, or has been fetched."""
    folder = fetched_folder(dataset)
    return all((folder / file.name).is_file() for file in dataset.fetched_files)


def has_base_weights(model: Model) -> bool:
    """True if the model starts from nothing, or what it starts from has been fetched."""
    return model.base_weights is None or (base_weights_folder() / model.base_weights.name).is_file()


def trained_folder(model: Model) -> Path:
    """Where a model's weights, its float32 file and its training record lie: beside its file, or in the user's data."""
    return data_folder() / "models" if model.trained_by_user else Path(__file__).parent / "models"


def weights_path(model: Model) -> Path:
    """Where the trained weights lie, or would lie."""
    return trained_folder(model) / f"{model.name}.npz"


def is_trained(model: Model) -> bool:
    """True unless the model waits for being trained on this computer."""
    return not model.trained_by_user or weights_path(model).is_file()


def missing_files(model: Model | None, dataset: Dataset | None) -> tuple[FetchedFile, ...]:
    """What has to be fetched before a model can be used on a data set."""
    files = () if dataset is None or is_present(dataset) else dataset.fetched_files
    weights = () if model is None or model.base_weights is None or has_base_weights(model) else (model.base_weights,)
    return (*files, *weights)


def size_words(files: Sequence[FetchedFile]) -> str:
    """The size of some files together: `218 MB`; MB are 1024 x 1024 bytes, as in every other place."""
    return format_bytes(sum(file.size_bytes for file in files))


def state_words(model: Model, dataset: Dataset | None = None) -> str:
    """What a person has to do before the model can be used: `needs a download of 218 MB`; empty if it is ready."""
    files = missing_files(model, dataset)
    if files:
        return f"needs a download of {size_words(files)}"
    return "" if is_trained(model) else "needs to be trained here"


def not_fetched(dataset: Dataset) -> Failure | None:
    """Why a data set cannot be used yet, and what to do; None if it can."""
    if is_present(dataset):
        return None
    what = f"The data set {dataset.title}"
    return _absent("loading the data set", what, dataset.name, dataset.fetched_files, without_internet(dataset))


def without_internet(member: Dataset | Model) -> str:
    """How to come by a data set without fetching it, in one sentence; empty if there is no other way."""
    if isinstance(member, Model) or not member.system_package:
        return ""
    return (
        f"Or install the Debian package {member.system_package}, which holds the same files; then nothing is fetched."
    )


def _absent(stage: str, what: str, name: str, files: Sequence[FetchedFile], otherwise: str = "") -> Failure:
    advice = f"Fetch it once, with internet: tinyml fetch {name} ({size_words(files)}), or the button on the page."
    return Failure(stage, f"{what} is not on this computer yet.", f"{advice} {otherwise}".rstrip())


def not_ready(model: Model, dataset: Dataset | None) -> Failure | None:
    """Why a model cannot be used on a data set yet, and what to do; None if it can."""
    files = missing_files(model, dataset)
    if files:
        absent = dataset is not None and not is_present(dataset)
        what = f"The data set {dataset.title}" if absent and dataset else f"What the model {model.title} starts from"
        name = dataset.name if absent and dataset and has_base_weights(model) else model.name
        otherwise = without_internet(dataset) if absent and dataset else ""
        return _absent("loading the data set" if absent else "loading the model", what, name, files, otherwise)
    if not is_trained(model):
        return Failure(
            stage="loading the model",
            reason=f"The model {model.title} has not been trained on this computer yet, and no trained weights come with it.",
            advice=f"Train it once: tinyml train {model.name}, or the button on the page.",
        )
    return None
