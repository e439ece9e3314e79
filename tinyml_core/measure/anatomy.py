"""Lays a `.tflite` open: operators with their number types, tensors, quantization and memory. Nothing is executed."""

from __future__ import annotations

import struct
from collections import Counter
from typing import Any

from tinyml_core.anatomy import Anatomy, Mark, OperatorPart, TensorCount
from tinyml_core.call import Expected
from tinyml_core.inspection import OperatorWork
from tinyml_core.measure import tflite_file
from tinyml_core.measure.file_parts import constants, file_parts
from tinyml_core.measure.layer_names import layer_name
from tinyml_core.measure.memory import memory, size_bytes
from tinyml_core.measure.quantized_tensors import quantized_tensors
from tinyml_core.measure.tflite_file import dtype_name, is_constant, shape_of, text_of
from tinyml_core.measure.work import work
from tinyml_core.outcome import Failure

FLOATS = ("float32", "float16", "bfloat16", "float64")
BETWEEN = ("QUANTIZE", "DEQUANTIZE", "CAST")
"""Operators whose work is to change the number type."""


def anatomy(content: bytes) -> Anatomy:
    """All of a file that can be seen without executing it.

    Raises:
        Expected: The bytes are not a readable `.tflite`, or its graph does not hold together.
    """
    model = tflite_file.parse(content)
    try:
        operators = _operators(model)
        return Anatomy(
            size_bytes=len(content),
            operators=operators,
            parts=file_parts(model, len(content), operators),
            census=_census(model),
            quantized=quantized_tensors(model),
            memory=memory(model),
        )
    except (IndexError, TypeError, ValueError, AttributeError, KeyError, OverflowError, struct.error) as error:
        reason = f"The graph of this file does not hold together ({type(error).__name__})."
        raise Expected(Failure("reading the file", reason, "Convert the model again.", lasting=True)) from error


def _operators(model: Any) -> tuple[OperatorPart, ...]:
    graph, done = model.subgraphs[0], work(model)
    read, stored = constants(model)
    types = [_number_type(graph, operator, each) for operator, each in zip(graph.operators or [], done, strict=True)]
    integer = any(each.macs != 0 and _in_integers(each.dtype) for each in done)
    return tuple(
        OperatorPart(
            place=place,
            operator=each.operator,
            layer=_layer(model, graph, operator),
            number_type=number_type,
            mark=_mark(each, number_type, integer),
            input_shapes=tuple(shape_of(tensor) for tensor in _tensors(graph, operator.inputs, model)),
            output_shapes=tuple(shape_of(tensor) for tensor in _tensors(graph, operator.outputs)),
            macs=each.macs,
            read_bytes=read[place],
            stored_bytes=stored[place],
        )
        for place, (operator, each, number_type) in enumerate(
            zip(graph.operators or [], done, types, strict=True), 1
        )
    )  # fmt: skip


def _tensors(graph: Any, indexes: Any, without_constants_of: Any = None) -> list[Any]:
    """The tensors of a list of indexes; absent ones are left out, and constants if a model is given."""
    found = [graph.tensors[int(index)] for index in ([] if indexes is None else indexes) if int(index) >= 0]
    if without_constants_of is None:
        return found
    return [tensor for tensor in found if not is_constant(without_constants_of, tensor)]


def _number_type(graph: Any, operator: Any, done: OperatorWork) -> str:
    """Types of its activations and weights, and of its output where that differs."""
    outputs = _tensors(graph, operator.outputs)
    if done.operator in (*BETWEEN, tflite_file.DECODE) and outputs:
        inputs = _tensors(graph, operator.inputs)
        before, after = dtype_name(inputs[0].type) if inputs else "", dtype_name(outputs[0].type)
        return after if before == after or done.operator == tflite_file.DECODE else f"{before} to {after}"
    if done.dtype:
        return done.dtype
    return dtype_name(outputs[0].type) if outputs else "no numbers"


def _in_integers(dtype: str) -> bool:
    return dtype.startswith(("int", "uint")) and "float" not in dtype


def _mark(done: OperatorWork, number_type: str, integer: bool) -> Mark:
    if done.operator in BETWEEN:
        return "changes the number type"
    # Of a hybrid operator the weights are integers too: what is marked is an island of floats, or one before its end.
    return "float in an integer file" if integer and number_type in FLOATS else ""


def _layer(model: Any, graph: Any, operator: Any) -> str:
    """The name of the layer, from its weights where it has some, else from what it writes."""
    inputs, outputs = _tensors(graph, operator.inputs), _tensors(graph, operator.outputs)
    weights = [tensor for tensor in inputs if is_constant(model, tensor) and len(shape_of(tensor)) >= 2]
    names = (layer_name(text_of(tensor.name)) for tensor in (*weights, *outputs))
    return next((name for name in names if name), "")


def _census(model: Any) -> tuple[TensorCount, ...]:
    tensors = [tensor for graph in model.subgraphs for tensor in graph.tensors]
    counts: Counter[tuple[str, bool]] = Counter()
    sizes: Counter[tuple[str, bool]] = Counter()
    for tensor in tensors:
        stored = is_constant(model, tensor)
        kind = (dtype_name(tensor.type), stored)
        counts[kind] += 1
        sizes[kind] += len(model.buffers[tensor.buffer].data) if stored else size_bytes(tensor)
    return tuple(TensorCount(*kind, count, sizes[kind]) for kind, count in counts.most_common())
