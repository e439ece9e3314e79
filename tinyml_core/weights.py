"""The weights of a variant against float32's, layer by layer: values to be drawn, nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Values:
    """Real (dequantized) values of one set of weights, counted.

    Attributes:
        elements: How many weights there are.
        zeros: How many of them are exactly zero.
        distinct: How many different values there are, zero included.
        values: The different values besides zero, in ascending order, where there are few; else empty.
        counts: How often each of `values` occurs; where there are many, how many weights besides the zeros fall into each
            bin of the layer.
    """

    elements: int
    zeros: int
    distinct: int
    values: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of weights before and after, over the same range.

    Attributes:
        low: Smallest value of both.
        high: Largest value of both; the bins between have equal width.
        reference: float32's; None where it has no such layer.
    """

    low: float
    high: float
    variant: Values
    reference: Values | None


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """The weights of one layer.

    Attributes:
        name: As a person knows the layer: float32's name for it, where there is one.
        tensor: Name of the tensor in the variant's file.
        matched: False if float32 has no layer that this one comes from.
        dtype: How the variant's file stores them.
        scales: How many scales they are quantized with: one a tensor, an output channel or a block; 0 for floats.
        distinct_per_channel: Different values of the output channel that has most.
        stored_bytes: What the file takes for them, scales and index tables left out.
        whole: All weights of the layer.
        channel: Of the output channel that has most different values; None for layers with one channel.
        channel_index: Which one that is, from 0.
    """

    name: str
    tensor: str
    matched: bool
    shape: tuple[int, ...]
    dtype: str
    scales: int
    distinct_per_channel: int
    stored_bytes: int
    whole: Panel
    channel: Panel | None
    channel_index: int


@dataclass(frozen=True, slots=True)
class Weights:
    """All weights of a variant that can be read.

    Attributes:
        layers: In order of execution.
        together: All layers in one; None without any.
        in_tables: True if weights lie in lookup tables; `layers` shows what the tables and their indices stand for.
        unread: Tensors of the variant that cannot be read as numbers, each with the reason.
        only_reference: Layers of float32 that nothing in the variant comes from.
    """

    layers: tuple[LayerWeights, ...]
    together: Panel | None
    in_tables: bool
    unread: tuple[str, ...]
    only_reference: tuple[str, ...]
