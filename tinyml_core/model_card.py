"""What is known of a model of the zoo: its training record lies beside its weights."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from tinyml_core.fetched import trained_folder
from tinyml_core.model import Model

RANDOM_WEIGHTS = "Random weights: sizes, memory and speed are real, answers mean nothing."
MADE_UP = (
    "No data set comes with this model. Calibration and the comparison with TFLM use made-up inputs from a fixed seed."
)
NO_SCORE = "Accuracy not measured: no data set comes with this model."


@lru_cache(maxsize=64)
def _read(path: Path, changed_ns: int) -> dict[str, Any] | None:
    """The record as it was changed last; training on this computer may change it meanwhile."""
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found


def training_record(model: Model) -> dict[str, Any] | None:
    """How the stored weights were made and how well they did, or None if the model was not trained yet.

    Keys: `score`, `low`, `high`, `metric`, `samples`, `dataset`, `epochs`, `batch_size`, `learning_rate`, `seed`,
    `weights_sha256`, `environment`.
    """
    path = record_path(model)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def record_path(model: Model) -> Path:
    """Where it lies."""
    return trained_folder(model) / f"{model.name}.json"
