"""The weights of a `.tflite`: as stored, as real numbers, and those packed as indices and tables for TFLM's DECODE.

The layout of packed ones is that of `decode_state_lut.cc`: 16 bytes of header (byte 5: channel axis in the upper four
bits, 15 for one table; bits of an index in the lower three; byte 6: values of one table), then the tables. Indices lie
in big-endian bit order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyml_core.domain.inspection import WeightLayer
from tinyml_core.measure import tflite
from tinyml_core.measure.tflite import DECODE, PACKED, STORED_BITS, dtype_name, operator_names, shape_of, weights

HEADER_BYTES = 16
ONE_TABLE = 15


@dataclass(frozen=True, slots=True)
class Unfolded:
    """One packed weight tensor as DECODE writes it, its numbers in their shape, and the bytes of indices and tables."""

    tensor: Any
    values: np.ndarray
    stored_bytes: int


def unfolded(model: Any) -> Iterator[Unfolded]:
    """Every packed weight tensor of a file.

    Raises:
        ValueError: Indices or tables do not fit the shape of their tensor.
    """
    for graph, names in zip(model.subgraphs, operator_names(model), strict=True):
        for operator, name in zip(graph.operators or [], names, strict=True):
            if name == DECODE:
                for place, output in enumerate(operator.outputs):
                    packed, table = (graph.tensors[operator.inputs[2 * place + part]] for part in (0, 1))
                    raw, tables = (np.asarray(model.buffers[part.buffer].data, np.uint8) for part in (packed, table))
                    tensor = graph.tensors[output]
                    values = look_up(raw, tables, shape_of(tensor), np.dtype(dtype_name(tensor.type)))
                    yield Unfolded(tensor, values, len(raw) + len(tables))


def look_up(packed: np.ndarray, tables: np.ndarray, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """The values that indices name, in a shape and in the tables' own type.

    Both come as bytes: the indices bit after bit, the tables behind their header.

    Raises:
        ValueError: They do not fit each other.
    """
    axis, bits, length = int(tables[5]) >> 4, int(tables[5]) & 7, int(tables[6])
    if not bits:
        raise ValueError("an index of no bits")
    size = int(np.prod(shape))
    digits = np.unpackbits(packed)[: size * bits].reshape(size, bits)
    indices = (digits @ (1 << np.arange(bits)[::-1])).reshape(shape)
    by_channel = tables[HEADER_BYTES:].view(dtype).reshape(-1, length)
    if axis == ONE_TABLE:
        return np.asarray(by_channel[0][indices])
    channel = np.arange(shape[axis]).reshape([-1 if place == axis else 1 for place in range(len(shape))])
    return np.asarray(by_channel[channel, indices])


# ---- The weights of a `.tflite` as real numbers, each layer with its name, in order of execution -------------------

DEPTHWISE = "DEPTHWISE_CONV_2D"
"""Its weights have their output channels last; those of all other operators have them first."""

_PASSING = ("DEQUANTIZE", "DENSIFY")
"""Operators that hand weights on to the one that computes with them."""


@dataclass(frozen=True, slots=True, eq=False)
class RealLayer:
    """One weight tensor.

    Attributes:
        operator: That computes with it, as the schema names it; empty if none does.
        values: Real values, output channels first: `(channels, weights of a channel)`; None if they cannot be read.
        why_unread: In a few words, where `values` is None.
        scales: How many scales it is quantized with.
    """

    tensor: str
    operator: str
    shape: tuple[int, ...]
    dtype: str
    stored_bytes: int
    scales: int
    values: np.ndarray | None
    why_unread: str = ""


def real_layers(model: Any) -> list[RealLayer]:
    """Every weight tensor in the order in which operators use them; biases are left out, lookup tables are unfolded.

    Raises:
        ValueError: Lookup tables and indices do not fit each other.
    """
    packed = {id(found.tensor): found for found in unfolded(model)}
    wanted = {id(tensor) for tensor in weights(model)} | set(packed)
    found: list[tuple[tuple[int, int, int], RealLayer]] = []
    for number, (graph, names) in enumerate(zip(model.subgraphs, operator_names(model), strict=True)):
        users = _users(graph, names)
        for index, tensor in enumerate(graph.tensors):
            place, operator = users.get(index, (len(names), ""))
            if id(tensor) in wanted and operator != DECODE:  # what it reads are indices and tables, no weights
                layer = _layer(model, graph, tensor, operator, packed.get(id(tensor)))
                found.append(((number, place, index), layer))
    return [layer for _, layer in sorted(found, key=lambda entry: entry[0])]


def _users(graph: Any, names: list[str]) -> dict[int, tuple[int, str]]:
    """By tensor: place and name of the first operator that computes with it."""
    users: dict[int, tuple[int, str]] = {}
    # Backwards, so that the first user stays, and what hands weights on already knows its own user.
    for place, (name, operator) in reversed(list(enumerate(zip(names, graph.operators or [], strict=True)))):
        user = users.get(int(operator.outputs[0]), (place, name)) if name in _PASSING else (place, name)
        for index in operator.inputs:
            users[int(index)] = user
    return users


def _layer(model: Any, graph: Any, tensor: Any, operator: str, packed: Unfolded | None) -> RealLayer:
    stored = stored_values(model, tensor) if packed is None else packed.values
    values, scales, why = None, 0, ""
    if tensor.sparsity is not None:
        why = "stored sparse, with an index of its own"
    elif stored is None:
        why = f"{dtype_name(tensor.type)} values that do not fill its shape"
    else:
        values, scales = _real(model, graph, tensor, stored, 3 if operator == DEPTHWISE else 0)
        why = "" if values is not None else "scales that do not fit its shape"
    stored_bytes = len(model.buffers[tensor.buffer].data) if packed is None else packed.stored_bytes
    name, dtype = tflite.text_of(tensor.name), dtype_name(tensor.type)
    return RealLayer(name, operator, shape_of(tensor), dtype, stored_bytes, scales, values, why)


def _real(model: Any, graph: Any, tensor: Any, stored: np.ndarray, channel_axis: int) -> tuple[np.ndarray | None, int]:
    """Values, output channels first, and the number of scales.

    real = scale * (stored - zero point): TensorFlow Lite's quantization specification. Each scale stands for the whole
    tensor, for one slice along the quantized dimension, or for one block of neighbours within the last axis.
    """
    quantization = tensor.quantization
    details = None if quantization is None else quantization.details
    if details is not None and getattr(details, "scales", None) is not None:
        return _in_blocks(model, graph.tensors[int(details.scales)], stored)
    scale = tflite.scales_and_points(tensor)[0].astype(np.float64)
    if not len(scale):
        return by_channel(stored, channel_axis).astype(np.float64), 0
    points = np.asarray(quantization.zeroPoint if quantization.zeroPoint is not None else [0], dtype=np.float64)
    channels = by_channel(stored, int(quantization.quantizedDimension) if len(scale) > 1 else channel_axis)
    if len(scale) not in (1, len(channels)) or len(points) not in (1, len(scale)):
        return None, len(scale)
    return scale[:, None] * (channels - points[:, None]), len(scale)


def _in_blocks(model: Any, scales: Any, stored: np.ndarray) -> tuple[np.ndarray | None, int]:
    found = stored_values(model, scales)
    rows = by_channel(stored, 0).astype(np.float64)
    if found is None or found.size % len(rows) or rows.size % found.size:
        return None, 0
    each = found.reshape(len(rows), -1).astype(np.float64)
    return rows * np.repeat(each, rows.shape[1] // each.shape[1], axis=1), int(found.size)


# ---- The weights of a `.tflite`, layer by layer: how many are zero, and how many different values there are --------


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
    found = [
        (tensor, stored_values(model, tensor), len(model.buffers[tensor.buffer].data)) for tensor in weights(model)
    ]
    found += [(packed.tensor, packed.values, packed.stored_bytes) for packed in unfolded(model)]
    return tuple(_counted(tensor, values, size) for tensor, values, size in found if values is not None)


def _counted(tensor: Any, values: np.ndarray, stored_bytes: int) -> WeightLayer:
    zeros = zero_points(tensor)
    channels = by_channel(values, int(tensor.quantization.quantizedDimension) if len(zeros) > 1 else 0)
    zeros = zeros[:, None] if len(zeros) == len(channels) else zeros
    distinct = len(np.unique(values)), max(len(np.unique(channel)) for channel in channels)
    return WeightLayer(
        tflite.text_of(tensor.name), shape_of(tensor), dtype_name(tensor.type), int(values.size),
        int(np.count_nonzero(channels == zeros)), *distinct, stored_bytes,
    )  # fmt: skip


def by_channel(values: np.ndarray, axis: int) -> np.ndarray:
    """`(channels, weights of a channel)`, the channels lying along an axis."""
    return np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)


def zero_points(tensor: Any) -> np.ndarray:
    """The stored number that stands for zero, or one for each channel."""
    points = tflite.scales_and_points(tensor)[1]
    return points if len(points) else np.zeros(1)


def scale_bytes(model: Any) -> int:
    """What scales (float32) and zero points (int64) take of the file, over all tensors."""
    stated = [tflite.scales_and_points(tensor) for graph in model.subgraphs for tensor in graph.tensors]
    return sum(4 * len(scales) + 8 * len(points) for scales, points in stated)


def share_of_zeros(layers: Sequence[WeightLayer]) -> float | None:
    """Share of weights that are exactly zero; None without weights that can be read."""
    total = sum(layer.elements for layer in layers)
    return sum(layer.zeros for layer in layers) / total if total else None
