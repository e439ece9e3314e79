"""Reads a `.tflite` without executing it: sizes, operators and their work, MACs, what the arena saves on 32 bits."""

from __future__ import annotations

import gzip
import struct
from collections import Counter
from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np

from tinyml_core.domain.inspection import Inspection, OperatorKind, OperatorWork, Sizes
from tinyml_core.measure import tflite, weight_tensors
from tinyml_core.measure.tflite import DECODE, dtype_name, is_constant, names_of, operator_names, shape_of


def c_source(content: bytes, name: str = "g_model") -> str:
    """The text of a `.cc` file with the model as a constant array, as `xxd -i` writes it, aligned as TFLM needs it."""
    rows = (content[start : start + 12] for start in range(0, len(content), 12))
    text = ",\n".join("  " + ", ".join(f"0x{byte:02x}" for byte in row) for row in rows)
    return (
        "#include <cstddef>\n\n"
        f"alignas(16) extern const unsigned char {name}[] = {{\n{text}\n}};\n"
        f"extern const size_t {name}_size = sizeof({name});\n"
    )


def saving_bytes(model: Any) -> int | None:
    """Bytes by which the arena's recorded total shrinks on a 32-bit build; None for operators that were not counted."""
    graphs, main = model.subgraphs, model.subgraphs[0]
    by_graph = operator_names(model)
    names = Counter(name for graph_names in by_graph for name in graph_names)
    if DECODE in names:
        return None
    ends = [main.tensors[index].quantization for index in (*main.inputs, *main.outputs)]
    quantized = sum(quantization is not None and quantization.scale is not None for quantization in ends)
    pairs = [(graph.operators or [], own) for graph, own in zip(graphs, by_graph, strict=True)]
    every = [pair for operators, own in pairs for pair in zip(operators, own, strict=True)]
    handles = [operator.builtinOptions for operator, name in every if name == "VAR_HANDLE"]
    variables = len({(getattr(it, "container", None), getattr(it, "sharedName", None)) for it in handles})
    with_pointers = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "SOFTMAX", "CONCATENATION")
    structures = (
        12 * sum(len(graph.tensors) for graph in graphs)
        + 32 * sum(names.values())
        + 16 * sum(names[name] for name in with_pointers)
        + 8 * names["VAR_HANDLE"]
        + 8 * len(graphs)
        + _round16(40 * variables)
        - _round16(20 * variables)
        + 32 * len(ends)
        + 12 * quantized
        + 11 * names["FULLY_CONNECTED"]
        + 6 * names["ADD"]
    )
    alignment = 32 * names["FULLY_CONNECTED"] + 32 * names["CONCATENATION"] + 16 * names["ASSIGN_VARIABLE"]
    interpreter = 348
    return structures + alignment + interpreter


def _round16(size_bytes: int) -> int:
    return (size_bytes + 15) // 16 * 16


UNREADABLE = (IndexError, TypeError, ValueError, AttributeError, OverflowError, struct.error)
"""What reading a graph raises whose parts do not fit together."""


def inspect_file(content: bytes) -> Inspection:
    """Sizes, census, work of each operator, MACs, operators, inputs and outputs of a `.tflite`.

    Raises:
        Expected: The bytes are not a readable `.tflite`.
    """
    model = tflite.parse(content)
    main = model.subgraphs[0]
    try:
        saving, done = saving_bytes(model), work(model)
        counted = macs(done)
    except UNREADABLE:
        saving, done, counted = None, (), None
    try:
        layers = weight_tensors.weight_layers(model)
    except UNREADABLE:
        layers = ()
    weights_census = Counter(dtype_name(tensor.type) for tensor in tflite.weights(model))
    inputs, outputs = ([tflite.describe(main.tensors[at]) for at in ends] for ends in (main.inputs, main.outputs))
    return Inspection(
        sizes=sizes(content), census=tflite.census(model), weights_census=dict(weights_census), macs=counted,
        operators=tuple(name for names in operator_names(model) for name in names),
        weight_zeros=weight_tensors.share_of_zeros(layers), inputs=tuple(inputs), outputs=tuple(outputs),
        output_step=tflite.output_step(model), arena_saving_bytes=saving, work=done, weight_layers=layers,
        external_weights=tflite.has_external_weights(model), scale_bytes=weight_tensors.scale_bytes(model),
    )  # fmt: skip


# ---- Multiply-accumulate operations, counted from the shapes in a `.tflite` ----------------------------------------

Shape = tuple[int, ...]


def macs_of(name: str, inputs: list[Shape], output: Shape, first_transposed: bool = False) -> int | None:
    """MACs of one operator that multiplies weights with activations; None if a shape that is needed is left open.

        CONV_2D            outputs x filter height x filter width x filter input channels
        DEPTHWISE_CONV_2D  outputs x filter height x filter width
        FULLY_CONNECTED    outputs x inputs of one neuron
        TRANSPOSE_CONV     inputs x filter height x filter width x output channels
        BATCH_MATMUL       outputs x common axis

    Args:
        name: Operator name, as in the schema: one of `COUNTED`.
        inputs: Shapes of its inputs. Convolutions: input NHWC, filter (out, height, width, in), for a depthwise one
            (1, height, width, out); transposed convolution: output shape, filter, input; fully connected: input,
            weights (out, in).
        output: Shape of its output: NHWC, or (batch, out).
        first_transposed: Of BATCH_MATMUL: its first matrix lies transposed.

    >>> macs_of("CONV_2D", [(1, 8, 8, 1), (16, 3, 3, 1), (16,)], (1, 8, 8, 16))
    9216
    """
    shapes = [output, *inputs[:2]] if name != "TRANSPOSE_CONV" else [output, *inputs[1:3]]
    if len(shapes) < 3 or any(not shape or min(shape) < 1 for shape in shapes):
        return None
    if name == "CONV_2D":
        return prod(output) * prod(inputs[1][1:])
    if name == "DEPTHWISE_CONV_2D":
        return prod(output) * prod(inputs[1][1:3])
    if name == "TRANSPOSE_CONV":
        return prod(inputs[2]) * prod(inputs[1][:3])
    if name == "BATCH_MATMUL":
        return prod(output) * inputs[0][-2 if first_transposed else -1] if len(inputs[0]) > 1 else None
    return prod(output) * inputs[1][-1]


COUNTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "BATCH_MATMUL")
"""The operators whose MACs `macs_of` counts."""


def macs(work: Iterable[OperatorWork]) -> int | None:
    """MACs of one inference of the main graph, batch as the file states it (1); None where an operator's are unknown."""
    counts = [operator.macs for operator in work]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def flash_bytes(content: bytes) -> int:
    """Flash of a file as a constant array, as a linker places it: rounded up to 16 bytes."""
    return _round16(len(content))


def sizes(content: bytes) -> Sizes:
    """Count the four sizes of a `.tflite`.

    - `.tflite`: the file as converted;
    - gzip: the file compressed at level 9, what a download costs;
    - C source text: the text of `model.cc`, about six times the model;
    - flash: the constant array as a linker places it: the file rounded up to 16 bytes, without any runtime.
    """
    compressed = gzip.compress(content, compresslevel=9, mtime=0)
    return Sizes(len(content), len(compressed), len(c_source(content).encode()), flash_bytes(content))


# ---- What each operator of a `.tflite` has to do in one inference: what estimates of latency rest on ---------------

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

    MACs by `macs_of`, batch as the file states it (1). Other operators either do not multiply by weights (0) or cannot
    be counted (None: recurrent ones, control flow, operators that are not part of the schema).
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
    macs: int | None = None if known in UNCOUNTED else 0
    if known in COUNTED:
        macs = macs_of(known, shapes, output, bool(getattr(operator.builtinOptions, "adjX", False)))
    axis = -1 if known in ("DEPTHWISE_CONV_2D", "BATCH_MATMUL") else 0
    return OperatorWork(
        name, _kind(known, given, filter_shape), _dtype(data, weights, stored), macs,
        outputs=prod(output) if ends and all(size >= 0 for size in output) else None,
        weight_bytes=sum(len(model.buffers[tensor.buffer].data) for tensor in tensors if is_constant(model, tensor)),
        input_channels=filter_shape[-1] if known == "FULLY_CONNECTED" and filter_shape else _last(given),
        output_channels=filter_shape[axis] if filter_shape else _last(output),
        dead_channels=0 if stored is None or not is_constant(model, stored) else _dead_channels(model, stored, axis),
        kernel=filter_shape[1:3] if "CONV" in known and len(filter_shape) == 4 else None,
        input_shape=given, output_shape=output,
    )  # fmt: skip


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
    values = weight_tensors.stored_values(model, weights)
    if values is None or not values.shape:
        return 0
    channels, zeros = weight_tensors.by_channel(values, axis), weight_tensors.zero_points(weights)
    if len(zeros) not in (1, len(channels)):
        return 0
    return int(np.all(channels == zeros[:, None], axis=1).sum())
