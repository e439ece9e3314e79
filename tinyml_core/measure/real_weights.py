"""The weights of a `.tflite` as real numbers, each layer with its name, in order of execution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyml_core.measure.lookup_tables import Unfolded, unfolded
from tinyml_core.measure.tflite_file import DECODE, dtype_name, operator_names, shape_of, weights
from tinyml_core.measure.weight_layers import by_channel, stored_values

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
    return RealLayer(
        tensor=(tensor.name or b"").decode(errors="replace"),
        operator=operator,
        shape=shape_of(tensor),
        dtype=dtype_name(tensor.type),
        stored_bytes=len(model.buffers[tensor.buffer].data) if packed is None else packed.stored_bytes,
        scales=scales,
        values=values,
        why_unread=why,
    )


def _real(model: Any, graph: Any, tensor: Any, stored: np.ndarray, channel_axis: int) -> tuple[np.ndarray | None, int]:
    """Values, output channels first, and the number of scales.

    real = scale * (stored - zero point): TensorFlow Lite's quantization specification. Each scale stands for the whole
    tensor, for one slice along the quantized dimension, or for one block of neighbours within the last axis.
    """
    quantization = tensor.quantization
    details = None if quantization is None else quantization.details
    if details is not None and getattr(details, "scales", None) is not None:
        return _in_blocks(model, graph.tensors[int(details.scales)], stored)
    if quantization is None or quantization.scale is None or len(quantization.scale) == 0:
        return by_channel(stored, channel_axis).astype(np.float64), 0
    scale = np.asarray(quantization.scale, dtype=np.float64)
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
