"""Multiply-accumulate operations, counted from the shapes in a `.tflite`."""

from __future__ import annotations

from math import prod
from typing import Any

from tinyml_core.measure.tflite_file import operator_names, shape_of


def macs_of(name: str, inputs: list[tuple[int, ...]], output: tuple[int, ...]) -> int | None:
    """MACs of one operator; 0 for operators that do not multiply weights with activations.

    Args:
        name: Operator name, as in the schema.
        inputs: Shapes of its inputs. Convolutions: input NHWC, filter; fully connected: input, weights (out, in).
        output: Shape of its output: NHWC, or (batch, out).

    Returns:
        None if a shape that is needed is left open (a size of -1 or missing).

    >>> macs_of("CONV_2D", [(1, 8, 8, 1), (16, 3, 3, 1), (16,)], (1, 8, 8, 16))
    9216
    """
    if name not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "BATCH_MATMUL"):
        return 0
    shapes = [output, *inputs[:2]]
    if len(inputs) < 2 or any(not shape or min(shape) < 1 for shape in shapes):
        return None
    if name == "CONV_2D":
        return prod(output) * prod(inputs[1][1:])
    if name == "DEPTHWISE_CONV_2D":
        return prod(output) * prod(inputs[1][1:3])
    if name == "TRANSPOSE_CONV":
        # Inputs are: output shape, filter (out, height, width, in), activations.
        return prod(inputs[2]) * prod(inputs[1][:3]) if len(inputs) > 2 and inputs[2] else None
    return prod(output) * inputs[1][-1]


def macs(model: Any) -> int | None:
    """MACs of one inference of the main graph, batch as the file states it (1); None where a shape is unknown."""
    graph, names = model.subgraphs[0], operator_names(model)[0]
    total = 0
    for name, operator in zip(names, graph.operators or [], strict=True):
        inputs = [shape_of(graph.tensors[index]) for index in operator.inputs if index >= 0]
        count = macs_of(name, inputs, shape_of(graph.tensors[operator.outputs[0]]) if len(operator.outputs) else ())
        if count is None:
            return None
        total += count
    return total
