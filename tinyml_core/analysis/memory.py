"""The memory of one inference over time: which tensors are alive when, and what TFLM's planner makes of the arena."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.outcome import Failure, Micro
from tinyml_core.measure.tflite import dtype_name, is_constant, layer_name, operator_names, shape_of, text_of


@dataclass(frozen=True, slots=True)
class LiveTensor:
    """A tensor that needs room in the arena for a part of the inference, at the offset where a greedy planner puts it.

    Attributes:
        layer: The layer that writes it, as its author named it; the tensor's name where the file lost that.
        size_bytes: Rounded up to 16, as TFLM's planner does.
        born: Place of the operator that writes it; 0 for an input of the graph.
        dies: Place of the last operator that reads it; outputs of the graph live to the end.
    """

    name: str
    layer: str
    shape: tuple[int, ...]
    dtype: str
    size_bytes: int
    born: int
    dies: int
    offset_bytes: int


@dataclass(frozen=True, slots=True)
class Memory:
    """The activations of one inference of the main graph over time: tensors that need room, in the order of the file.

    Attributes:
        peak_place: Of the operator during which most bytes are live, the first of them; 0 without operators.
        peak_bytes: Live bytes then. No planner can do with less.
        planned_bytes: What TFLM's greedy planner needs for these tensors, worked out again here.
        kept_bytes: Variables that keep their value between two inferences; TFLM puts them elsewhere, into the tail.
        more_graphs: How many further graphs the file has; their tensors are left out.
    """

    operators: tuple[str, ...]
    tensors: tuple[LiveTensor, ...]
    peak_place: int
    peak_bytes: int
    planned_bytes: int
    kept_bytes: int
    more_graphs: int

    def live(self, place: int) -> tuple[LiveTensor, ...]:
        """The tensors that are live while the operator of a place runs."""
        return tuple(tensor for tensor in self.tensors if tensor.born <= place <= tensor.dies)


def largest_first(tensors: Iterable[LiveTensor]) -> list[LiveTensor]:
    """The tensors in descending order of size."""
    return sorted(tensors, key=lambda tensor: -tensor.size_bytes)


# ---- What the arena that TFLM measured is made of: computed parts that add up to the measured figure ---------------

MEASURED = "measured on TFLM"
COMPUTED = "computed from the graph"
DIFFERENCE = "the difference to what was measured"
PLANNING = "Plus room that TFLM needs for a moment, while it plans the head, and gives back"


@dataclass(frozen=True, slots=True)
class ArenaPart:
    """A line of the sum; `known` says in words how its size is known."""

    name: str
    size_bytes: int
    known: str


def arena_parts(memory: Memory, micro: Micro, inspection: Inspection | Failure) -> tuple[ArenaPart, ...]:
    """Alive at the peak + gaps + the rest = head; head + tail = total; total + planning = smallest arena.

    Empty if TFLM did not run the file.
    """
    head, tail, total = micro.arena_head_bytes, micro.arena_tail_bytes, micro.arena_bytes
    if head is None or tail is None or total is None:
        return ()
    kept = f"; {memory.kept_bytes:,} of them are variables kept between inferences" if memory.kept_bytes else ""
    gaps = "Plus gaps that TFLM's greedy planner leaves, because it places the largest tensors first"
    replanned = "computed: the planner's steps worked out again"
    rest = "Plus scratch that kernels ask for, which does not stand in the file"
    if isinstance(inspection, Inspection) and inspection.external_weights:
        rest = "Plus weights outside of the flatbuffer, which TFLM takes for activations"
    lines = [
        ArenaPart("Tensors alive at the peak: no planner can do with less", memory.peak_bytes, COMPUTED),
        ArenaPart(gaps, memory.planned_bytes - memory.peak_bytes, replanned),
        ArenaPart(rest, head - memory.planned_bytes, DIFFERENCE),
        ArenaPart("= Head of the arena: activations, the same on every board", head, MEASURED),
        ArenaPart(f"Plus tail: TFLM's own structures, smaller on a 32-bit board{kept}", tail, MEASURED),
        ArenaPart("= Total of TFLM's allocation record", total, MEASURED),
    ]
    shown = [line for line in lines if line.size_bytes or line.name.startswith("=") or line is lines[0]]
    smallest = micro.arena_minimum_bytes
    if smallest is not None:
        if smallest > total:
            shown.append(ArenaPart(PLANNING, smallest - total, DIFFERENCE))
        shown.append(ArenaPart("= Smallest arena that allocates and runs", smallest, f"{MEASURED}, by bisection"))
    return tuple(shown)


ALIGNMENT = 16
"""Each buffer is rounded up to so many bytes."""


@dataclass(frozen=True, slots=True)
class Buffer:
    """Room that is needed from operator `born` to operator `dies`, both included."""

    size_bytes: int
    born: int
    dies: int


def aligned(size_bytes: int) -> int:
    """The size rounded up to 16 bytes.

    >>> aligned(0), aligned(1), aligned(32)
    (0, 16, 32)
    """
    return -(-size_bytes // ALIGNMENT) * ALIGNMENT


def planned_offsets(buffers: Sequence[Buffer]) -> tuple[int, ...]:
    """Where the greedy planner puts each buffer, in bytes from the start.

    >>> planned_offsets([Buffer(16, 0, 1), Buffer(64, 1, 2), Buffer(32, 2, 3)])
    (64, 0, 64)
    """
    placed: dict[int, int] = {}
    # Of equal ones the last comes first: the planner fills its list from the end before it sorts.
    for index in sorted(range(len(buffers)), key=lambda index: (-buffers[index].size_bytes, -index)):
        wanted, offset = buffers[index], 0
        for start, other in sorted((start, other) for other, start in placed.items()):
            neighbour = buffers[other]
            if neighbour.born > wanted.dies or neighbour.dies < wanted.born:
                continue
            if start - offset >= wanted.size_bytes:
                break
            offset = max(offset, start + neighbour.size_bytes)
        placed[index] = offset
    return tuple(placed[index] for index in range(len(buffers)))


def top(buffers: Sequence[Buffer], at: Sequence[int]) -> int:
    """Bytes from the start to the end of the last buffer."""
    return max((offset + buffer.size_bytes for buffer, offset in zip(buffers, at, strict=True)), default=0)


def live_bytes(buffers: Sequence[Buffer], place: int) -> int:
    """Sum of the buffers that are needed while the operator of a place runs."""
    return sum(buffer.size_bytes for buffer in buffers if buffer.born <= place <= buffer.dies)


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
    lives = _lives(graph, len(names))
    needed = [
        (tensor, "", Buffer(aligned(size_bytes(tensor)), *lives[index]))
        for index, tensor in enumerate(graph.tensors)
        if index in lives and not is_constant(model, tensor) and not tensor.isVariable and size_bytes(tensor)
    ]
    for place, (name, operator) in enumerate(zip(names, graph.operators or [], strict=True), 1):
        weights = graph.tensors[operator.inputs[1]] if name in UNFOLDING else None
        if weights is not None and dtype_name(weights.type) == "int4":
            # While they are computed with, a byte each.
            room = Buffer(aligned(prod(shape_of(weights))), place, place)
            needed.append((weights, ", unfolded to 8 bits", room))
    buffers = [buffer for _, _, buffer in needed]
    offsets = planned_offsets(buffers)
    places = range(1, len(names) + 1)
    sums = {place: live_bytes(buffers, place) for place in places}
    peak = max(places, key=lambda place: sums[place], default=0)
    return Memory(
        operators=tuple(names),
        tensors=tuple(_live(*each, offset) for each, offset in zip(needed, offsets, strict=True)),
        peak_place=peak,
        peak_bytes=sums.get(peak, 0),
        planned_bytes=top(buffers, offsets),
        kept_bytes=_kept_bytes(model),
        more_graphs=len(model.subgraphs) - 1,
    )


def _live(tensor: Any, suffix: str, room: Buffer, offset: int) -> LiveTensor:
    name, shape, dtype = text_of(tensor.name), shape_of(tensor), dtype_name(tensor.type)
    layer, comma, rest = name.partition(", ")
    layer = f"{layer_name(layer) or layer}{comma}{rest}{suffix}"
    return LiveTensor(f"{name}{suffix}", layer, shape, dtype, room.size_bytes, room.born, room.dies, offset)


def size_bytes(tensor: Any) -> int:
    """What a tensor takes in memory; 0 for types without a size and for shapes that are left open."""
    shape = shape_of(tensor)
    bits = BITS.get(dtype_name(tensor.type), 0)
    return -(-prod(shape) * bits // 8) if all(size >= 0 for size in shape) else 0


def _lives(graph: Any, operators: int) -> dict[int, tuple[int, int]]:
    """By tensor: the first and the last place where it is needed."""
    born = dict.fromkeys(map(int, graph.inputs), 0)
    dies = dict(born)
    for place, operator in enumerate(graph.operators or [], 1):
        for index in map(int, [] if operator.outputs is None else operator.outputs):
            born.setdefault(index, place)
            dies[index] = place
        read = map(int, [] if operator.inputs is None else operator.inputs)
        dies |= {index: place for index in read if index in born}
    for index in map(int, graph.outputs):
        born.setdefault(index, 0)
        dies[index] = operators
    return {index: (born[index], dies[index]) for index in born}


def _kept_bytes(model: Any) -> int:
    """Variable tensors, and what is read from and assigned to resource variables, each variable once."""
    kept = sum(size_bytes(tensor) for graph in model.subgraphs for tensor in graph.tensors if tensor.isVariable)
    named: dict[tuple[Any, ...], int] = {}
    for graph, names in zip(model.subgraphs, operator_names(model), strict=True):
        handles: dict[int, tuple[Any, ...]] = {}
        for name, operator in zip(names, graph.operators or [], strict=True):
            if name == "VAR_HANDLE":
                named_by = (getattr(operator.builtinOptions, part, None) for part in ("container", "sharedName"))
                handles[int(operator.outputs[0])] = tuple(named_by)
            elif name in ("READ_VARIABLE", "ASSIGN_VARIABLE") and int(operator.inputs[0]) in handles:
                value = operator.outputs[0] if name == "READ_VARIABLE" else operator.inputs[1]
                handle = handles[int(operator.inputs[0])]
                named[handle] = max(named.get(handle, 0), size_bytes(graph.tensors[int(value)]))
    return kept + sum(named.values())
