"""Says how two `.tflite` files differ, where one of them was made on another processor: all but last digits must be equal.

The same bytes are promised for the same machine and versions only. Processors round reciprocal roots differently, so where
TensorFlow's converter folds a batch normalization into the layer before it, the last digits of weights and biases differ.

Whatever is no float constant is compared exactly: operators and their options, shapes, types, names, order, zero points,
integers, metadata. Constants in float32, and scales, may lie 8 units in the last place (ulp) apart:

- Weights and scales are products, so the unit is that of the number itself. Between an Intel Xeon and an AMD EPYC 3 ulp were
  seen.
- A bias (a tensor with one axis) is what a subtraction left: `beta - mean * factor`. Where both nearly cancel, the small rest
  keeps the error of the large numbers: 31 ulp of itself were seen, but 2 ulp of the tensor's largest number. So its unit is
  that of the tensor's largest number, which is of the size of what was subtracted.

Integers have no tolerance: nothing that is kept holds integers that come of rounding floats.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyml_core.measure.tflite import parse

MOST_ULP = 8
FLOAT32 = schema.TensorType.FLOAT32


def differences(content: bytes, other: bytes) -> list[str]:
    """A sentence on each part of a file that is not that of the other; empty if they differ in last digits at most."""
    if content == other:
        return []
    first, second = parse(content), parse(other)
    return [*_structure(first, second, "file"), *_constants(first, second)]


def ulp_apart(values: np.ndarray, others: np.ndarray, unit_of_largest: bool = False) -> float:
    """The largest distance of two float32 arrays, in units of the last place; infinite where only one is finite.

    Args:
        values: Of one file.
        others: Of the other, in the same shape.
        unit_of_largest: Take the unit of the largest number for all, as for biases.
    """
    if not values.size or np.array_equal(values, others, equal_nan=True):
        return 0.0
    if not (np.isfinite(values).all() and np.isfinite(others).all()):
        return float("inf")
    larger = np.maximum(np.abs(values), np.abs(others))
    unit = np.spacing(larger.max() if unit_of_largest else larger).astype(np.float64)
    return float((np.abs(values.astype(np.float64) - others.astype(np.float64)) / unit).max())


def _constants(first: Any, second: Any) -> list[str]:
    """Buffers by content: float constants in ulp, all else byte by byte."""
    floats = {
        tensor.buffer: tensor
        for graph in first.subgraphs
        for tensor in graph.tensors
        if tensor.type == FLOAT32 and tensor.buffer
    }
    found = []
    for place, pair in enumerate(zip(first.buffers, second.buffers, strict=False)):
        one, two = (b"" if each.data is None else np.asarray(each.data, np.uint8).tobytes() for each in pair)
        if one == two:
            continue
        if place not in floats or len(one) != len(two):
            found.append(f"buffer {place}: other bytes")
            continue
        tensor = floats[place]
        values, others = (np.frombuffer(each, np.float32) for each in (one, two))
        ulp = ulp_apart(values, others, unit_of_largest=len(tensor.shape) == 1)
        if ulp > MOST_ULP:
            found.append(f"{tensor.name.decode()}: {ulp:.0f} units in the last place apart")
    return found


def _structure(first: Any, second: Any, where: str) -> list[str]:
    """Everything but the content of buffers, down to the last field."""
    if type(first) is not type(second):
        return [f"{where}: {_short(first)}, there {_short(second)}"]
    if isinstance(first, schema.BufferT):
        return []
    if isinstance(first, np.ndarray) and first.dtype == np.float32 and first.shape == second.shape:
        return [] if ulp_apart(first, second) <= MOST_ULP else [f"{where}: {_short(first)}, there {_short(second)}"]
    if isinstance(first, np.ndarray | list):
        if len(first) != len(second):
            return [f"{where}: {len(first)} of them, there {len(second)}"]
        parts = enumerate(zip(first, second, strict=True))
        return [told for place, (one, two) in parts for told in _structure(one, two, f"{where}[{place}]")]
    if hasattr(first, "__dict__") and not isinstance(first, Enum):
        mine, theirs = vars(first), vars(second)
        return [told for name in mine for told in _structure(mine[name], theirs[name], f"{where}.{name}")]
    return [] if first == second else [f"{where}: {_short(first)}, there {_short(second)}"]


def _short(value: Any) -> str:
    return repr(value)[:60]
