"""Takes the rounding that training simulated out of a float32 `.tflite`: what is left are the trained weights in plain floats."""

from __future__ import annotations

from typing import Any

from tinyml_core.measure import tflite_file


def without_simulated_rounding(content: bytes) -> bytes:
    """The file without its pairs of QUANTIZE and DEQUANTIZE; the same file if it has none.

    Quantization-aware training leaves such a pair behind every tensor that it rounds, weights too; the float weights lie
    before the pair.

    Raises:
        Expected: The bytes are not a `.tflite`.
    """
    model = tflite_file.parse(content)
    graph, names = model.subgraphs[0], tflite_file.operator_names(model)[0]
    rounded = {
        int(operator.outputs[0]): int(operator.inputs[0])
        for operator, name in zip(graph.operators or [], names, strict=True)
        if name == "QUANTIZE" and tflite_file.dtype_name(graph.tensors[operator.inputs[0]].type) == "float32"
    }
    instead = {
        int(operator.outputs[0]): rounded[int(operator.inputs[0])]
        for operator, name in zip(graph.operators or [], names, strict=True)
        if name == "DEQUANTIZE" and int(operator.inputs[0]) in rounded
    }
    if not instead:
        return content
    return _rewired(model, instead)


def _rewired(model: Any, instead: dict[int, int]) -> bytes:
    """The model whose operators read one tensor instead of another; operators that nobody reads any more are left out."""
    from ai_edge_litert.tools import flatbuffer_utils

    graph = model.subgraphs[0]
    for operator in graph.operators:
        operator.inputs = [instead.get(int(index), int(index)) for index in operator.inputs]
    graph.outputs = [instead.get(int(index), int(index)) for index in graph.outputs]
    for signature in model.signatureDefs or []:
        for end in signature.outputs:
            end.tensorIndex = instead.get(int(end.tensorIndex), int(end.tensorIndex))
    read = {int(index) for operator in graph.operators for index in operator.inputs} | {int(i) for i in graph.outputs}
    kept = list(graph.operators)
    while True:
        live = [operator for operator in kept if any(int(index) in read for index in operator.outputs)]
        if len(live) == len(kept):
            break
        kept = live
        read = {int(index) for operator in kept for index in operator.inputs} | {int(i) for i in graph.outputs}
    graph.operators = kept
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
