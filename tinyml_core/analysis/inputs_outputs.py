"""Inputs and outputs of a variant beside those of the original: what real numbers they carry, and what changed."""

from __future__ import annotations

from collections.abc import Sequence

from tinyml_core.domain.inspection import Tensor

STORED_RANGES = {
    "int8": (-128, 127),
    "uint8": (0, 255),
    "int16": (-32768, 32767),
    "int4": (-8, 7),
    "int32": (-(2**31), 2**31 - 1),
}


def real_range(tensor: Tensor) -> tuple[float, float] | None:
    """The smallest and the largest real value that a quantized tensor can carry; None where there is no scale.

    >>> real_range(Tensor("x", (1,), "int8", 0.5, -128, "dense"))
    (0.0, 127.5)
    """
    if tensor.scale is None or tensor.dtype not in STORED_RANGES:
        return None
    low, high = (tensor.scale * (stored - (tensor.zero_point or 0)) for stored in STORED_RANGES[tensor.dtype])
    return low, high


def original_of(place: int, tensors: Sequence[Tensor], originals: Sequence[Tensor]) -> int | None:
    """Which of the original's inputs (or outputs) became the one at a place.

    That of the same name; else the one at the same place, if no other one carries its name. None if there is none.
    """
    names = [original.name for original in originals]
    if names.count(tensors[place].name) == 1:
        return names.index(tensors[place].name)
    taken = place < len(originals) and any(
        tensor.name == names[place] for index, tensor in enumerate(tensors) if index != place
    )
    return place if place < len(originals) and not taken else None


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
