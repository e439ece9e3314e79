"""The nouns of a file laid open: its bytes part by part, its operators, its quantization, and its memory over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
class LiveTensor:
    """A tensor that needs room in the arena for a part of the inference.

    Attributes:
        layer: The layer that writes it, as its author named it; the tensor's name where the file lost that.
        size_bytes: Rounded up to 16, as TFLM's planner does.
        born: Place of the operator that writes it; 0 for an input of the graph.
        dies: Place of the last operator that reads it; outputs of the graph live to the end.
        offset_bytes: Where a greedy planner puts it.
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
    """The activations of one inference of the main graph over time.

    Attributes:
        operators: Names in order of execution.
        tensors: Those that need room, in the order of the file.
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
