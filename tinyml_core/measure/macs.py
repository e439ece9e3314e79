"""Multiply-accumulate operations, counted from the shapes in a `.tflite`."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from tinyml_core.inspection import OperatorWork

Shape = tuple[int, ...]


def macs_of(name: str, inputs: list[Shape], output: Shape, first_transposed: bool = False) -> int | None:
    """MACs of one operator that multiplies weights with activations.

    Args:
        name: Operator name, as in the schema: one of `COUNTED`.
        inputs: Shapes of its inputs. Convolutions: input NHWC, filter (out, height, width, in), for a depthwise one
            (1, height, width, out); transposed convolution: output shape, filter, input; fully connected: input,
            weights (out, in).
        output: Shape of its output: NHWC, or (batch, out).
        first_transposed: Of BATCH_MATMUL: its first matrix lies transposed.

    Returns:
        None if a shape that is needed is left open (a size of -1 or missing).

    >>> macs_of("CONV_2D", [(1, 8, 8, 1), (16, 3, 3, 1), (16,)], (1, 8, 8, 16))
    9216
    """
    shapes = [output, *inputs[:2]] if name != "TRANSPOSE_CONV" else [output, *inputs[1:3]]
    if len(shapes) < 3 or any(not shape or min(shape) < 1 for shape in shapes):
        return None
    if name == "CONV_2D":
        return prod(output) * prod(inputs[1][1:])
    if name == "DEPTHWISE_CONV_2D":
        return prod(output) * prod(inputs[1][1:3])
    if name == "TRANSPOSE_CONV":
        return prod(inputs[2]) * prod(inputs[1][:3])
    if name == "BATCH_MATMUL":
        return prod(output) * inputs[0][-2 if first_transposed else -1] if len(inputs[0]) > 1 else None
    return prod(output) * inputs[1][-1]


COUNTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "BATCH_MATMUL")
"""The operators whose MACs `macs_of` counts."""


def macs(work: Iterable[OperatorWork]) -> int | None:
    """MACs of one inference of the main graph, batch as the file states it (1); None where an operator's are unknown."""
    counts = [operator.macs for operator in work]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
