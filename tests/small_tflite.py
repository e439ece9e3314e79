"""Small `.tflite` files made by hand, to be damaged on purpose."""

from __future__ import annotations

from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
from ai_edge_litert import schema_py_generated as schema


def quantization(scales: int = 1, axis: int = 0) -> Any:
    made = schema.QuantizationParametersT()
    made.scale = np.full(scales, 0.5, dtype=np.float32)
    made.zeroPoint = np.zeros(scales, dtype=np.int64)
    made.quantizedDimension = axis
    return made


def tensor(name: str, shape: tuple[int, ...], kind: int, buffer: int = 0, scales: int = 0) -> Any:
    made = schema.TensorT()
    made.name, made.shape, made.type, made.buffer = name.encode(), np.array(shape, dtype=np.int32), kind, buffer
    if scales:
        made.quantization = quantization(scales)
    return made


def buffer(values: np.ndarray | None = None) -> Any:
    made = schema.BufferT()
    if values is not None:
        made.data = np.frombuffer(values.tobytes(), dtype=np.uint8)
    return made


def fully_connected() -> Any:
    """A `ModelT` that both interpreters run: int8, 4 inputs, 2 outputs, one scale for each output channel."""
    graph = schema.SubGraphT()
    graph.tensors = [
        tensor("in", (1, 4), schema.TensorType.INT8, 0, 1),
        tensor("weights", (2, 4), schema.TensorType.INT8, 1, 2),
        tensor("bias", (2,), schema.TensorType.INT32, 2, 2),
        tensor("out", (1, 2), schema.TensorType.INT8, 0, 1),
    ]
    graph.tensors[2].quantization.scale = np.full(2, 0.25, dtype=np.float32)
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = np.array([0, 1, 2], dtype=np.int32), np.array([3], dtype=np.int32)
    operator.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
    operator.builtinOptions = schema.FullyConnectedOptionsT()
    graph.operators = [operator]
    graph.inputs, graph.outputs = np.array([0], dtype=np.int32), np.array([3], dtype=np.int32)
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.FULLY_CONNECTED
    code.version = 4
    model = schema.ModelT()
    model.version, model.description = 3, b"made by hand"
    model.operatorCodes, model.subgraphs = [code], [graph]
    model.buffers = [
        buffer(),
        buffer(np.arange(-4, 4, dtype=np.int8).reshape(2, 4)),
        buffer(np.array([1, 2], dtype=np.int32)),
    ]
    return model


def sparse() -> Any:
    """The same with weights of which every second is stored, in compressed rows."""
    model = fully_connected()
    made = schema.SparsityParametersT()
    made.traversalOrder = np.array([0, 1], dtype=np.int32)
    rows, columns = schema.DimensionMetadataT(), schema.DimensionMetadataT()
    rows.format, rows.denseSize = schema.DimensionType.DENSE, 2
    columns.format = schema.DimensionType.SPARSE_CSR
    columns.arraySegmentsType = columns.arrayIndicesType = schema.SparseIndexVector.Uint8Vector
    columns.arraySegments, columns.arrayIndices = schema.Uint8VectorT(), schema.Uint8VectorT()
    columns.arraySegments.values = np.array([0, 2, 4], dtype=np.uint8)
    columns.arrayIndices.values = np.array([0, 2, 1, 3], dtype=np.uint8)
    made.dimMetadata = [rows, columns]
    model.subgraphs[0].tensors[1].sparsity = made
    model.buffers[1] = buffer(np.array([1, 2, 3, 4], dtype=np.int8))
    return model


def calling(graph: int, options: Any = None) -> Any:
    """An operator that calls a graph once."""
    operator = schema.OperatorT()
    operator.inputs = operator.outputs = np.array([], dtype=np.int32)
    operator.builtinOptionsType = schema.BuiltinOptions.CallOnceOptions
    operator.builtinOptions = schema.CallOnceOptionsT()
    operator.builtinOptions.initSubgraphIndex = graph
    return operator


def packed(model: Any) -> bytes:
    """The file of a `ModelT`."""
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def endless() -> Any:
    """A loop that goes on while its value is not greater than itself; float32, one value."""

    def operator(code: int, inputs: list[int], outputs: list[int], kind: int = 0, options: Any = None) -> Any:
        made = schema.OperatorT()
        made.opcodeIndex, made.builtinOptionsType, made.builtinOptions = code, kind, options
        made.inputs, made.outputs = np.array(inputs, dtype=np.int32), np.array(outputs, dtype=np.int32)
        return made

    def graph(name: str, result: int, operators: list[Any]) -> Any:
        made = schema.SubGraphT()
        made.name = name.encode()
        made.tensors = [tensor("in", (1, 1), schema.TensorType.FLOAT32), tensor("out", (1, 1), result)]
        made.operators = operators
        made.inputs, made.outputs = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
        return made

    loop, flat = schema.WhileOptionsT(), schema.ReshapeOptionsT()
    loop.condSubgraphIndex, loop.bodySubgraphIndex, flat.newShape = 1, 2, np.array([1], dtype=np.int32)
    kinds, types = schema.BuiltinOptions, schema.TensorType
    goes_on = graph("goes_on", types.BOOL, [
        operator(1, [0, 0], [2], kinds.LessEqualOptions, schema.LessEqualOptionsT()),
        operator(3, [2, 3], [1], kinds.ReshapeOptions, flat),
    ])  # fmt: skip
    goes_on.tensors[1].shape = np.array([1], dtype=np.int32)
    goes_on.tensors += [tensor("whole", (1, 1), types.BOOL), tensor("shape", (1,), types.INT32, 1)]
    model = fully_connected()
    model.subgraphs = [
        graph("main", types.FLOAT32, [operator(0, [0], [1], kinds.WhileOptions, loop)]),
        goes_on,
        graph("step", types.FLOAT32, [operator(2, [0], [1], kinds.AbsOptions, schema.AbsOptionsT())]),
    ]
    model.operatorCodes = []
    builtin = schema.BuiltinOperator
    for kind in (builtin.WHILE, builtin.LESS_EQUAL, builtin.ABS, builtin.RESHAPE):
        code = schema.OperatorCodeT()
        code.builtinCode, code.deprecatedBuiltinCode, code.version = kind, min(kind, 127), 1
        model.operatorCodes.append(code)
    model.buffers = [buffer(), buffer(np.array([1], dtype=np.int32))]
    return model
