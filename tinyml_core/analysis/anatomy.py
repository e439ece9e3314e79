"""The nouns of a file laid open: its bytes part by part, its operators, its quantization, and its memory over time."""

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

    Attributes:
        kind: `weights` are an operator's constants; `other constants` no operator of the main graph reads; `graph` is what
            is left: tables, shapes, options, padding, the index of sparse weights.
        place: Of the operator whose constants they are; 0 for all other parts.
    """

    name: str
    kind: PartKind
    place: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class TensorCount:
    """How many tensors of one type there are over all graphs.

    Attributes:
        stored: True for constants, which lie in the file; False for what is computed.
        size_bytes: Of all of them together.
    """

    dtype: str
    stored: bool
    tensors: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class QuantizedTensor:
    """Scale and zero point of one tensor of the main graph: real value = scale * (stored - zero point).

    Attributes:
        scales: One of a tensor, one of each channel, or one of each block of neighbours.
        zero_points: As many as scales, or one for all.
        axis: Along which the channels lie; None for one scale.
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
    """A `.tflite` laid open.

    Attributes:
        size_bytes: Of the file.
        parts: The file cut up; their sizes add up to `size_bytes`.
        quantized: Tensors with a scale, inputs and outputs first, then in the order of the file.
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
    if done.operator in (*BETWEEN, tflite.DECODE) and outputs:
        inputs = _tensors(graph, operator.inputs)
        before, after = dtype_name(inputs[0].type) if inputs else "", dtype_name(outputs[0].type)
        return after if before == after or done.operator == tflite.DECODE else f"{before} to {after}"
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


# ---- Where the bytes of a `.tflite` go: constants by operator, scales, names, metadata, and the graph itself -------


NAME_BYTES = 5
"""A text of a flatbuffer takes four bytes for its length and one for its end, besides its letters."""


def constants(model: Any) -> tuple[Counter[int], Counter[int]]:
    """Bytes of constants by the place of an operator of the main graph, from 1.

    Returns:
        `(read, stored)`: all that an operator reads, and of it what no operator before it reads. Scales of weights that are
        quantized in blocks are constants too, and count with their weights.
    """
    graph = model.subgraphs[0]
    read: Counter[int] = Counter()
    stored: Counter[int] = Counter()
    counted: set[int] = set()
    for place, operator in enumerate(graph.operators or [], 1):
        own = {
            buffer
            for index in ([] if operator.inputs is None else operator.inputs)
            for buffer in _of(graph, int(index))
        }
        for buffer in own:
            size = _size(model.buffers[buffer])
            read[place] += size
            stored[place] += 0 if buffer in counted else size
        counted |= own
    return read, stored


def _of(graph: Any, index: int) -> set[int]:
    """Buffers of a tensor: its values, and the scales of its blocks."""
    if index < 0:
        return set()
    tensor = graph.tensors[index]
    details = None if tensor.quantization is None else tensor.quantization.details
    scales = getattr(details, "scales", None)
    return {int(tensor.buffer)} | ({int(graph.tensors[int(scales)].buffer)} if scales is not None else set())


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
    weights = [
        FilePart(_title(operator), "weights", operator.place, operator.stored_bytes)
        for operator in operators
        if operator.stored_bytes
    ]
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


def _title(operator: OperatorPart) -> str:
    name = operator.operator.replace("_", " ").lower()
    return f"{operator.place}. {operator.layer or name}"


# ---- Scale and zero point of every quantized tensor of a `.tflite`, channel by channel -----------------------------


DIGITS = 9
"""So many digits tell every float32 from its neighbours."""


def quantized_tensors(model: Any) -> tuple[QuantizedTensor, ...]:
    """The tensors of the main graph that have a scale, inputs and outputs first."""
    graph = model.subgraphs[0]
    ends: dict[int, Role] = {int(index): "output" for index in graph.outputs}
    ends |= {int(index): "input" for index in graph.inputs}
    found = [(index, _quantized(model, graph, index, ends.get(index))) for index in range(len(graph.tensors))]
    kept = [(index, tensor) for index, tensor in found if tensor is not None]
    places = [*map(int, graph.inputs), *map(int, graph.outputs)]
    kept.sort(key=lambda each: places.index(each[0]) if each[0] in places else len(places))
    return tuple(tensor for _, tensor in kept)


def _quantized(model: Any, graph: Any, index: int, end: Role | None) -> QuantizedTensor | None:
    tensor = graph.tensors[index]
    quantization = tensor.quantization
    if quantization is None:
        return None
    axis = None
    granularity: Granularity = "tensor"
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
    same = tuple(points[:1]) if len(set(points)) == 1 else tuple(points)
    return QuantizedTensor(
        name=text_of(tensor.name),
        role=end or _role(model, tensor),
        shape=shape_of(tensor),
        dtype=dtype_name(tensor.type),
        granularity=granularity,
        scales=tuple(float(f"{scale:.{DIGITS}g}") for scale in scales),
        zero_points=same or (0,),
        axis=axis,
    )


def _role(model: Any, tensor: Any) -> Role:
    if tensor.isVariable:
        return "state"
    if not is_constant(model, tensor):
        return "activation"
    return "weights" if len(shape_of(tensor)) >= 2 else "constant"
