"""Brings models and data in: asks isolated workers to read them, and puts what they made of them in the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import cattrs

from tinyml_core.domain.brought import DATA_PREFIX, MODEL_PREFIX, BroughtData, BroughtModel, DataFacts, ModelFacts
from tinyml_core.domain.dataset import Task
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Answer, Blob
from tinyml_core.engine.desk import Desk
from tinyml_core.pipeline import steps
from tinyml_core.pipeline.graph import Asker, Need, Want
from tinyml_core.uploads.archives import LARGEST_BYTES
from tinyml_core.uploads.library import Library, named

Facts = TypeVar("Facts", ModelFacts, DataFacts)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody brought it; nothing of it has been looked at.

    Attributes:
        name: The file's name as it was given: only ever shown.
    """

    name: str
    content: Blob
    size_bytes: int

    @property
    def is_tflite(self) -> bool:
        """True if it bears a .tflite's mark; decides which workers read it, and nothing else."""
        return (self.content.data or b"")[4:8] == b"TFL3"

    @property
    def title(self) -> str:
        """The file's name, short and harmless enough to stand anywhere on a page."""
        last = self.name.replace("\\", "/").rsplit("/", 1)[-1]
        return "".join(char for char in last if char.isprintable() and char not in "<>`*[]|$")[:48] or "a file"


@dataclass(frozen=True, slots=True)
class Read(Generic[Facts]):
    """What an isolated worker made of an upload."""

    upload: Upload
    facts: Facts
    blobs: Mapping[str, Blob]


@dataclass(frozen=True, slots=True)
class DataChoices:
    """What a person chose about data.

    Attributes:
        cures: Names of the cures for what did not fit, in the order in which they were chosen.
        choices: Which array or column holds the inputs and which the labels, by `inputs` and `labels`.
        test_percent: Share of the samples that is held out, where the file does not divide them itself.
    """

    cures: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    test_percent: int = 30
    seed: int = 1


def upload_of(name: str, content: bytes) -> Upload | Failure:
    """A file as an upload; a Failure if it is empty or too large."""
    if not content:
        return Failure("reading the file", f"{name} is empty.", "Choose another file.", lasting=True)
    if len(content) > LARGEST_BYTES:
        return Failure(
            "reading the file",
            f"{name} has {len(content) / 1024**2:.0f} MB; files are read up to {LARGEST_BYTES / 1024**2:.0f} MB.",
            "Bring a smaller model, or fewer samples.",
            lasting=True,
        )
    blob = Blob.of(content)
    return Upload(name, replace(blob, origin=MODEL_PREFIX + blob.sha256[:16]), len(content))


def model_want(upload: Upload, input_shape: Sequence[int] | None = None) -> Want[Read[ModelFacts] | Failure]:
    """What a model's file holds. Without an answer to `open_shape` nothing is made of it yet.

    Isolated workers read it: the bytes say whose they are.
    """
    return Want(
        steps.READ_TFLITE if upload.is_tflite else steps.READ_MODEL,
        "the model that was brought",
        given={"input_shape": None if input_shape is None else list(input_shape)},
        needs={"upload": Need(upload.content, "upload")},
        also={"file_name": upload.name},
        read=lambda answer: _read(answer, upload, ModelFacts),
    )


def ask_model(
    desk: Desk, upload: Upload, input_shape: Sequence[int] | None = None, asker: str = ""
) -> Future[Read[ModelFacts] | Failure]:
    """Ask what a model's file holds; returns at once."""
    return Asker(desk, asker).answer(model_want(upload, input_shape))


def data_want(
    upload: Upload, model: ModelFacts, input_shape: Sequence[int], chosen: DataChoices
) -> Want[Read[DataFacts] | Failure]:
    """What a file of data holds, and how it fits a model; asked again with cures for what does not."""
    taker = {
        "input_shape": list(input_shape),
        "input_dtype": model.inputs[0].dtype,
        "outputs": model.output_values,
        "last_activation": model.last_activation,
        "low": model.inputs[0].low,
        "high": model.inputs[0].high,
    }
    return Want(
        steps.READ_DATA,
        "the data that were brought",
        given={"taker": taker, **_chosen(chosen)},
        needs={"upload": Need(upload.content, "upload")},
        read=lambda answer: _read(answer, upload, DataFacts),
    )


def ask_data(
    desk: Desk, upload: Upload, model: ModelFacts, input_shape: Sequence[int], chosen: DataChoices, asker: str = ""
) -> Future[Read[DataFacts] | Failure]:
    """Ask what a file of data holds, and how it fits a model; returns at once."""
    return Asker(desk, asker).answer(data_want(upload, model, input_shape, chosen))


def _chosen(chosen: DataChoices) -> dict[str, Any]:
    return {
        "cures": list(chosen.cures),
        "choices": dict(chosen.choices),
        "test_percent": chosen.test_percent,
        "seed": chosen.seed,
    }


def _data_identity(
    upload: Upload, model: ModelFacts, input_shape: Sequence[int], chosen: DataChoices
) -> dict[str, Any]:
    """What the name of brought data is a hash of: it stands in links, so it must not change."""
    return {
        "file_name": "",
        "sha256": upload.content.sha256,
        "input_shape": list(input_shape),
        "input_dtype": model.inputs[0].dtype,
        "input_low": model.inputs[0].low,
        "input_high": model.inputs[0].high,
        "outputs": model.output_values,
        "last_activation": model.last_activation,
        **_chosen(chosen),
    }


def _read(answer: Answer, upload: Upload, kind: type[Facts]) -> Read[Facts] | Failure:
    try:
        return Read(upload, cattrs.structure(answer.body, kind), answer.blobs)
    except (cattrs.BaseValidationError, TypeError, ValueError, KeyError) as error:
        # A worker that was taken over by a hostile file can answer anything.
        return Failure(
            "reading the file", "What was read of it was not understood.", "Bring another file.", detail=str(error)
        )


def keep(
    library: Library,
    model: Read[ModelFacts],
    input_shape: Sequence[int],
    data: Read[DataFacts] | None = None,
    chosen: DataChoices | None = None,
) -> BroughtModel:
    """Put a model, and the data it is measured on, in the library; the same things brought again get the same name.

    Args:
        library: Where to.
        model: As it was read, with its files.
        input_shape: Of one sample, complete.
        data: As they were read for this model; None without.
        chosen: What was chosen about the data.

    Raises:
        OSError: The disk is full, or the folder cannot be written.
    """
    task = _task(model.facts, data.facts if data else None)
    data_name = ""
    if data is not None:
        data_name = named(DATA_PREFIX, _data_identity(data.upload, model.facts, input_shape, chosen or DataChoices()))
        arrays = {"arrays": data.blobs["arrays"]}
        brought_data = BroughtData(
            data_name, data.upload.title, data.facts, str(task), data.upload.content.sha256, _hashes(arrays)
        )
        library.keep(brought_data, arrays)
    identity = {"sha256": model.upload.content.sha256, "input_shape": list(input_shape), "data": data_name}
    brought = BroughtModel(
        name=named(MODEL_PREFIX, identity),
        title=model.upload.title,
        facts=model.facts,
        task=str(task),
        input_shape=tuple(input_shape),
        size_bytes=model.upload.size_bytes,
        sha256=model.upload.content.sha256,
        blobs=_hashes(model.blobs),
        dataset=data_name,
        labels=data.facts.labels if data else "none",
    )
    library.keep(brought, model.blobs)
    return brought


def _hashes(blobs: Mapping[str, Blob]) -> dict[str, str]:
    return {name: blob.sha256 for name, blob in blobs.items()}


def _task(model: ModelFacts, data: DataFacts | None) -> Task:
    """What the model answers with: its data say it, else its last layer."""
    if data is not None and data.labels != "none":
        return Task.CLASSIFICATION if data.labels == "classes" else Task.REGRESSION
    several = any((size or 1) > 1 for size in model.outputs[0].shape)
    known = model.last_activation in ("softmax", "sigmoid")
    return Task.CLASSIFICATION if known or several else Task.REGRESSION
