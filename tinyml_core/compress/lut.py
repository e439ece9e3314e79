"""Lookup tables for TFLM: weights with few distinct values are stored as small indices, and decoded when the model runs."""

from __future__ import annotations

import contextlib
import importlib
import io
import warnings
from dataclasses import dataclass
from typing import Any

from tinyml_core.domain.metrics import format_bytes
from tinyml_core.domain.outcome import Failure
from tinyml_core.domain.technique import Packing
from tinyml_core.engine.call import Expected

MOST_INDEX_BITS = 7
"""The widest index that the file format of TFLM's lookup tables can express: 128 values."""

TABLE_HEADER_BYTES = 16
DOCUMENTATION = "https://github.com/tensorflow/tflite-micro/blob/main/tensorflow/lite/micro/docs/compression.md"

OPERATOR_BYTES = 512
"""What a DECODE operator, its tensors and their names add to the file: 400 to 700 bytes on the models of the zoo. A tensor
that saves less stays as it is."""


@dataclass(frozen=True, slots=True)
class Table:
    """How one tensor, named by its place in the main graph, is to be packed.

    There is one for each slice along the channel axis, one in all if that is None; the saving is of indices and tables.
    """

    tensor: int
    index_bits: int
    channel_axis: int | None
    saved_bytes: int


def pack(content: bytes) -> bytes:
    """The file with its clustered weights as indices and tables, and a DECODE operator before each of their uses.

    Raises:
        Expected: No tensor would become smaller, or TFLM's tool is not here or refuses.
    """
    from tinyml_core.measure.tflm import NOT_HERE, available

    if not available():
        raise Expected(Failure("packing", NOT_HERE.cause, NOT_HERE.fix))
    tables = tables_of(content)
    packed = with_tables(content, tables) if tables else content
    if len(packed) >= len(content):
        raise Expected(nothing_to_pack(content))
    return packed


def tables_of(content: bytes) -> tuple[Table, ...]:
    """A table for each weight tensor that it makes much smaller: one a channel if the tensor is quantized by channel, else one."""
    from tinyml_core.measure import tflite

    model = tflite.parse(content)
    weights = {id(tensor) for tensor in tflite.weights(model)}
    main = enumerate(model.subgraphs[0].tensors)
    found = (_table(model, tensor, index) for index, tensor in main if id(tensor) in weights)
    return tuple(filter(None, found))


def _table(model: Any, tensor: Any, index: int) -> Table | None:
    import numpy as np

    from tinyml_core.measure.tflite import scales_and_points
    from tinyml_core.measure.weight_tensors import stored_values

    values = stored_values(model, tensor)
    if values is None:
        return None
    axis = int(tensor.quantization.quantizedDimension) if len(scales_and_points(tensor)[0]) > 1 else None
    slices = [values] if axis is None else list(np.moveaxis(values, axis, 0))
    longest = max(len(np.unique(part)) for part in slices)
    bits = max(1, (longest - 1).bit_length())
    packed_bytes = -(-values.size * bits // 8) + TABLE_HEADER_BYTES + longest * len(slices) * values.itemsize
    saved = values.nbytes - packed_bytes
    return Table(index, bits, axis, saved) if bits <= MOST_INDEX_BITS and saved > OPERATOR_BYTES else None


def with_tables(content: bytes, tables: tuple[Table, ...]) -> bytes:
    """Pack the tensors as the tables say.

    Raises:
        Expected: TFLM's tool refuses.
    """
    compress: Any = importlib.import_module("tflite_micro.tensorflow.lite.micro.compression.compress")
    spec: Any = importlib.import_module("tflite_micro.tensorflow.lite.micro.compression.spec")

    specs = []
    for table in tables:
        mode = spec.PerTensor() if table.channel_axis is None else spec.PerChannel(axis=table.channel_axis)
        method = spec.LookUpTableCompression(index_bitwidth=table.index_bits, mode=mode)
        specs.append(spec.Tensor(subgraph=0, tensor=table.tensor, compression=[method]))
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            return bytes(compress.compress(content, specs))
    except Exception as error:
        reason, advice = "TFLM's packing tool refuses this file.", "Use the same variant without packing."
        detail = f"{type(error).__name__}: {error}"[:2000]
        raise Expected(Failure("packing", reason, advice, lasting=True, detail=detail)) from error


def nothing_to_pack(content: bytes) -> Failure:
    """Why no weight of a file can be packed."""
    from tinyml_core.measure import tflite
    from tinyml_core.measure.weight_tensors import weight_layers

    layers = weight_layers(tflite.parse(content))
    largest = max(layers, key=lambda layer: layer.stored_bytes, default=None)
    advice = (
        "Cluster the weights first (cluster8, cluster16): then a few values are left, and short indices can name them."
    )
    if largest is None:
        why = "it holds no weights whose values can be read."
    elif largest.few_values and largest.dtype == "float32":
        why = f"each channel of its largest layer has {largest.distinct_per_channel} distinct values, but a layer of "
        why += "floats has one table for all channels, and where a batch normalization was folded into it each "
        why += "channel's values are others."
        advice = "Write the weights as int8 before packing (cluster16_int8_lut): "
        advice += "there each channel has a table of its own."
    elif largest.few_values:
        why = f"its largest layer has {format_bytes(largest.stored_bytes)} of weights, and indices, tables and the "
        why += "operator that decodes them would take as much."
        advice = "Leave the packing out: the layers are too small for it."
    else:
        why = f"its largest layer has {largest.distinct_per_channel} distinct values in one channel, and indices and "
        why += "tables for so many would take as much as the weights."
    reason = f"No weights of this file would become smaller by a lookup table: {why}"
    return Failure("packing", reason, advice, DOCUMENTATION, lasting=True)


PACKING = Packing("lut", "Lookup-table packing", "packed", 1, ("float32", "int8"), pack)
