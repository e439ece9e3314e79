"""The places of a graph at which two files can be compared, and which place of one file is which of the other."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from tinyml_core.measure import tflite
from tinyml_core.measure.inspect_file import COUNTED
from tinyml_core.measure.tflite import dtype_name, layer_name, operator_names, shape_of

INPUT = "INPUT"

CARRYING = ("QUANTIZE", "DEQUANTIZE", "RESHAPE", "SQUEEZE", "EXPAND_DIMS")
"""Operators that pass values on as they are, or only round them: no layers."""

_OF_THE_END = re.compile(r"(StatefulPartitionedCall|PartitionedCall|Identity|serving_default)")
"""Names that a converter gives to an output, whichever layer it comes from."""

VALUES = ("float32", "float16", "int8", "uint8", "int16")
"""Types of what layers compute; other types are shapes and indices."""


@dataclass(frozen=True, slots=True)
class Point:
    """What one layer gives.

    Attributes:
        layer: Its short name; not unique.
        tensor: Index of the tensor that holds its values.
        shape: Of that tensor, without the batch axis.
        weights: Type of its weights; empty where it has none.
        weight_scales: How many scales they are quantized with.
        sources: The points whose values it reads.
    """

    layer: str
    operator: str
    tensor: int
    shape: tuple[int, ...]
    dtype: str
    weights: str = ""
    weight_scales: int = 0
    sources: tuple[int, ...] = ()


def points(model: Any) -> list[Point]:
    """The inputs and all layers of the main graph, in order of execution."""
    graph = model.subgraphs[0]
    found: list[Point] = []
    origin: dict[int, int] = {}
    constants: dict[int, int] = {}

    def add(index: int, layer: str, operator: str, **known: Any) -> None:
        tensor = graph.tensors[index]
        origin[index] = len(found)
        found.append(Point(layer, operator, index, shape_of(tensor)[1:], dtype_name(tensor.type), **known))

    for index in graph.inputs:
        add(int(index), "input", INPUT)
    for operator, name in zip(graph.operators or [], operator_names(model)[0], strict=True):
        given = [int(index) for index in operator.inputs if index >= 0]
        written = [int(index) for index in operator.outputs if index >= 0]
        sources = tuple(dict.fromkeys(origin[index] for index in given if index in origin))
        if not sources:
            # Works on constants alone: weights that are unfolded or turned into floats.
            constants.update({index: constants.get(given[0], given[0]) for index in written[:1] if given})
        elif name in CARRYING:
            origin.update(dict.fromkeys(written, sources[0]))
            if name == "QUANTIZE" and found[sources[0]].operator == INPUT and found[sources[0]].dtype == "float32":
                # The input as the layers read it.
                tensor = graph.tensors[written[0]]
                found[sources[0]] = replace(found[sources[0]], tensor=written[0], dtype=dtype_name(tensor.type))
        else:
            weights = constants.get(given[1], given[1]) if name in COUNTED and len(given) > 1 else None
            weights = None if weights in origin else weights
            for index in written:
                if dtype_name(graph.tensors[index].type) not in VALUES:
                    origin[index] = sources[0]
                    continue
                named = graph.tensors[index if weights is None else weights].name or b""
                layer = layer_name(named.decode(errors="replace"))
                layer = name.lower() if not layer or _OF_THE_END.match(layer) else layer
                add(index, layer, name, sources=sources, **_weights(graph, weights))
    return found


def _weights(graph: Any, index: int | None) -> dict[str, Any]:
    if index is None:
        return {}
    tensor = graph.tensors[index]
    scale = None if tensor.quantization is None else tensor.quantization.scale
    return {"weights": dtype_name(tensor.type), "weight_scales": 0 if scale is None else len(scale)}


def labels(found: list[Point]) -> list[str]:
    """A name for each point; what shares one is numbered in order of execution."""
    shared = {name for name, count in Counter(point.layer for point in found).items() if count > 1}
    numbers: Counter[str] = Counter()
    names = []
    for point in found:
        numbers[point.layer] += 1
        names.append(f"{point.layer} #{numbers[point.layer]}" if point.layer in shared else point.layer)
    return names


def paired(variant: list[Point], reference: list[Point]) -> dict[int, tuple[int, bool]]:
    """For points of a variant the point of the reference that is the same, and whether both have the same name.

    Both orders of execution are laid side by side: first by operator and name, then, between what was found so, by
    operator and shape. A pair never crosses another.
    """
    found: dict[int, tuple[int, bool]] = {}
    by_name = SequenceMatcher(
        None,
        [(point.operator, point.layer, point.shape) for point in variant],
        [(point.operator, point.layer, point.shape) for point in reference],
        autojunk=False,
    )
    for tag, start, end, other, other_end in by_name.get_opcodes():
        if tag == "equal":
            found |= {start + step: (other + step, True) for step in range(end - start)}
        elif tag == "replace":
            by_shape = SequenceMatcher(
                None,
                [(point.operator, point.shape) for point in variant[start:end]],
                [(point.operator, point.shape) for point in reference[other:other_end]],
                autojunk=False,
            )
            for block in by_shape.get_matching_blocks():
                found |= {start + block.a + step: (other + block.b + step, False) for step in range(block.size)}
    return found


def without_simulated_rounding(content: bytes) -> bytes:
    """The file without its pairs of QUANTIZE and DEQUANTIZE; the same file if it has none.

    Quantization-aware training leaves such a pair behind every tensor that it rounds, weights too; the float weights lie
    before the pair.

    Raises:
        Expected: The bytes are not a `.tflite`.
    """
    model = tflite.parse(content)
    graph, names = model.subgraphs[0], tflite.operator_names(model)[0]
    rounded = {
        int(operator.outputs[0]): int(operator.inputs[0])
        for operator, name in zip(graph.operators or [], names, strict=True)
        if name == "QUANTIZE" and tflite.dtype_name(graph.tensors[operator.inputs[0]].type) == "float32"
    }
    instead = {
        int(operator.outputs[0]): rounded[int(operator.inputs[0])]
        for operator, name in zip(graph.operators or [], names, strict=True)
        if name == "DEQUANTIZE" and int(operator.inputs[0]) in rounded
    }
    if not instead:
        return content
    return _rewired(model, instead)


def _rewired(model: Any, instead: dict[int, int]) -> bytes:
    """The model whose operators read one tensor instead of another; operators that nobody reads any more are left out."""
    from ai_edge_litert.tools import flatbuffer_utils

    graph = model.subgraphs[0]
    for operator in graph.operators:
        operator.inputs = [instead.get(int(index), int(index)) for index in operator.inputs]
    graph.outputs = [instead.get(int(index), int(index)) for index in graph.outputs]
    for signature in model.signatureDefs or []:
        for end in signature.outputs:
            end.tensorIndex = instead.get(int(end.tensorIndex), int(end.tensorIndex))
    read = {int(index) for operator in graph.operators for index in operator.inputs} | {int(i) for i in graph.outputs}
    kept = list(graph.operators)
    while True:
        live = [operator for operator in kept if any(int(index) in read for index in operator.outputs)]
        if len(live) == len(kept):
            break
        kept = live
        read = {int(index) for operator in kept for index in operator.inputs} | {int(i) for i in graph.outputs}
    graph.operators = kept
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
