"""The weights of a `.tflite`, layer by layer: how many are zero, and how many different values there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinyml_core.measure.tflite_file import STORED_BITS, dtype_name, shape_of, weights
from tinyml_core.outcome import WeightLayer


def stored_values(model: Any, tensor: Any) -> np.ndarray | None:
    """A constant tensor's stored numbers in its shape; None for types that NumPy cannot read, and for sparse tensors."""
    name = dtype_name(tensor.type)
    raw = np.asarray(model.buffers[tensor.buffer].data, dtype=np.uint8)
    if name not in ("float32", "float16", "int8", "int16", "uint8") or tensor.sparsity is not None:
        return None
    if len(raw) != int(np.prod(shape_of(tensor))) * (STORED_BITS[name] // 8):
        return None
    return raw.view(name).reshape(shape_of(tensor))


def weight_layers(model: Any) -> tuple[WeightLayer, ...]:
    """Each weight tensor whose values can be read: zeros and distinct values, counted."""
    found = []
    for tensor in weights(model):
        values = stored_values(model, tensor)
        if values is None:
            continue
        zero, axis = zero_point_and_axis(tensor)
        channels = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)
        zeros = np.asarray(zero)[:, None] if np.size(zero) == len(channels) else zero
        found.append(
            WeightLayer(
                name=(tensor.name or b"").decode(errors="replace"),
                shape=shape_of(tensor),
                dtype=dtype_name(tensor.type),
                elements=int(values.size),
                zeros=int(np.count_nonzero(channels == zeros)),
                distinct=len(np.unique(values)),
                distinct_per_channel=max(len(np.unique(channel)) for channel in channels),
                stored_bytes=len(model.buffers[tensor.buffer].data),
            )
        )
    return tuple(found)


def zero_point_and_axis(tensor: Any) -> tuple[Any, int]:
    """The stored number(s) that stand for zero, and the axis of output channels (0 where the file names none)."""
    quantization = tensor.quantization
    if quantization is None or quantization.zeroPoint is None or len(quantization.zeroPoint) == 0:
        return 0, 0
    axis = int(quantization.quantizedDimension) if len(quantization.zeroPoint) > 1 else 0
    points = np.asarray(quantization.zeroPoint)
    return (int(points[0]) if len(points) == 1 else points), axis


def share_of_zeros(layers: Sequence[WeightLayer]) -> float | None:
    """Share of weights that are exactly zero; None without weights that can be read."""
    total = sum(layer.elements for layer in layers)
    return sum(layer.zeros for layer in layers) / total if total else None
