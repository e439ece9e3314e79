"""Reads a `.tflite` as what it is: a flatbuffer of tensors, buffers and operators. Nothing is executed."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np

from tinyml_core.domain.inspection import Tensor
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Expected

_WRAPPERS = ("prune_low_magnitude_", "quant_", "cluster_")
"""What training wrappers put before a layer's name."""

_COMPUTING = re.compile(r"/(Conv2D|depthwise|MatMul)\b")
"""Parts of a tensor's name that tell the layer which computes with it, not one that the converter folded into it."""


def layer_name(tensor: str) -> str:
    """The name of the layer that a weight tensor belongs to, as its author wrote it; empty if the file lost it.

    >>> layer_name("sequential/conv2d_1/Conv2D"), layer_name("model/quant_dense/MatMul/ReadVariableOp;quant_dense/x")
    ('conv2d_1', 'dense')
    >>> layer_name("sequential/batch_normalization_1/FusedBatchNormV3;sequential/depthwise_conv2d/depthwise;")
    'depthwise_conv2d'
    >>> layer_name("tfl.pseudo_qconst3"), layer_name("arith.constant")
    ('', '')
    """
    folded = tensor.split(";")
    parts = next((part for part in folded if _COMPUTING.search(part)), folded[0]).split("/")
    if len(parts) == 1 and re.match(r"(tfl\.|arith\.|std\.|constant)", tensor):
        return ""
    name = parts[1] if len(parts) > 2 else parts[0]
    while name.startswith(_WRAPPERS):
        name = next(name.removeprefix(wrapper) for wrapper in _WRAPPERS if name.startswith(wrapper))
    return name


STORED_BITS = {
    "float32": 32, "float16": 16, "int32": 32, "int16": 16, "int8": 8, "uint8": 8, "int4": 4, "int2": 2, "int64": 64,
}  # fmt: skip

PACKED = ("int4", "int2")
"""Types of which several share a byte, the first in its lowest bits."""

DECODE = "TFLM_DECODE"
"""TFLM's own operator that unfolds packed weights; LiteRT does not know it."""


def parse(content: bytes) -> Any:
    """The file as an object tree of LiteRT's schema (`ModelT`).

    Raises:
        Expected: The bytes are not a `.tflite`.
    """
    from ai_edge_litert import schema_py_generated as schema

    if len(content) < 16 or content[4:8] != b"TFL3":
        raise Expected(_unreadable("it does not carry the mark TFL3 that every .tflite has at byte 4"))
    try:
        model = schema.ModelT.InitFromPackedBuf(content, 0)
        if not model.subgraphs:
            raise Expected(_unreadable("it holds no graph"))
        for graph in model.subgraphs:
            for part in ("tensors", "inputs", "outputs"):
                if getattr(graph, part) is None:  # an empty vector may be left out
                    setattr(graph, part, [])
            for tensor in graph.tensors:
                model.buffers[tensor.buffer]
        for buffer in model.buffers:
            if _is_external(buffer):  # give it its data, as if they lay in the flatbuffer
                buffer.data = np.frombuffer(content, dtype=np.uint8, count=buffer.size, offset=buffer.offset)
    except Expected:
        raise
    except Exception as error:
        # The flatbuffers package raises struct.error and plain exceptions of its own on damaged input.
        raise Expected(_unreadable("its inner structure is broken", f"{type(error).__name__}: {error}")) from error
    return model


def has_variable_tensors(model: Any) -> bool:
    """True if tensors keep their values from one inference to the next, as those of recurrent layers do."""
    return any(tensor.isVariable for graph in model.subgraphs for tensor in graph.tensors)


def has_external_weights(model: Any) -> bool:
    """True if weights lie behind the flatbuffer, where LiteRT finds them and TFLM does not."""
    return any(_is_external(buffer) for buffer in model.buffers)


def _is_external(buffer: Any) -> bool:
    return bool(buffer.offset > 1 and buffer.size)


def _unreadable(why: str, detail: str = "") -> Failure:
    reason = f"This is not a readable .tflite file: {why}."
    advice = "Give the file that tf.lite.TFLiteConverter wrote, whole and unchanged."
    return Failure("reading the file", reason, advice, lasting=True, detail=detail)


def names_of(enumeration: type) -> dict[int, str]:
    """The names of a flatbuffers enumeration by value."""
    return {value: name for name, value in vars(enumeration).items() if isinstance(value, int)}


def dtype_name(code: int) -> str:
    """A tensor type as NumPy would write it: `int8`, `float32`."""
    from ai_edge_litert import schema_py_generated as schema

    return names_of(schema.TensorType).get(code, f"type {code}").lower()


def operator_names(model: Any) -> list[list[str]]:
    """Names of the operators of each subgraph, in order of execution."""
    from ai_edge_litert import schema_py_generated as schema

    builtin = names_of(schema.BuiltinOperator)

    def name(index: int) -> str:
        code = model.operatorCodes[index]
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        if builtin.get(number) == "CUSTOM":
            return re.sub(r"[^\w.:-]", "?", (code.customCode or b"custom").decode(errors="replace"))[:60]
        return builtin.get(number, f"operator {number}")

    return [[name(operator.opcodeIndex) for operator in graph.operators or []] for graph in model.subgraphs]


def shape_of(tensor: Any) -> tuple[int, ...]:
    """The shape of a tensor; an absent one is a scalar."""
    return () if tensor.shape is None else tuple(int(size) for size in tensor.shape)


def text_of(name: bytes | None) -> str:
    """A name of the file as text; names need not be valid UTF-8."""
    return (name or b"").decode(errors="replace")


def is_constant(model: Any, tensor: Any) -> bool:
    """True if the file holds the tensor's values."""
    data = model.buffers[tensor.buffer].data
    return data is not None and len(data) > 0


def census(model: Any) -> dict[str, int]:
    """Number of tensors of each type, over all subgraphs."""
    return dict(Counter(dtype_name(tensor.type) for graph in model.subgraphs for tensor in graph.tensors).most_common())


def weights(model: Any) -> list[Any]:
    """Constant tensors that are weights: two axes or more (biases have one), 16 elements or more, no int32 shapes.

    The scales of weights that are quantized in blocks are tensors too, but not weights.
    """
    return [
        tensor
        for graph in model.subgraphs
        for index, tensor in enumerate(graph.tensors)
        if is_constant(model, tensor)
        and len(shape_of(tensor)) >= 2
        and int(np.prod(shape_of(tensor))) >= 16
        and dtype_name(tensor.type) not in ("int32", "int64", "bool", "string")
        and index not in _scales_of_blocks(graph)
    ]


def weight_types(content: bytes) -> set[str]:
    """The types of a file's weights; empty for a file that cannot be read."""
    try:
        model = parse(content)
    except Expected:
        return set()
    return {dtype_name(tensor.type) for tensor in weights(model)}


def _scales_of_blocks(graph: Any) -> set[int]:
    """Indices of the tensors that hold the scales of weights that are quantized in blocks."""
    details = (tensor.quantization.details for tensor in graph.tensors if tensor.quantization is not None)
    return {int(found.scales) for found in details if hasattr(found, "scales") and found.scales is not None}


def scales_and_points(tensor: Any) -> tuple[np.ndarray, np.ndarray]:
    """Scales and zero points of a tensor; empty where the file states none."""
    stated = (getattr(tensor.quantization, part, None) for part in ("scale", "zeroPoint"))
    scales, points = (np.asarray([] if part is None else part) for part in stated)
    return scales, points


def describe(tensor: Any) -> Tensor:
    """An input or output as the file states it."""
    scales, points = scales_and_points(tensor)
    signature = tensor.shapeSignature
    shape = shape_of(tensor) if signature is None else tuple(int(size) for size in signature)
    scale, point = float(scales[0]) if len(scales) else None, int(points[0]) if len(points) else None
    sparsity = "dense" if tensor.sparsity is None else "sparse (stored with its own index)"
    return Tensor(text_of(tensor.name), shape, dtype_name(tensor.type), scale, point, sparsity)


def output_step(model: Any) -> float | None:
    """One quantization step of the first output in real units; looks behind a last DEQUANTIZE; None for float."""
    main, names = model.subgraphs[0], operator_names(model)[0]
    if not len(main.outputs):
        return None
    end = int(main.outputs[0])
    for name, operator in zip(names, main.operators or [], strict=True):
        if name == "DEQUANTIZE" and list(operator.outputs) == [end]:
            end = int(operator.inputs[0])
            break
    tensor = describe(main.tensors[end])
    return tensor.scale if tensor.dtype not in ("float32", "float16") else None
