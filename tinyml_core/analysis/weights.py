"""The weights of a variant against the float32 ones that they come from, layer by layer, counted over the same bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinyml_core.analysis.layer_points import numbered
from tinyml_core.measure import tflite
from tinyml_core.measure.tflite import layer_name
from tinyml_core.measure.weight_tensors import RealLayer, real_layers


def match(layers: Sequence[RealLayer], references: Sequence[RealLayer]) -> list[int | None]:
    """For each layer the index of the reference layer that it comes from; None if there is none; none is used twice.

    Only layers of equal shape match. Among those one of the same name is preferred, else the first in order of execution.
    """
    free = dict(enumerate(references))
    found: list[int | None] = [None] * len(layers)
    for by_name in (True, False):
        for place, layer in enumerate(layers):
            name = layer_name(layer.tensor)
            fitting = [index for index, reference in free.items() if reference.shape == layer.shape]
            if by_name:
                fitting = [index for index in fitting if name and layer_name(references[index].tensor) == name]
            if fitting and found[place] is None:
                found[place] = fitting[0]
                del free[fitting[0]]
    return found


def unique_names(layers: Sequence[RealLayer]) -> list[str]:
    """A short name for each layer; numbered where the file has none or two share one."""
    names = [layer_name(layer.tensor) or layer.operator.replace("_", " ").lower() or "weights" for layer in layers]
    return numbered(names, " ")


BINS = 101
"""Odd, so that with a symmetric range the middle bin is centred on zero."""

FEW = 64
"""So many different values are shown one by one; so are the levels of one channel of up to eight bits."""

LEVELS = 256
DIGITS = 7


def weight_values(content: bytes, reference: bytes) -> Weights:
    """Each layer of a `.tflite` against the float32 layer that it comes from.

    Raises:
        Expected: One of the files cannot be read.
    """
    model = tflite.parse(content)
    all_layers = real_layers(model)
    layers = [layer for layer in all_layers if layer.values is not None]
    references = [layer for layer in real_layers(tflite.parse(reference)) if layer.values is not None]
    pairs = match(layers, references)
    own, known = unique_names(layers), unique_names(references)
    names = [name if index is None else known[index] for name, index in zip(own, pairs, strict=True)]
    matched = [None if index is None else references[index] for index in pairs]
    both = ([_values(layer).ravel() for layer in side if layer is not None] for side in (layers, matched))
    every, base = (np.concatenate(values) if values else None for values in both)
    return Weights(
        layers=tuple(_layer(*each) for each in zip(layers, matched, names, strict=True)),
        together=None if every is None else panel(every, base, levels=False),
        in_tables=any(tflite.DECODE in names for names in tflite.operator_names(model)),
        unread=tuple(f"{layer.tensor}: {layer.why_unread}" for layer in all_layers if layer.values is None),
        only_reference=tuple(name for index, name in enumerate(known) if index not in pairs),
    )


def _layer(layer: RealLayer, reference: RealLayer | None, name: str) -> LayerWeights:
    values, base = _values(layer), None if reference is None else _values(reference)
    distinct = [len(np.unique(channel)) for channel in values]
    most = int(np.argmax(distinct))
    beside = base[most] if base is not None and base.shape == values.shape else None
    channel = panel(values[most], beside, levels=layer.scales > 0) if len(values) > 1 else None
    return LayerWeights(
        name=name,
        tensor=layer.tensor,
        matched=reference is not None,
        shape=layer.shape,
        dtype=layer.dtype,
        scales=layer.scales,
        distinct_per_channel=distinct[most],
        stored_bytes=layer.stored_bytes,
        whole=panel(values, base, levels=layer.scales == 1),
        channel=channel,
        channel_index=most,
    )


def _values(layer: RealLayer) -> np.ndarray:
    assert layer.values is not None
    return layer.values


def panel(values: np.ndarray, reference: np.ndarray | None, levels: bool) -> Panel:
    """A variant's values, in any shape and not empty, and float32's, both counted over the range of both.

    `levels` is true if all the variant's values are steps of one scale, so that up to 256 of them are worth showing.
    """
    every = values if reference is None else np.concatenate([values.ravel(), reference.ravel()])
    every = every[np.isfinite(every)]
    low, high = (float(every.min()), float(every.max())) if every.size else (0.0, 0.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return Panel(
        low=float(f"{low:.{DIGITS}g}"),
        high=float(f"{high:.{DIGITS}g}"),
        variant=count(values, low, high, LEVELS if levels else FEW),
        reference=None if reference is None else count(reference, low, high, FEW),
    )


def count(values: np.ndarray, low: float, high: float, few: int) -> Values:
    """Zeros apart, all others value by value where at most `few` differ, else in bins from `low` to `high`."""
    rest = values[values != 0]
    different, often = np.unique(rest, return_counts=True)
    zeros, singly = int(values.size - rest.size), len(different) <= few
    if not singly:
        often, _ = np.histogram(rest[np.isfinite(rest)], bins=BINS, range=(low, high))
    return Values(
        elements=int(values.size),
        zeros=zeros,
        distinct=len(different) + bool(zeros),
        values=tuple(float(f"{value:.{DIGITS}g}") for value in different) if singly else (),
        counts=tuple(int(number) for number in often),
    )


@dataclass(frozen=True, slots=True)
class Values:
    """Real (dequantized) values of one set of weights, counted: all, exact zeros, and distinct ones, zero included.

    `values` are the distinct ones besides zero, in ascending order, where there are few, else empty. `counts` says how
    often each of them occurs; where there are many, how many weights besides the zeros fall into each bin of the layer.
    """

    elements: int
    zeros: int
    distinct: int
    values: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of weights before and after, over the range of both, whose bins have equal width.

    The reference is float32's; None where it has no such layer.
    """

    low: float
    high: float
    variant: Values
    reference: Values | None


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """The weights of one layer, stored by the variant's file as a tensor of a type.

    Attributes:
        name: As a person knows the layer: float32's name for it, where there is one.
        matched: False if float32 has no layer that this one comes from.
        scales: How many scales they are quantized with: one a tensor, an output channel or a block; 0 for floats.
        distinct_per_channel: Different values of the output channel that has most.
        stored_bytes: What the file takes for them, scales and index tables left out.
        channel: Of the output channel that has most different values, the one of the index; None for layers with one.
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
    """All weights of a variant that can be read, layer by layer in order of execution, and together; None without any.

    Attributes:
        in_tables: True if weights lie in lookup tables; `layers` shows what the tables and their indices stand for.
        unread: Tensors of the variant that cannot be read as numbers, each with the reason.
        only_reference: Layers of float32 that nothing in the variant comes from.
    """

    layers: tuple[LayerWeights, ...]
    together: Panel | None
    in_tables: bool
    unread: tuple[str, ...]
    only_reference: tuple[str, ...]
