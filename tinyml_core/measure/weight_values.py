"""Counts the real values of weights, a variant's against float32's, over the same bins."""

from __future__ import annotations

import numpy as np

from tinyml_core.measure import tflite_file
from tinyml_core.measure.layer_names import match, unique_names
from tinyml_core.measure.real_weights import RealLayer, real_layers
from tinyml_core.weights import LayerWeights, Panel, Values, Weights

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
    model = tflite_file.parse(content)
    all_layers = real_layers(model)
    layers = [layer for layer in all_layers if layer.values is not None]
    references = [layer for layer in real_layers(tflite_file.parse(reference)) if layer.values is not None]
    pairs = match(layers, references)
    own, known = unique_names(layers), unique_names(references)
    names = [name if index is None else known[index] for name, index in zip(own, pairs, strict=True)]
    matched = [None if index is None else references[index] for index in pairs]
    return Weights(
        layers=tuple(_layer(*each) for each in zip(layers, matched, names, strict=True)),
        together=_together(layers, [found for found in matched if found is not None]),
        in_tables=any(tflite_file.DECODE in names for names in tflite_file.operator_names(model)),
        unread=tuple(f"{layer.tensor}: {layer.why_unread}" for layer in all_layers if layer.values is None),
        only_reference=tuple(name for index, name in enumerate(known) if index not in pairs),
    )


def _layer(layer: RealLayer, reference: RealLayer | None, name: str) -> LayerWeights:
    values = _values(layer)
    base = None if reference is None else _values(reference)
    distinct = [len(np.unique(channel)) for channel in values]
    most = int(np.argmax(distinct))
    channel = None
    if len(values) > 1:
        same = base is not None and base.shape == values.shape
        channel = panel(values[most], base[most] if same and base is not None else None, levels=layer.scales > 0)
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


def _together(layers: list[RealLayer], references: list[RealLayer]) -> Panel | None:
    if not layers:
        return None
    base = np.concatenate([_values(layer).ravel() for layer in references]) if references else None
    return panel(np.concatenate([_values(layer).ravel() for layer in layers]), base, levels=False)


def _values(layer: RealLayer) -> np.ndarray:
    assert layer.values is not None
    return layer.values


def panel(values: np.ndarray, reference: np.ndarray | None, levels: bool) -> Panel:
    """Both counted over the range of both.

    Args:
        values: Of the variant, in any shape; not empty.
        reference: Of float32.
        levels: True if all the variant's values are steps of one scale, so that up to 256 of them are worth showing.
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
    flat = values.ravel()
    rest = flat[flat != 0]
    different, often = np.unique(rest, return_counts=True)
    zeros = int(flat.size - rest.size)
    singly = len(different) <= few
    if not singly:
        often, _ = np.histogram(rest[np.isfinite(rest)], bins=BINS, range=(low, high))
    return Values(
        elements=int(flat.size),
        zeros=zeros,
        distinct=len(different) + bool(zeros),
        values=tuple(float(f"{value:.{DIGITS}g}") for value in different) if singly else (),
        counts=tuple(int(number) for number in often),
    )
