"""Runs two `.tflite` files on the same inputs and says how alike their answers are."""

from __future__ import annotations

import numpy as np

from tinyml_core.domain.dataset import Arrays, Task
from tinyml_core.domain.outcome import Similarity
from tinyml_core.measure import litert
from tinyml_core.measure.score import classes


def similarity(content: bytes, reference: bytes, arrays: Arrays, task: Task, synthetic: bool) -> Similarity:
    """How alike the answers of a variant and of float32, the reference, are on held-out inputs, or on all made-up ones.

    Only a classifier's answers can be counted as changed.

    Raises:
        Expected: LiteRT refuses one of the files, or it takes more than one input.
    """
    x = arrays.x if synthetic else arrays.x[arrays.test]
    mine, others = (litert.answers(file, x, arrays.x_scale) for file in (content, reference))
    span = float(others.max() - others.min()) or 1.0
    changed = int((classes(mine) != classes(others)).sum()) if task is Task.CLASSIFICATION else None
    return Similarity(len(x), changed, float(np.abs(mine - others).max()) / span, synthetic)
