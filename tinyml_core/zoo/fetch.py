"""What lies on this computer of the files that are fetched on request, and what has still to be done before a model is ready."""

from __future__ import annotations

import os
import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import platformdirs

from tinyml_core.domain.dataset import Dataset, FetchedFile, pack
from tinyml_core.domain.metrics import format_bytes
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure, Report
from tinyml_core.engine.call import Expected
from tinyml_core.zoo.download import download

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
        reason = (
            f"The model {model.title} has not been trained on this computer yet, and no trained weights come with it."
        )
        return Failure(
            "loading the model", reason, f"Train it once: tinyml train {model.name}, or the button on the page."
        )
    return None


def fetch(
    member: Dataset | Model, report: Report, mirror: str | None = None, wait_s: float = 2.0
) -> tuple[Path, ...] | Failure:
    """Bring the files of a data set, or the weights that a model starts from; what is there is not fetched again.

    Args:
        member: Whose files.
        report: Takes what is being done, in words.
        mirror: Another address that serves files of the same names, for a school or a company; `TINYML_MIRROR` if None.
            They are checked all the same.
        wait_s: Before the second try of a download that broke.

    Returns:
        Paths of the files, or why one could not be fetched.
    """
    mirror = mirror or os.environ.get("TINYML_MIRROR")
    paths = []
    for file, folder in wanted(member):
        address = f"{mirror.rstrip('/')}/{file.name}" if mirror else None
        failure = download(file, folder, report, address, wait_s)
        if failure is not None:
            return replace(failure, advice=f"{failure.advice} {without_internet(member)}".rstrip())
        paths.append(folder / file.name)
    return tuple(paths)


def wanted(member: Dataset | Model) -> list[tuple[FetchedFile, Path]]:
    """What has to be on this computer and in which folder it is kept; nothing where a system package has it."""
    if isinstance(member, Model):
        return [(member.base_weights, base_weights_folder())] if member.base_weights else []
    folder, absent = data_folder() / "datasets" / member.name, not is_present(member)
    return [(file, folder) for file in member.fetched_files if absent or (folder / file.name).is_file()]


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
        reason = f"The files of {dataset.name} in {folder} cannot be read: {error}."
        advice = f"Delete them and fetch them again: tinyml fetch {dataset.name}."
        raise Expected(Failure("loading the data set", reason, advice)) from error
    return None, {"arrays": pack(arrays)}
