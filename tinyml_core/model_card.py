"""What is known of a model of the zoo: its training record lies beside its weights."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tinyml_core.values import Model

RANDOM_WEIGHTS = "Random weights: sizes, memory and speed are real, answers mean nothing."
MADE_UP = (
    "No data set comes with this model. Calibration and the comparison with TFLM use made-up inputs from a fixed seed."
)
NO_SCORE = "Accuracy not measured: no data set comes with this model."

FOLDER = Path(__file__).parent / "models"


@cache
def _read(path: Path) -> dict[str, Any] | None:
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
    return _read(FOLDER / f"{model.name}.json")
