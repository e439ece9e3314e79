"""The places of a graph at which two files can be compared, and which place of one file is which of the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from tinyml_core.measure import tflite
from tinyml_core.measure.inspect_file import COUNTED
from tinyml_core.measure.tflite import dtype_name, layer_name, operator_names, shape_of, text_of

INPUT = "INPUT"

CARRYING = ("QUANTIZE", "DEQUANTIZE", "RESHAPE", "SQUEEZE", "EXPAND_DIMS")
"""Operators that pass values on as they are, or only round them: no layers."""

_OF_THE_END = re.compile(r"(StatefulPartitionedCall|PartitionedCall|Identity|serving_default)")
"""Names that a converter gives to an output, whichever layer it comes from."""

VALUES = ("float32", "float16", "int8", "uint8", "int16")
"""Types of what layers compute; other types are shapes and indices."""


@dataclass(frozen=True, slots=True)
class Point:
    """What one layer gives, by its short name, which is not unique.

    `tensor` is the index of the one that holds its values, `shape` leaves out the batch axis. Its weights have a type,
    empty where it has none, and so many scales; `sources` are the points whose values it reads.
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

    def add(index: int, layer: str, operator: str, sources: tuple[int, ...] = (), weights: int | None = None) -> None:
        tensor, read = graph.tensors[index], None if weights is None else graph.tensors[weights]
        scale = None if read is None or read.quantization is None else read.quantization.scale
        types, scales = "" if read is None else dtype_name(read.type), 0 if scale is None else len(scale)
        origin[index] = len(found)
        shape, dtype = shape_of(tensor)[1:], dtype_name(tensor.type)
        found.append(Point(layer, operator, index, shape, dtype, types, scales, sources))

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
                layer = layer_name(text_of(graph.tensors[index if weights is None else weights].name))
                layer = name.lower() if not layer or _OF_THE_END.match(layer) else layer
                add(index, layer, name, sources, weights)
    return found


def labels(found: list[Point]) -> list[str]:
    """A name for each point; what shares one is numbered in order of execution."""
    return numbered([point.layer for point in found], " #")


def numbered(names: Sequence[str], mark: str) -> list[str]:
    """The names; those that several share with their number, in order.

    >>> numbered(["dense", "input", "dense"], " #")
    ['dense #1', 'input', 'dense #2']
    """
    return [
        f"{name}{mark}{names[: place + 1].count(name)}" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]


def paired(variant: list[Point], reference: list[Point]) -> dict[int, tuple[int, bool]]:
    """For points of a variant the point of the reference that is the same, and whether both have the same name.

    Both orders of execution are laid side by side: first by operator and name, then, between what was found so, by
    operator and shape. A pair never crosses another.
    """
    found: dict[int, tuple[int, bool]] = {}
    named = [[(point.operator, point.layer, point.shape) for point in points] for points in (variant, reference)]
    shaped = [[(point.operator, point.shape) for point in points] for points in (variant, reference)]
    for tag, start, end, other, other_end in SequenceMatcher(None, named[0], named[1], autojunk=False).get_opcodes():
        if tag == "equal":
            found |= {start + step: (other + step, True) for step in range(end - start)}
        elif tag == "replace":
            by_shape = SequenceMatcher(None, shaped[0][start:end], shaped[1][other:other_end], autojunk=False)
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
    graph = model.subgraphs[0]
    steps = [
        (name, int(operator.inputs[0]), int(operator.outputs[0]))
        for operator, name in zip(graph.operators or [], operator_names(model)[0], strict=True)
        if name in ("QUANTIZE", "DEQUANTIZE")
    ]
    floats = {read for _, read, _ in steps if dtype_name(graph.tensors[read].type) == "float32"}
    rounded = {written: read for name, read, written in steps if name == "QUANTIZE" and read in floats}
    instead = {written: rounded[read] for name, read, written in steps if name == "DEQUANTIZE" and read in rounded}
    return _rewired(model, instead) if instead else content


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
    while True:
        read = {int(index) for operator in graph.operators for index in operator.inputs} | set(graph.outputs)
        live = [operator for operator in graph.operators if any(int(index) in read for index in operator.outputs)]
        if len(live) == len(graph.operators):
            break
        graph.operators = live
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
