"""How good a model is with fewer and fewer bits a weight: a float32 file with rounded weights, scored with LiteRT."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tinyml_core.domain.dataset import Arrays, Task
from tinyml_core.measure import tflite
from tinyml_core.measure.score import score
from tinyml_core.measure.weight_tensors import by_channel

BITS = (16, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1)
Granularity = Literal["per tensor", "per channel"]
GRANULARITIES: tuple[Granularity, ...] = ("per tensor", "per channel")


@dataclass(frozen=True, slots=True)
class BitsPoint:
    """The score with weights of so many bits, with its 95 % interval; activations stay float32.

    Attributes:
        bits: Bits a weight; 1 is the sign alone, times the mean magnitude.
        granularity: Whether all weights of a tensor share a scale, or those of one output channel.
        weight_error: Root mean square error of the weights, relative to their root mean square, over all layers.
    """

    bits: int
    granularity: Granularity
    score: float
    low: float
    high: float
    weight_error: float


@dataclass(frozen=True, slots=True)
class FewBits:
    """A simulated curve: points of falling bits, per tensor first.

    The metric is as in a `Score`, `chance` the score of a guess that looks at no input, `float_score` that with the
    weights as they are.
    """

    metric: str
    chance: float
    float_score: float
    points: tuple[BitsPoint, ...]


def few_bits(float_tflite: bytes, arrays: Arrays, task: Task, report: Callable[[str], None]) -> FewBits:
    """The score on held-out data for each number of bits, one scale a tensor and one a channel.

    Raises:
        Expected: LiteRT refuses the model.
    """
    whole, points = score(float_tflite, arrays, task), []
    for granularity in GRANULARITIES:
        for bits in BITS:
            report(f"simulating weights of {bits} bits, {granularity}")
            content, error = with_bits(float_tflite, bits, granularity)
            found = score(content, arrays, task)
            points.append(BitsPoint(bits, granularity, found.value, found.low, found.high, error))
    return FewBits(whole.metric, whole.chance, whole.value, tuple(points))


def with_bits(float_tflite: bytes, bits: int, granularity: Granularity) -> tuple[bytes, float]:
    """The same model with each weight rounded to what so many bits can hold, and the error of that.

    It is the root mean square error of the weights, relative to their root mean square.
    """
    from ai_edge_litert import schema_py_generated as schema

    content = bytearray(float_tflite)
    buffers = schema.Model.GetRootAs(content, 0)
    squares = errors = 0.0
    for buffer, axis, shape in weight_buffers(tflite.parse(float_tflite)):
        # A view into the file itself: written to, it changes the file and nothing else.
        stored = buffers.Buffers(buffer).DataAsNumpy().view(np.float32)
        weights = np.array(stored).reshape(shape)
        rounded_weights = rounded(weights, bits, axis if granularity == "per channel" else None)
        squares += float(np.sum(weights.astype(np.float64) ** 2))
        errors += float(np.sum((weights.astype(np.float64) - rounded_weights) ** 2))
        stored[:] = rounded_weights.ravel()
    return bytes(content), float(np.sqrt(errors / squares)) if squares else 0.0


def weight_buffers(model: Any) -> list[tuple[int, int, tuple[int, ...]]]:
    """Buffer, axis of output channels and shape of the float32 weights of each layer, each buffer once."""
    graph = model.subgraphs[0]
    found: dict[int, tuple[int, int, tuple[int, ...]]] = {}
    for operator, name in zip(graph.operators or [], tflite.operator_names(model)[0], strict=True):
        if name not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"):
            continue
        tensor = graph.tensors[operator.inputs[1]]
        if tflite.is_constant(model, tensor) and tflite.dtype_name(tensor.type) == "float32":
            axis = -1 if name == "DEPTHWISE_CONV_2D" else 0
            found[tensor.buffer] = (tensor.buffer, axis, tflite.shape_of(tensor))
    return list(found.values())


def rounded(weights: np.ndarray, bits: int, axis: int | None) -> np.ndarray:
    """Weights as a symmetric uniform quantizer of so many bits stores them, turned back to float32.

    From two bits on: whole multiples, -(2**(bits-1) - 1) to 2**(bits-1) - 1, of a scale that lets the largest magnitude
    fit (Jacob et al. 2018, without zero point). One bit: the sign times the mean magnitude (Rastegari et al. 2016).
    Channels along the axis have a scale of their own each; None is one scale.

    >>> rounded(np.array([[-1.0, 0.1, 0.6]], dtype=np.float32), 2, None).tolist()
    [[-1.0, 0.0, 1.0]]
    """
    channels = weights.reshape(1, -1) if axis is None else by_channel(weights, axis)
    magnitudes = np.abs(channels)
    if bits == 1:
        result: np.ndarray = np.where(channels < 0, -1, 1) * magnitudes.mean(axis=1, keepdims=True)
    else:
        scale = magnitudes.max(axis=1, keepdims=True) / (2 ** (bits - 1) - 1)
        result = np.round(channels / np.where(scale == 0, 1, scale)) * scale
    result = result.astype(np.float32)
    if axis is None:
        return result.reshape(weights.shape)
    return np.moveaxis(result.reshape(np.moveaxis(weights, axis, 0).shape), 0, axis)
