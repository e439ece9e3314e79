"""Which activations are live during which operator, as TFLM's planner sees it: read from the graph, nothing executed."""

from __future__ import annotations

from math import prod
from typing import Any

from tinyml_core.anatomy import LiveTensor, Memory
from tinyml_core.measure import planner
from tinyml_core.measure.layer_names import layer_name
from tinyml_core.measure.tflite_file import dtype_name, is_constant, operator_names, shape_of, text_of

BITS = {
    "float64": 64, "int64": 64, "uint64": 64, "complex64": 64, "float32": 32, "int32": 32, "uint32": 32, "float16": 16,
    "bfloat16": 16, "int16": 16, "uint16": 16, "int8": 8, "uint8": 8, "bool": 8, "int4": 4, "int2": 2,
}  # fmt: skip
"""Bits of an element in memory; types that are not here (resources, strings) take no room among the activations."""


UNFOLDING = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
"""Operators of TFLM that unfold weights of 4 bits into a buffer of 8 bits each while they run."""


def memory(model: Any) -> Memory:
    """Live tensors of the main graph, with the lifetimes that TFLM gives them (`micro_allocation_info.cc`).

    A tensor lives from the operator that writes it to the last that reads it; inputs of the graph from the beginning, outputs
    to the end. Constants stay in flash, and variables lie in the tail: neither is among them.
    """
    graph, names = model.subgraphs[0], operator_names(model)[0]
    needed = [*_activations(model, graph, _lives(graph, len(names))), *_unfolded(graph, names)]
    buffers = [buffer for _, _, buffer in needed]
    offsets = planner.offsets(buffers)
    places = range(1, len(names) + 1)
    sums = {place: planner.live_bytes(buffers, place) for place in places}
    peak = max(places, key=lambda place: sums[place], default=0)
    return Memory(
        operators=tuple(names),
        tensors=tuple(
            LiveTensor(name, _layer(name), shape_of(tensor), dtype_name(tensor.type), *_room(buffer), offset)
            for (name, tensor, buffer), offset in zip(needed, offsets, strict=True)
        ),
        peak_place=peak,
        peak_bytes=sums.get(peak, 0),
        planned_bytes=planner.top(buffers, offsets),
        kept_bytes=_kept_bytes(model),
        more_graphs=len(model.subgraphs) - 1,
    )


def _layer(name: str) -> str:
    layer, comma, rest = name.partition(", ")
    return f"{layer_name(layer) or layer}{comma}{rest}"


Needed = tuple[str, Any, planner.Buffer]
"""Name, tensor, and the room it needs."""


def _activations(model: Any, graph: Any, lives: dict[int, tuple[int, int]]) -> list[Needed]:
    return [
        (text_of(tensor.name), tensor, planner.Buffer(planner.aligned(size_bytes(tensor)), *lives[index]))
        for index, tensor in enumerate(graph.tensors)
        if index in lives and not is_constant(model, tensor) and not tensor.isVariable and size_bytes(tensor)
    ]


def _unfolded(graph: Any, names: list[str]) -> list[Needed]:
    """Weights of 4 bits while they are computed with, a byte each."""
    found = []
    for place, (name, operator) in enumerate(zip(names, graph.operators or [], strict=True), 1):
        weights = graph.tensors[operator.inputs[1]] if name in UNFOLDING else None
        if weights is not None and dtype_name(weights.type) == "int4":
            room = planner.Buffer(planner.aligned(prod(shape_of(weights))), place, place)
            found.append((f"{text_of(weights.name)}, unfolded to 8 bits", weights, room))
    return found


def _room(buffer: planner.Buffer) -> tuple[int, int, int]:
    return buffer.size_bytes, buffer.born, buffer.dies


def size_bytes(tensor: Any) -> int:
    """What a tensor takes in memory; 0 for types without a size and for shapes that are left open."""
    shape = shape_of(tensor)
    bits = BITS.get(dtype_name(tensor.type), 0)
    return -(-prod(shape) * bits // 8) if all(size >= 0 for size in shape) else 0


def _lives(graph: Any, operators: int) -> dict[int, tuple[int, int]]:
    """By tensor: the first and the last place where it is needed."""
    lives = {int(index): (0, 0) for index in graph.inputs}
    for place, operator in enumerate(graph.operators or [], 1):
        for index in [] if operator.outputs is None else operator.outputs:
            born, _ = lives.get(int(index), (place, place))
            lives[int(index)] = (born, place)
        for index in [] if operator.inputs is None else operator.inputs:
            if int(index) in lives:
                lives[int(index)] = (lives[int(index)][0], place)
    for index in graph.outputs:
        born, _ = lives.get(int(index), (0, 0))
        lives[int(index)] = (born, operators)
    return lives


def _kept_bytes(model: Any) -> int:
    """Variable tensors, and what is read from and assigned to resource variables, each variable once."""
    kept = sum(size_bytes(tensor) for graph in model.subgraphs for tensor in graph.tensors if tensor.isVariable)
    named: dict[tuple[Any, Any], int] = {}
    for graph, names in zip(model.subgraphs, operator_names(model), strict=True):
        handles: dict[int, tuple[Any, Any]] = {}
        for name, operator in zip(names, graph.operators or [], strict=True):
            if name == "VAR_HANDLE":
                options = operator.builtinOptions
                handles[int(operator.outputs[0])] = (
                    getattr(options, "container", None),
                    getattr(options, "sharedName", None),
                )
            elif name in ("READ_VARIABLE", "ASSIGN_VARIABLE"):
                value = operator.outputs[0] if name == "READ_VARIABLE" else operator.inputs[1]
                handle = handles.get(int(operator.inputs[0]))
                if handle is not None:
                    named[handle] = max(named.get(handle, 0), size_bytes(graph.tensors[int(value)]))
    return kept + sum(named.values())
