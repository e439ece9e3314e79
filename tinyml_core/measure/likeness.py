"""Runs two `.tflite` files on the same inputs and says how alike their answers are."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyml_core.dataset import Task
from tinyml_core.measure import litert
from tinyml_core.measure.quantize import to_real
from tinyml_core.measure.score import classes


def likeness(content: bytes, reference: bytes, x: np.ndarray, x_scale: float, task: Task) -> dict[str, Any]:
    """The fields of a `Likeness`, but for where the inputs come from.

    Args:
        content: The variant.
        reference: float32.
        x: Raw inputs, `(samples, ...)`.
        x_scale: The real value of an input is `x * x_scale`.
        task: Only a classifier's answers can be counted as changed.

    Raises:
        Expected: LiteRT refuses one of the files, or it takes more than one input.
    """
    mine, others = _outputs(content, x, x_scale), _outputs(reference, x, x_scale)
    span = float(others.max() - others.min()) or 1.0
    changed = int((classes(mine) != classes(others)).sum()) if task is Task.CLASSIFICATION else None
    return {
        "samples": len(x),
        "changed": changed,
        "largest_difference": float(np.abs(mine - others).max()) / span,
    }


def _outputs(content: bytes, x: np.ndarray, x_scale: float) -> np.ndarray:
    stored, _, details = litert.run(content, x, x_scale)
    return to_real(stored, details)
