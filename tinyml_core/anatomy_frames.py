"""What is inside a variant as tidy frames: what the charts of the Inspect page are made of."""

from __future__ import annotations

from collections.abc import Iterable
from math import nan
from typing import Literal

import pandas as pd

from tinyml_core.anatomy import Anatomy, FilePart, LiveTensor, Memory, QuantizedTensor
from tinyml_core.ends import real_range
from tinyml_core.inspection import Tensor

RANGE_COLUMNS = ("title", "order", "dtype", "low", "high", "step")
PART_COLUMNS = ("label", "kind", "size_bytes", "share")
MEMORY_COLUMNS = (
    "title", "tensor", "shape", "operator", "place", "start", "end", "low_bytes", "high_bytes", "size_bytes", "at_peak",
    "top_bytes", "measured_bytes",
)  # fmt: skip
SCALE_COLUMNS = ("label", "channel", "scale", "zero_point")
MOST_PARTS = 24
"""So many operators have a bar of their own; the smallest of more are drawn as one."""

Arrangement = Literal["stacked", "by address"]


def ranges(variants: Iterable[tuple[str, int, Tensor]]) -> pd.DataFrame:
    """One row a variant: the real numbers that one input or output can carry; NaN for floats, which carry any.

    Args:
        variants: Title and place of each technique, and its tensor.
    """
    rows = []
    for title, order, tensor in variants:
        low, high = real_range(tensor) or (nan, nan)
        step = nan if tensor.scale is None else tensor.scale
        rows.append({"title": title, "order": order, "dtype": tensor.dtype, "low": low, "high": high, "step": step})
    return pd.DataFrame(rows, columns=list(RANGE_COLUMNS))


def file_parts(found: Anatomy) -> pd.DataFrame:
    """One row a part of the file, in order of execution; all rows together are the file."""
    weights = [part for part in found.parts if part.kind == "weights"]
    largest = sorted(weights, key=lambda part: part.size_bytes, reverse=True)[:MOST_PARTS]
    kept = weights if len(weights) <= MOST_PARTS + 1 else [part for part in weights if part in largest]
    small = [part for part in weights if part not in kept]
    shown = [*kept, *_as_one(small), *(part for part in found.parts if part.kind != "weights")]
    rows = [
        {
            "label": part.name,
            "kind": part.kind,
            "size_bytes": part.size_bytes,
            "share": part.size_bytes / found.size_bytes,
        }
        for part in shown
    ]
    return pd.DataFrame(rows, columns=list(PART_COLUMNS))


def _as_one(parts: list[FilePart]) -> list[FilePart]:
    size = sum(part.size_bytes for part in parts)
    return [FilePart(f"{len(parts)} smaller ones", "weights", 0, size)] if parts else []


def memory(
    found: Memory, title: str, top_bytes: float, measured_bytes: int | None, arrangement: Arrangement
) -> pd.DataFrame:
    """One row a tensor and the operators that it stays for at one height.

    Args:
        found: The tensors.
        title: Of the technique.
        top_bytes: To where the axis goes, so that several variants can be drawn to one scale.
        measured_bytes: Head of the arena that TFLM recorded; None if it was not executed.
        arrangement: `stacked` without gaps, so that the height is what is live; `by address`, as the planner places them.
    """
    rows = []
    for place, name in enumerate(found.operators, 1):
        low = 0
        for tensor in found.live(place):
            if arrangement == "by address":
                low = tensor.offset_bytes
            rows.append(
                {
                    "title": title,
                    "tensor": tensor.layer,
                    "shape": " x ".join(str(size) for size in tensor.shape) or "scalar",
                    "operator": f"{place}. {name.replace('_', ' ').lower()}",
                    "place": place,
                    "start": place - 0.5,
                    "end": place + 0.5,
                    "low_bytes": low,
                    "high_bytes": low + tensor.size_bytes,
                    "size_bytes": tensor.size_bytes,
                    "at_peak": place == found.peak_place,
                    "top_bytes": top_bytes,
                    "measured_bytes": nan if measured_bytes is None else measured_bytes,
                }
            )
            low += tensor.size_bytes
    return pd.DataFrame(rows, columns=list(MEMORY_COLUMNS))


def largest_first(tensors: Iterable[LiveTensor]) -> list[LiveTensor]:
    """The tensors in descending order of size."""
    return sorted(tensors, key=lambda tensor: -tensor.size_bytes)


def scales(tensor: QuantizedTensor) -> pd.DataFrame:
    """One row a channel (or block) of one tensor."""
    points = tensor.zero_points * len(tensor.scales) if len(tensor.zero_points) == 1 else tensor.zero_points
    rows = [
        {"label": tensor.name, "channel": number, "scale": scale, "zero_point": point}
        for number, (scale, point) in enumerate(zip(tensor.scales, points, strict=True))
    ]
    return pd.DataFrame(rows, columns=list(SCALE_COLUMNS))
