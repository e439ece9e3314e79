"""The nouns of a file that was read without executing it: its sizes, tensors, operators and weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sizes:
    """Four sizes of one model, in bytes: see `measure/inspect_file.py` for what each is."""

    tflite_bytes: int
    gzip_bytes: int
    c_source_bytes: int
    flash_bytes: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output of a model, as the file states it.

    Attributes:
        shape: Sizes; -1 where the size is left open.
        scale: Of a quantized tensor: real value = scale * (stored - zero_point). None otherwise.
        sparsity: `dense`, or how the file stores a sparse tensor.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float | None
    zero_point: int | None
    sparsity: str


OperatorKind = Literal["conv", "conv 1x1", "first conv", "depthwise", "fully connected", "none", "unknown"]
"""The classes of cost: `first conv` sees at most three channels; `none` multiplies nothing; `unknown` multiplies, but
nobody has published what a multiplication costs there."""


@dataclass(frozen=True, slots=True)
class OperatorWork:
    """What one operator of the main graph has to do in one inference; see `measure/inspect_file.py`.

    Attributes:
        operator: Name as in the schema, `CONV_2D`.
        dtype: Types of activations and weights: `int8`, `float32`, `int16x8`, `hybrid` (float activations, integer
            weights), or the type's own name.
        macs: Multiply-accumulate operations; 0 for operators that do not multiply; None if a shape is left open.
        outputs: Values it writes; None if a shape is left open.
        weight_bytes: Constants it reads, biases included.
        dead_channels: Output channels whose weights are all zero: some runtimes leave them out.
        kernel: Height and width of a convolution's filter, else None.
    """

    operator: str
    kind: OperatorKind
    dtype: str
    macs: int | None
    outputs: int | None
    weight_bytes: int
    input_channels: int
    output_channels: int
    dead_channels: int
    kernel: tuple[int, int] | None
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]


MOST_CENTROIDS = 32


@dataclass(frozen=True, slots=True)
class WeightLayer:
    """The weights of one layer, as the file stores them, under the name of the tensor.

    Attributes:
        zeros: How many of its `elements` stand for exactly zero.
        distinct, distinct_per_channel: How many different values it holds, and the output channel that holds most.
        stored_bytes: What the file takes for it, index tables of sparse tensors left out.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    elements: int
    zeros: int
    distinct: int
    distinct_per_channel: int
    stored_bytes: int

    @property
    def few_values(self) -> bool:
        """True if no channel holds more values than the largest number of centroids that anybody clusters to here."""
        return self.distinct_per_channel <= MOST_CENTROIDS


@dataclass(frozen=True, slots=True)
class Inspection:
    """What can be read from a `.tflite` without executing it.

    Attributes:
        census: Number of tensors of each type, over all subgraphs.
        weights_census: The same for constant tensors of 16 elements and more, except biases and shapes.
        macs: Multiply-accumulate operations of one inference; None if an operator's shape is unknown.
        operators, work: Operator names in order of execution, and what each of the main graph has to do.
        output_step: Size of one quantization step of the first output, also where a last DEQUANTIZE hides it; None for
            a model that computes in float.
        arena_saving_bytes: How much smaller the arena is on a 32-bit board (`measure/inspect_file.py`).
        weight_zeros: Share of weights that are exactly zero, 0 to 1; None without weights.
        weight_layers: Each weight tensor whose values can be read.
        scale_bytes: What scales (4 bytes each) and zero points (8 bytes each) take of the file.
        external_weights: True if weights lie behind the flatbuffer, where TFLM does not find them.
    """

    sizes: Sizes
    census: dict[str, int]
    weights_census: dict[str, int]
    macs: int | None
    operators: tuple[str, ...]
    weight_zeros: float | None
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    output_step: float | None
    arena_saving_bytes: int | None
    work: tuple[OperatorWork, ...] = ()
    weight_layers: tuple[WeightLayer, ...] = ()
    scale_bytes: int = 0
    external_weights: bool = False
