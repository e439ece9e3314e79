"""Weights that a file stores as indices and lookup tables for TFLM's DECODE operator, unfolded for counting.

The layout is that of `decode_state_lut.cc`: 16 bytes of header (byte 5: channel axis in the upper four bits, 15 for one
table; bits of an index in the lower three; byte 6: values of one table), then the tables. Indices lie in big-endian bit order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyml_core.measure.tflite_file import DECODE, dtype_name, operator_names, shape_of

HEADER_BYTES = 16
ONE_TABLE = 15


@dataclass(frozen=True, slots=True)
class Unfolded:
    """One packed weight tensor.

    Attributes:
        tensor: The tensor that DECODE writes: it has the weights' name, shape, type and scales.
        values: The weights as numbers, in that shape.
        stored_bytes: Indices and tables together.
    """

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
    """The values that indices name.

    Args:
        packed: Indices, bit after bit, as bytes.
        tables: Header and tables, as bytes.
        shape: Of the result.
        dtype: Of the result and of the tables' values.
    """
    axis, bits, length = int(tables[5]) >> 4, int(tables[5]) & 7, int(tables[6])
    size = int(np.prod(shape))
    digits = np.unpackbits(packed)[: size * bits].reshape(size, bits)
    indices = (digits @ (1 << np.arange(bits)[::-1])).reshape(shape)
    by_channel = tables[HEADER_BYTES:].view(dtype).reshape(-1, length)
    if axis == ONE_TABLE:
        return np.asarray(by_channel[0][indices])
    channel = np.arange(shape[axis]).reshape([-1 if place == axis else 1 for place in range(len(shape))])
    return np.asarray(by_channel[channel, indices])
