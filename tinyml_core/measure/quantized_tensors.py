"""Scale and zero point of every quantized tensor of a `.tflite`, channel by channel."""

from __future__ import annotations

from typing import Any

from tinyml_core.anatomy import Granularity, QuantizedTensor, Role
from tinyml_core.measure.tflite_file import dtype_name, is_constant, shape_of, text_of
from tinyml_core.measure.weight_layers import stored_values

DIGITS = 9
"""So many digits tell every float32 from its neighbours."""


def quantized_tensors(model: Any) -> tuple[QuantizedTensor, ...]:
    """The tensors of the main graph that have a scale, inputs and outputs first."""
    graph = model.subgraphs[0]
    ends: dict[int, Role] = {int(index): "output" for index in graph.outputs}
    ends |= {int(index): "input" for index in graph.inputs}
    found = [(index, _quantized(model, graph, index, ends.get(index))) for index in range(len(graph.tensors))]
    kept = [(index, tensor) for index, tensor in found if tensor is not None]
    places = [*map(int, graph.inputs), *map(int, graph.outputs)]
    kept.sort(key=lambda each: places.index(each[0]) if each[0] in places else len(places))
    return tuple(tensor for _, tensor in kept)


def _quantized(model: Any, graph: Any, index: int, end: Role | None) -> QuantizedTensor | None:
    tensor = graph.tensors[index]
    quantization = tensor.quantization
    if quantization is None:
        return None
    axis = None
    granularity: Granularity = "tensor"
    points = [] if quantization.zeroPoint is None else [int(point) for point in quantization.zeroPoint]
    blocks = getattr(quantization.details, "scales", None)
    if blocks is not None:
        values = stored_values(model, graph.tensors[int(blocks)])
        scales = [] if values is None else [float(value) for value in values.ravel()]
        granularity, axis, points = "block", 0, [0]
    else:
        scales = [] if quantization.scale is None else [float(scale) for scale in quantization.scale]
        if len(scales) > 1:
            granularity, axis = "channel", int(quantization.quantizedDimension)
    if not scales:
        return None
    same = tuple(points[:1]) if len(set(points)) == 1 else tuple(points)
    return QuantizedTensor(
        name=text_of(tensor.name),
        role=end or _role(model, tensor),
        shape=shape_of(tensor),
        dtype=dtype_name(tensor.type),
        granularity=granularity,
        scales=tuple(float(f"{scale:.{DIGITS}g}") for scale in scales),
        zero_points=same or (0,),
        axis=axis,
    )


def _role(model: Any, tensor: Any) -> Role:
    if tensor.isVariable:
        return "state"
    if not is_constant(model, tensor):
        return "activation"
    return "weights" if len(shape_of(tensor)) >= 2 else "constant"
