"""The weights of a `.tflite`, layer by layer: how many are zero, and how many different values there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinyml_core.inspection import WeightLayer
from tinyml_core.measure.lookup_tables import unfolded
from tinyml_core.measure.tflite_file import PACKED, STORED_BITS, dtype_name, shape_of, weights


def stored_values(model: Any, tensor: Any) -> np.ndarray | None:
    """A constant tensor's stored numbers in its shape; None for types that cannot be read, and for sparse tensors.

    Numbers of four and two bits are unpacked to `int8`.
    """
    name, count = dtype_name(tensor.type), int(np.prod(shape_of(tensor)))
    raw = np.asarray(model.buffers[tensor.buffer].data, dtype=np.uint8)
    if tensor.sparsity is not None:
        return None
    if name in PACKED:
        bits = STORED_BITS[name]
        return unpacked(raw, bits)[:count].reshape(shape_of(tensor)) if len(raw) == -(-count * bits // 8) else None
    if name not in ("float32", "float16", "int8", "int16", "uint8") or len(raw) != count * (STORED_BITS[name] // 8):
        return None
    return raw.view(name).reshape(shape_of(tensor))


def unpacked(raw: np.ndarray, bits: int) -> np.ndarray:
    """Signed numbers of 4 or 2 bits that share bytes, the first in a byte's lowest bits, as `int8`.

    >>> unpacked(np.array([0x1F], dtype=np.uint8), 4).tolist()
    [-1, 1]
    """
    # Shifted up to the top of a byte and back: the arithmetic shift fills in the sign.
    parts = [(raw << (8 - bits - at)).astype(np.int8) >> (8 - bits) for at in range(0, 8, bits)]
    return np.stack(parts, axis=-1).reshape(-1)


def weight_layers(model: Any) -> tuple[WeightLayer, ...]:
    """Each weight tensor whose values can be read, packed ones unfolded: zeros and distinct values, counted."""
    plain = ((tensor, stored_values(model, tensor)) for tensor in weights(model))
    found = [
        _counted(tensor, values, len(model.buffers[tensor.buffer].data))
        for tensor, values in plain
        if values is not None
    ]
    return (*found, *(_counted(packed.tensor, packed.values, packed.stored_bytes) for packed in unfolded(model)))


def _counted(tensor: Any, values: np.ndarray, stored_bytes: int) -> WeightLayer:
    zero, axis = zero_point_and_axis(tensor)
    channels = by_channel(values, axis)
    zeros = np.reshape(zero, (-1, 1)) if np.size(zero) == len(channels) else zero
    return WeightLayer(
        name=(tensor.name or b"").decode(errors="replace"),
        shape=shape_of(tensor),
        dtype=dtype_name(tensor.type),
        elements=int(values.size),
        zeros=int(np.count_nonzero(channels == zeros)),
        distinct=len(np.unique(values)),
        distinct_per_channel=max(len(np.unique(channel)) for channel in channels),
        stored_bytes=stored_bytes,
    )


def by_channel(values: np.ndarray, axis: int) -> np.ndarray:
    """`(channels, weights of a channel)`, the channels lying along an axis."""
    return np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)


def zero_point_and_axis(tensor: Any) -> tuple[Any, int]:
    """The stored number(s) that stand for zero, and the axis of output channels (0 where the file names none)."""
    quantization = tensor.quantization
    if quantization is None or quantization.zeroPoint is None or len(quantization.zeroPoint) == 0:
        return 0, 0
    axis = int(quantization.quantizedDimension) if len(quantization.zeroPoint) > 1 else 0
    points = np.asarray(quantization.zeroPoint)
    return (int(points[0]) if len(points) == 1 else points), axis


def scale_bytes(model: Any) -> int:
    """What scales (float32) and zero points (int64) take of the file, over all tensors."""
    found = [
        tensor.quantization for graph in model.subgraphs for tensor in graph.tensors if tensor.quantization is not None
    ]
    scales = sum(0 if each.scale is None else len(each.scale) for each in found)
    return 4 * scales + 8 * sum(0 if each.zeroPoint is None else len(each.zeroPoint) for each in found)


def share_of_zeros(layers: Sequence[WeightLayer]) -> float | None:
    """Share of weights that are exactly zero; None without weights that can be read."""
    total = sum(layer.elements for layer in layers)
    return sum(layer.zeros for layer in layers) / total if total else None
