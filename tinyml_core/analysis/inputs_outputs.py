"""Inputs and outputs of a variant beside those of the original: what real numbers they carry, and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

import numpy as np

from tinyml_core.domain.inspection import Tensor

STORED_RANGES = {
    "int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "int4": (-8, 7), "int32": (-(2**31), 2**31 - 1),
}  # fmt: skip


def real_range(tensor: Tensor) -> tuple[float, float] | None:
    """The smallest and the largest real value that a quantized tensor can carry; None where there is no scale.

    >>> real_range(Tensor("x", (1,), "int8", 0.5, -128, "dense"))
    (0.0, 127.5)
    """
    if tensor.scale is None or tensor.dtype not in STORED_RANGES:
        return None
    low, high = (tensor.scale * (stored - (tensor.zero_point or 0)) for stored in STORED_RANGES[tensor.dtype])
    return low, high


def holdable(details: Mapping[str, Any]) -> tuple[float, float]:
    """The real values that a tensor with LiteRT's details holds, half a step beyond both ends; infinite for floats."""
    (scale, zero_point), dtype = details["quantization"], np.dtype(details["dtype"])
    if dtype.kind == "f" or scale == 0:
        return -inf, inf
    limits = np.iinfo(dtype)
    return (limits.min - 0.5 - zero_point) * scale, (limits.max + 0.5 - zero_point) * scale


def original_of(place: int, tensors: Sequence[Tensor], originals: Sequence[Tensor]) -> int | None:
    """Which of the original's inputs (or outputs) became the one at a place.

    That of the same name; else the one at the same place, if no other one carries its name. None if there is none.
    """
    names, name = [original.name for original in originals], tensors[place].name
    if names.count(name) == 1:
        return names.index(name)
    others = {tensor.name for index, tensor in enumerate(tensors) if index != place}
    return place if place < len(names) and names[place] not in others else None


def changes(place: int, tensors: Sequence[Tensor], originals: Sequence[Tensor]) -> tuple[str, ...]:
    """What conversion changed of one input or output, in a word each; empty if all is as it was."""
    index = original_of(place, tensors, originals)
    if index is None:
        return ("new",)
    now, before = tensors[place], originals[index]
    different = {
        f"order (was {index + 1}.)": index != place,
        "name": now.name != before.name,
        "shape": now.shape != before.shape,
        "type": now.dtype != before.dtype,
        "sparsity": now.sparsity != before.sparsity,
    }
    return tuple(word for word, differs in different.items() if differs)
