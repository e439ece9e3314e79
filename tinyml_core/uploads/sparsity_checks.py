"""Walks the index of a sparse tensor of a `.tflite` and counts what it stores; nothing is unfolded.

The format is that of TensorFlow Lite's schema: axes in an order of their own, blocks at the end, each level either dense
or compressed as in compressed sparse rows.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

DENSE, COMPRESSED = 0, 1


def stored_elements(sparsity: Any, shape: tuple[int, ...]) -> int | None:
    """How many elements the tensor stores; None if its index leads anywhere out of its shape.

    Args:
        sparsity: `SparsityParametersT` of the schema.
        shape: Of the tensor once it is unfolded.
    """
    order = [] if sparsity.traversalOrder is None else [int(axis) for axis in sparsity.traversalOrder]
    blocks = [] if sparsity.blockMap is None else [int(axis) for axis in sparsity.blockMap]
    levels = sparsity.dimMetadata or []
    rank = len(shape)
    if sorted(order) != list(range(rank + len(blocks))) or len(levels) != len(order):
        return None
    if len(set(blocks)) < len(blocks) or any(not 0 <= axis < rank for axis in blocks) or 0 in shape:
        return None
    sizes = _sizes(order, blocks, levels, shape)
    if sizes is None:
        return None
    count = 1
    for axis, level in zip(order, levels, strict=True):
        if level.format == DENSE:
            if level.denseSize != sizes[axis]:
                return None
            count *= sizes[axis]
        else:
            found = _compressed(level, count, sizes[axis])
            if found is None:
                return None
            count = found
        if count > math.prod(shape):
            return None
    return count


def _sizes(order: list[int], blocks: list[int], levels: list[Any], shape: tuple[int, ...]) -> list[int] | None:
    """Size of each axis counted in blocks, then the sizes of the blocks themselves."""
    sizes = list(shape)
    for number, axis in enumerate(blocks):
        level = levels[order.index(len(shape) + number)]
        size = int(level.denseSize)
        if level.format != DENSE or size < 1 or shape[axis] % size:
            return None
        sizes[axis] //= size
        sizes.append(size)
    return sizes


def _compressed(level: Any, rows: int, size: int) -> int | None:
    """Elements of a compressed level, or None if segments or indices are impossible."""
    if level.format != COMPRESSED or level.arraySegments is None or level.arrayIndices is None:
        return None
    segments, indices = (
        np.asarray(found.values, dtype=np.int64) for found in (level.arraySegments, level.arrayIndices)
    )
    if segments.shape != (rows + 1,) or segments[0] != 0 or (np.diff(segments) < 0).any():
        return None
    if indices.shape != (segments[-1],) or (indices < 0).any() or (indices >= size).any():
        return None
    return len(indices)
