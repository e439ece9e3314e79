"""What each operator of a `.tflite` has to do in one inference: what estimates of latency rest on."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tinyml_core.inspection import OperatorKind, OperatorWork
from tinyml_core.measure.macs import COUNTED, macs_of
from tinyml_core.measure.tflite_file import dtype_name, is_constant, names_of, operator_names, shape_of
from tinyml_core.measure.weight_layers import stored_values

# Operators that multiply by weights or run another graph, but whose work cannot be told from one formula.
UNCOUNTED = {
    "CONV_3D", "CONV_3D_TRANSPOSE", "LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_LSTM", "RNN",
    "UNIDIRECTIONAL_SEQUENCE_RNN", "BIDIRECTIONAL_SEQUENCE_RNN", "SVDF", "STABLEHLO_CONVOLUTION",
    "STABLEHLO_DOT_GENERAL", "STABLEHLO_COMPOSITE", "WHILE", "STABLEHLO_WHILE", "IF", "CALL", "DELEGATE", "CUSTOM",
}  # fmt: skip
FIRST_CHANNELS = 3
"""A convolution that sees at most as many channels as a colour picture has: `first conv`."""


def work(model: Any) -> tuple[OperatorWork, ...]:
    """The work of the main graph, operator by operator, in order of execution.

    MACs from shapes, batch as the file states it (1), with outputs = number of values of the output tensor:

        CONV_2D            outputs x filter height x filter width x filter input channels
        DEPTHWISE_CONV_2D  outputs x filter height x filter width
        FULLY_CONNECTED    outputs x inputs of one neuron
        TRANSPOSE_CONV     inputs x filter height x filter width x output channels
        BATCH_MATMUL       outputs x common axis

    Other operators either do not multiply by weights (0) or cannot be counted (None: recurrent ones, control flow,
    operators that are not part of the schema).
    """
    from ai_edge_litert import schema_py_generated as schema

    graph = model.subgraphs[0]
    builtin = set(names_of(schema.BuiltinOperator).values())
    # TFLM executes float16 weights, if at all, through DEQUANTIZE operators: what a constant is before that.
    sources: dict[int, Any] = {}
    found = []
    for name, operator in zip(operator_names(model)[0], graph.operators or [], strict=True):
        if name == "DEQUANTIZE" and is_constant(model, graph.tensors[operator.inputs[0]]):
            sources[int(operator.outputs[0])] = graph.tensors[operator.inputs[0]]
        found.append(_operator(model, graph, name if name in builtin else "CUSTOM", name, operator, sources))
    return tuple(found)


def _operator(model: Any, graph: Any, known: str, name: str, operator: Any, sources: dict[int, Any]) -> OperatorWork:
    indexes = [int(index) for index in ([] if operator.inputs is None else operator.inputs)]
    tensors = [graph.tensors[index] for index in indexes if index >= 0]
    shapes = [shape_of(tensor) for tensor in tensors]
    ends = [graph.tensors[index] for index in ([] if operator.outputs is None else operator.outputs) if index >= 0]
    output = shape_of(ends[0]) if ends else ()
    data = tensors[2] if known == "TRANSPOSE_CONV" and len(tensors) > 2 else tensors[0] if tensors else None
    given = () if data is None else shape_of(data)
    weights = tensors[1] if known in COUNTED and len(tensors) > 1 else None
    stored = None if weights is None else sources.get(indexes[1], weights)
    filter_shape = () if weights is None else shape_of(weights)
    macs: int | None = 0
    if known in COUNTED:
        macs = macs_of(known, shapes, output, bool(getattr(operator.builtinOptions, "adjX", False)))
    elif known in UNCOUNTED:
        macs = None
    axis = {"DEPTHWISE_CONV_2D": -1, "BATCH_MATMUL": -1}.get(known, 0)
    return OperatorWork(
        operator=name,
        kind=_kind(known, given, filter_shape),
        dtype=_dtype(data, weights, stored),
        macs=macs,
        outputs=prod(output) if ends and all(size >= 0 for size in output) else None,
        weight_bytes=sum(len(model.buffers[tensor.buffer].data) for tensor in tensors if is_constant(model, tensor)),
        input_channels=filter_shape[-1] if known == "FULLY_CONNECTED" and filter_shape else _last(given),
        output_channels=filter_shape[axis] if filter_shape else _last(output),
        dead_channels=0 if stored is None or not is_constant(model, stored) else _dead_channels(model, stored, axis),
        kernel=filter_shape[1:3] if "CONV" in known and len(filter_shape) == 4 else None,
        input_shape=given,
        output_shape=output,
    )


def _last(shape: tuple[int, ...]) -> int:
    return shape[-1] if shape else 1


def _kind(known: str, given: tuple[int, ...], filter_shape: tuple[int, ...]) -> OperatorKind:
    if known == "FULLY_CONNECTED":
        return "fully connected"
    if known == "DEPTHWISE_CONV_2D":
        # The converter writes a convolution of one channel as a depthwise one; the work is that of a first convolution.
        return "first conv" if _last(given) == 1 else "depthwise"
    if known == "CONV_2D":
        if filter_shape[1:3] == (1, 1):
            return "conv 1x1"
        return "first conv" if _last(given) <= FIRST_CHANNELS else "conv"
    return "unknown" if known in COUNTED or known in UNCOUNTED else "none"


def _dtype(data: Any, weights: Any, stored: Any) -> str:
    """Types of activations and weights in one word; see `OperatorWork`."""
    if data is None:
        return ""
    activations = dtype_name(data.type)
    if weights is None:
        return activations
    computed, kept = dtype_name(weights.type), dtype_name(stored.type)
    if kept != computed:
        return kept if kept == "float16" else f"{kept} computed in {computed}"
    if activations == kept:
        return activations
    if activations == "float32":
        return "hybrid"
    return "int16x8" if (activations, kept) == ("int16", "int8") else f"{activations} with {kept} weights"


def _dead_channels(model: Any, weights: Any, axis: int) -> int:
    """Output channels whose stored weights all say zero; 0 for types that cannot be read."""
    values = stored_values(model, weights)
    if values is None or not values.shape:
        return 0
    channels = values.shape[axis]
    by_channel = np.moveaxis(values, axis, 0).reshape(channels, -1)
    points = None if weights.quantization is None else weights.quantization.zeroPoint
    zero = np.zeros(1) if points is None or len(points) == 0 else np.asarray(points)
    if len(zero) not in (1, channels):
        return 0
    return int(np.all(by_channel == zero.reshape(-1, 1), axis=1).sum())
