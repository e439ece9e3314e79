"""Finds what was brought by its name: in the library, or, in a worker, among what came with the call."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

import cattrs

from tinyml_core.domain.brought import DATA_PREFIX, KIND_TITLES, MODEL_PREFIX, BroughtData, BroughtModel
from tinyml_core.domain.dataset import Arrays, Dataset, Task
from tinyml_core.domain.metrics import format_bytes
from tinyml_core.domain.model import Model, TrainingRecipe
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine import fingerprint
from tinyml_core.engine.call import Blob
from tinyml_core.engine.store import default_folder, write_whole

_lent: dict[str, BroughtModel | BroughtData] = {}
"""What came with a call; an isolated worker cannot see the library."""


def find_model(name: str) -> Model | None:
    """A brought model; None if there is none of that name."""
    if not name.startswith(MODEL_PREFIX):
        return None
    brought = _lent.get(name) or Library().model(name)
    return _model(brought) if isinstance(brought, BroughtModel) else None


def find_dataset(name: str) -> Dataset | None:
    """Brought data; None if there are none of that name."""
    if not name.startswith(DATA_PREFIX):
        return None
    brought = _lent.get(name) or Library().data(name)
    return _dataset(brought) if isinstance(brought, BroughtData) else None


@lru_cache(maxsize=64)
def _model(brought: BroughtModel) -> Model:
    return as_model(brought)


@lru_cache(maxsize=64)
def _dataset(brought: BroughtData) -> Dataset:
    return as_dataset(brought)


def brought_file(member: Model | Dataset, name: str) -> Blob | Failure:
    """What was made of a model or of data when they were brought: `tflite`, `saved_model`, `weights`, `arrays`."""
    brought = member.brought
    assert brought is not None, f"{member.name} is the lab's own"
    blob = Library().blob(brought, name)
    return blob or Failure("opening what was brought", f"{brought.title} is no longer here.", "Bring it again.")


def lend(brought: Mapping[str, Any]) -> None:
    """Make known, in a worker, what a call is about; what an earlier call was about is forgotten."""
    _lent.clear()
    for name, one in brought.items():
        kind: type[Any] = BroughtModel if name.startswith(MODEL_PREFIX) else BroughtData
        _lent[name] = cattrs.structure(one, kind)


# ---- Makes a brought model or brought data what the rest of the lab knows: a `Model`, a `Dataset` ------------------


UNKNOWN_LICENCE = "not stated: it was brought by a user and stays on this server"

FINE_TUNING_RATE = 1e-4
"""A tenth of Adam's usual step: the weights are trained already, by a recipe that the file does not tell."""


def as_model(brought: BroughtModel) -> Model:
    """What a brought model is to the rest of the lab."""
    facts = brought.facts
    low, high = facts.inputs[0].low, facts.inputs[0].high
    return Model(
        name=brought.name,
        title=brought.title,
        order=0,
        task=Task(brought.task),
        datasets=(brought.dataset,) if brought.dataset else (),
        input_shape=brought.input_shape,
        outputs=brought.facts.output_values,
        parameters=facts.parameters,
        about=f"Brought to this server: {KIND_TITLES[facts.kind]}, {format_bytes(brought.size_bytes)}.",
        architecture=facts.architecture,
        build=partial(_build, facts.legacy_config),
        fine_tuning=_fine_tuning(brought) if brought.labels != "none" and facts.legacy_config else None,
        input_range=(0.0, 1.0) if low is None or high is None else (low, high),
        brought=brought,
    )


def as_dataset(brought: BroughtData) -> Dataset:
    """What brought data are to the rest of the lab."""
    facts = brought.facts
    return Dataset(
        name=brought.name,
        title=brought.title,
        task=Task(brought.task),
        input_shape=facts.shape,
        classes=facts.classes,
        samples_train=facts.samples_train,
        samples_test=facts.samples_test,
        split=facts.split,
        licence=UNKNOWN_LICENCE,
        source="Brought to this server.",
        source_url="",
        load=_never,
        class_names=facts.class_names,
        kind_of_sample=_kind_of_sample(facts.shape),
        answer_tolerance=0.01 * (facts.high - facts.low) or 0.01 if brought.task == Task.REGRESSION else None,
        brought=brought,
    )


def _kind_of_sample(shape: tuple[int, ...]) -> Any:
    """How a sample is best drawn, by its shape alone."""
    if len(shape) == 3 and shape[-1] in (1, 3) and min(shape[:2]) >= 4:
        return "image"
    return "series" if len(shape) >= 2 or (len(shape) == 1 and shape[0] > 64) else "number"


def _fine_tuning(brought: BroughtModel) -> TrainingRecipe:
    """How techniques that train go on from its weights. The loss follows from what its last layer gives."""
    if Task(brought.task) is Task.REGRESSION:
        loss = "mean_squared_error"
    elif brought.facts.output_values == 1:
        loss = (
            "binary_crossentropy" if brought.facts.last_activation == "sigmoid" else "binary_crossentropy_from_logits"
        )
    elif brought.facts.last_activation in ("softmax", "sigmoid"):
        loss = "sparse_categorical_crossentropy"
    else:
        loss = "sparse_categorical_crossentropy_from_logits"
    return TrainingRecipe(epochs=2, batch_size=32, learning_rate=FINE_TUNING_RATE, loss=loss)


def _build(legacy_config: str) -> Any:
    """Rebuild it with the Keras that techniques which train need; runs in an isolated worker."""
    from tinyml_core.uploads.keras.legacy import rebuilt

    return rebuilt(legacy_config)


def _never(folder: str | None) -> Arrays:
    raise AssertionError("brought data are read when they are brought")


VARIABLE = "TINYML_UPLOADS"

UNUSED_DAYS = 7.0
"""What nobody has looked at for so long is removed (`TINYML_UPLOADS_DAYS`)."""

LIMIT_BYTES = 2 * 1024**3
"""All that was brought together takes no more than this on disk (`TINYML_UPLOADS_LIMIT_MB`); the least recently used goes first."""

NAME = re.compile(rf"({MODEL_PREFIX}|{DATA_PREFIX})[0-9a-f]{{16}}")
Brought = TypeVar("Brought", BroughtModel, BroughtData)


def library_folder() -> Path:
    """Where the environment says (`TINYML_UPLOADS`), or a folder in the store's."""
    return Path(os.environ.get(VARIABLE) or default_folder() / "uploads")


class Library:
    """What was brought, with its files, by name. A name is a hash, so the same thing brought twice lies there once.

    Where several machines share a library, another processor may make a file of the same upload whose last digits differ. So
    each file has its content in its name: what was written last counts, and whoever still has another one finds
    the bytes that belong to it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Open a library; its folder is made with the first write."""
        self.folder = folder or library_folder()

    def keep(self, brought: BroughtModel | BroughtData, files: Mapping[str, Blob]) -> None:
        """Put something in the library.

        Args:
            brought: What it is.
            files: Its bytes, by the names that it has hashes for.

        Raises:
            OSError: The disk is full, or the folder cannot be written.
        """
        self.tidy()
        place = self.folder / brought.name
        for name, sha256 in brought.blobs.items():
            assert files[name].sha256 == sha256, name  # of this very one, whatever lies there already
            write_whole(self._file(brought, name), files[name].read())
        # Last: what has this file is whole.
        write_whole(place / "card.json", json.dumps(cattrs.unstructure(brought)).encode())

    def model(self, name: str) -> BroughtModel | None:
        """A model; None if it was never brought here, or forgotten."""
        return self._read(name, MODEL_PREFIX, BroughtModel)

    def data(self, name: str) -> BroughtData | None:
        """Data; None if they were never brought here, or forgotten."""
        return self._read(name, DATA_PREFIX, BroughtData)

    def _read(self, name: str, prefix: str, kind: type[Brought]) -> Brought | None:
        if not name.startswith(prefix) or not NAME.fullmatch(name):
            return None
        path = self.folder / name / "card.json"
        try:
            brought = cattrs.structure(json.loads(path.read_bytes()), kind)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, cattrs.BaseValidationError):
            return None  # damaged, or of an older version: as if it were not there
        with contextlib.suppress(OSError):
            os.utime(path)
        return brought

    def blob(self, brought: BroughtModel | BroughtData, name: str) -> Blob | None:
        """One of its files; None if it has none of that name, or it is gone."""
        if name not in brought.blobs:
            return None
        path = self._file(brought, name)
        return Blob(brought.blobs[name], path=str(path), origin=brought.name) if path.is_file() else None

    def _file(self, brought: BroughtModel | BroughtData, name: str) -> Path:
        return self.folder / brought.name / f"{name}-{brought.blobs[name][:16]}"

    def forget(self, name: str) -> None:
        """Take something out of the library, with all its bytes; nothing happens if it is not there."""
        if NAME.fullmatch(name):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def tidy(self, now: float | None = None) -> list[str]:
        """Remove what nobody has used for long, and the oldest while all together is too large; gives their names."""
        days = _number("TINYML_UPLOADS_DAYS", UNUSED_DAYS)
        limit = _number("TINYML_UPLOADS_LIMIT_MB", LIMIT_BYTES / 1024**2) * 1024**2
        found = sorted(self.entries(), reverse=True)
        removed, total = [], 0
        for used, size_bytes, name in found:
            total += size_bytes
            if total > limit or (now or time.time()) - used > days * 86400:
                self.forget(name)
                removed.append(name)
        return removed

    def entries(self) -> list[tuple[float, int, str]]:
        """Last use, size in bytes and name of all that lies there, whole or not."""
        found = []
        for place in self.folder.glob("*"):
            if not NAME.fullmatch(place.name):
                continue
            with contextlib.suppress(OSError):
                used = (place / "card.json" if (place / "card.json").exists() else place).stat().st_mtime
                found.append((used, sum(path.stat().st_size for path in place.iterdir()), place.name))
        return found


def named(prefix: str, identity: Mapping[str, object]) -> str:
    """A name by content: 64 bits of a hash are enough to tell things apart, and too many to guess."""
    return prefix + fingerprint.of(identity)[:16]


def _number(variable: str, otherwise: float) -> float:
    text = os.environ.get(variable, "")
    return float(text) if text.isdigit() else otherwise
