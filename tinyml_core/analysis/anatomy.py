"""A file laid open: its bytes part by part, its operators, its quantization, and its memory over time."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tinyml_core.analysis.memory import Memory, memory, size_bytes
from tinyml_core.domain.inspection import OperatorWork
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Expected
from tinyml_core.measure import tflite
from tinyml_core.measure.inspect_file import work
from tinyml_core.measure.tflite import dtype_name, is_constant, layer_name, shape_of, text_of
from tinyml_core.measure.weight_tensors import scale_bytes, stored_values

Mark = Literal["", "float in an integer file", "changes the number type"]
PartKind = Literal["weights", "other constants", "scales", "names", "metadata", "graph"]
Granularity = Literal["tensor", "channel", "block"]
Role = Literal["input", "output", "weights", "constant", "activation", "state"]


@dataclass(frozen=True, slots=True)
class OperatorPart:
    """One operator of the main graph.

    Attributes:
        place: In order of execution, from 1.
        layer: The layer it belongs to, as its author named it; empty where the file lost the name.
        number_type: What it computes in, told by its tensors: `int8`, `int16x8`, `float32 to int8`, ...
        mark: What is remarkable about the number type; empty for nothing.
        input_shapes: Of the tensors that are computed, without constants.
        macs: None where they cannot be counted.
        read_bytes: Constants it reads: weights, biases, axes.
        stored_bytes: What of them the file stores for it: constants that an operator before it reads too are counted there.
    """

    place: int
    operator: str
    layer: str
    number_type: str
    mark: Mark
    input_shapes: tuple[tuple[int, ...], ...]
    output_shapes: tuple[tuple[int, ...], ...]
    macs: int | None
    read_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of the file; all parts together are the file, byte by byte.

    `weights` are the constants of the operator at a place, which is 0 for all other parts. `other constants` are those
    that no operator of the main graph reads; `graph` is what is left: tables, shapes, options, padding, the index of sparse weights.
    """

    name: str
    kind: PartKind
    place: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class TensorCount:
    """How many tensors of a type there are over all graphs, stored constants or computed, and their size together."""

    dtype: str
    stored: bool
    tensors: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class QuantizedTensor:
    """Scale and zero point of one tensor of the main graph: real value = scale * (stored - zero point).

    There is one scale of a tensor, one of each channel along an axis, or one of each block of neighbours; zero points
    are as many, or one for all.
    """

    name: str
    role: Role
    shape: tuple[int, ...]
    dtype: str
    granularity: Granularity
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int | None


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A `.tflite` laid open, and cut up into parts whose sizes add up to the file's.

    Tensors with a scale are `quantized`, inputs and outputs first, then in the order of the file.
    """

    size_bytes: int
    operators: tuple[OperatorPart, ...]
    parts: tuple[FilePart, ...]
    census: tuple[TensorCount, ...]
    quantized: tuple[QuantizedTensor, ...]
    memory: Memory


FLOATS = ("float32", "float16", "bfloat16", "float64")

BETWEEN = ("QUANTIZE", "DEQUANTIZE", "CAST")
"""Operators whose work is to change the number type."""


def anatomy(content: bytes) -> Anatomy:
    """All of a file that can be seen without executing it.

    Raises:
        Expected: The bytes are not a readable `.tflite`, or its graph does not hold together.
    """
    model = tflite.parse(content)
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
    integer = any(
        each.macs != 0 and each.dtype.startswith(("int", "uint")) and "float" not in each.dtype for each in done
    )
    found = []
    for place, (operator, each) in enumerate(zip(graph.operators or [], done, strict=True), 1):
        inputs, outputs = _tensors(graph, operator.inputs), _tensors(graph, operator.outputs)
        number_type = _number_type(inputs, outputs, each)
        part = OperatorPart(
            place=place,
            operator=each.operator,
            layer=_layer(model, inputs, outputs),
            number_type=number_type,
            mark=_mark(each, number_type, integer),
            input_shapes=tuple(shape_of(tensor) for tensor in inputs if not is_constant(model, tensor)),
            output_shapes=tuple(shape_of(tensor) for tensor in outputs),
            macs=each.macs,
            read_bytes=read[place],
            stored_bytes=stored[place],
        )
        found.append(part)
    return tuple(found)


def _tensors(graph: Any, indexes: Any) -> list[Any]:
    """The tensors of a list of indexes; absent ones are left out."""
    return [graph.tensors[int(index)] for index in ([] if indexes is None else indexes) if int(index) >= 0]


def _number_type(inputs: list[Any], outputs: list[Any], done: OperatorWork) -> str:
    """Types of its activations and weights, and of its output where that differs."""
    after = dtype_name(outputs[0].type) if outputs else "no numbers"
    if done.operator in (*BETWEEN, tflite.DECODE) and outputs:
        before = dtype_name(inputs[0].type) if inputs else ""
        return after if before == after or done.operator == tflite.DECODE else f"{before} to {after}"
    return done.dtype or after


def _mark(done: OperatorWork, number_type: str, integer: bool) -> Mark:
    if done.operator in BETWEEN:
        return "changes the number type"
    # Of a hybrid operator the weights are integers too: what is marked is an island of floats, or one before its end.
    return "float in an integer file" if integer and number_type in FLOATS else ""


def _layer(model: Any, inputs: list[Any], outputs: list[Any]) -> str:
    """The name of the layer, from its weights where it has some, else from what it writes."""
    weights = [tensor for tensor in inputs if is_constant(model, tensor) and len(shape_of(tensor)) >= 2]
    names = (layer_name(text_of(tensor.name)) for tensor in (*weights, *outputs))
    return next((name for name in names if name), "")


def _census(model: Any) -> tuple[TensorCount, ...]:
    counts: Counter[tuple[str, bool]] = Counter()
    sizes: Counter[tuple[str, bool]] = Counter()
    for tensor in (tensor for graph in model.subgraphs for tensor in graph.tensors):
        stored = is_constant(model, tensor)
        kind = (dtype_name(tensor.type), stored)
        counts[kind] += 1
        sizes[kind] += len(model.buffers[tensor.buffer].data) if stored else size_bytes(tensor)
    return tuple(TensorCount(*kind, count, sizes[kind]) for kind, count in counts.most_common())


# ---- Where the bytes of a `.tflite` go: constants by operator, scales, names, metadata, and the graph itself -------

NAME_BYTES = 5
"""A text of a flatbuffer takes four bytes for its length and one for its end, besides its letters."""


def constants(model: Any) -> tuple[Counter[int], Counter[int]]:
    """Bytes of constants by the place of an operator, from 1: all it reads, and of it what no operator before it reads.

    Scales of weights that are quantized in blocks are constants too, and count with their weights.
    """
    graph = model.subgraphs[0]
    read: Counter[int] = Counter()
    stored: Counter[int] = Counter()
    counted: set[int] = set()
    for place, operator in enumerate(graph.operators or [], 1):
        tensors = _tensors(graph, operator.inputs)
        details = [tensor.quantization.details for tensor in tensors if tensor.quantization is not None]
        of_blocks = [scales for each in details if (scales := getattr(each, "scales", None)) is not None]
        own = {int(tensor.buffer) for tensor in (*tensors, *_tensors(graph, of_blocks))}
        read[place] = sum(_size(model.buffers[buffer]) for buffer in own)
        stored[place] = sum(_size(model.buffers[buffer]) for buffer in own - counted)
        counted |= own
    return read, stored


def _size(buffer: Any) -> int:
    return 0 if buffer.data is None else len(buffer.data)


def file_parts(model: Any, file_bytes: int, operators: Sequence[OperatorPart]) -> tuple[FilePart, ...]:
    """The file cut up; what nothing else claims is the graph, so that the sum is the file, byte by byte.

    Raises:
        ValueError: Constants, names and scales together would be larger than the file.
    """
    described = {int(entry.buffer) for entry in model.metadata or []}
    metadata = sum(_size(model.buffers[index]) for index in described)
    every = sum(_size(buffer) for buffer in model.buffers)
    names = [each.layer or each.operator.replace("_", " ").lower() for each in operators]
    titled = [(f"{each.place}. {name}", each) for name, each in zip(names, operators, strict=True)]
    weights = [FilePart(title, "weights", each.place, each.stored_bytes) for title, each in titled]
    parts = [
        *weights,
        FilePart("other constants", "other constants", 0,
                 every - metadata - sum(part.size_bytes for part in weights)),
        FilePart("scales and zero points", "scales", 0, scale_bytes(model)),
        FilePart("names of tensors", "names", 0, sum(
            len(text_of(tensor.name).encode()) + NAME_BYTES for graph in model.subgraphs for tensor in graph.tensors
        )),
        FilePart("metadata of the converter", "metadata", 0, metadata),
    ]  # fmt: skip
    rest = file_bytes - sum(part.size_bytes for part in parts)
    if rest < 0 or any(part.size_bytes < 0 for part in parts):
        raise ValueError("the parts are larger than the file")
    parts.append(FilePart("graph structure", "graph", 0, rest))
    return tuple(part for part in parts if part.size_bytes)


# ---- Scale and zero point of every quantized tensor of a `.tflite`, channel by channel -----------------------------

DIGITS = 9
"""So many digits tell every float32 from its neighbours."""


def quantized_tensors(model: Any) -> tuple[QuantizedTensor, ...]:
    """The tensors of the main graph that have a scale, inputs and outputs first."""
    graph = model.subgraphs[0]
    places = [*map(int, graph.inputs), *map(int, graph.outputs)]
    order = sorted(range(len(graph.tensors)), key=lambda index: places.index(index) if index in places else len(places))
    found = [_quantized(model, graph, index) for index in order]
    return tuple(tensor for tensor in found if tensor is not None)


def _quantized(model: Any, graph: Any, index: int) -> QuantizedTensor | None:
    tensor, quantization = graph.tensors[index], graph.tensors[index].quantization
    if quantization is None:
        return None
    granularity: Granularity = "tensor"
    axis = None
    points = [] if quantization.zeroPoint is None else [int(point) for point in quantization.zeroPoint]
    blocks = getattr(quantization.details, "scales", None)
    if blocks is not None:
        values = stored_values(model, graph.tensors[int(blocks)])
        scales = [] if values is None else [float(value) for value in values.ravel()]
        granularity, axis, points = "block", 0, [0]
    else:
        scales = [] if quantization.scale is None else [float(scale) for scale in quantization.scale]
        if len(scales) > 1:
            granularity, axis = "channel", int(quantization.quantizedDimension)
    if not scales:
        return None
    points = points[:1] if len(set(points)) == 1 else points
    return QuantizedTensor(
        name=text_of(tensor.name),
        role=_role(model, graph, index),
        shape=shape_of(tensor),
        dtype=dtype_name(tensor.type),
        granularity=granularity,
        scales=tuple(float(f"{scale:.{DIGITS}g}") for scale in scales),
        zero_points=tuple(points) or (0,),
        axis=axis,
    )


def _role(model: Any, graph: Any, index: int) -> Role:
    tensor = graph.tensors[index]
    if index in list(graph.inputs):
        return "input"
    if index in list(graph.outputs):
        return "output"
    if tensor.isVariable:
        return "state"
    if not is_constant(model, tensor):
        return "activation"
    return "weights" if len(shape_of(tensor)) >= 2 else "constant"
