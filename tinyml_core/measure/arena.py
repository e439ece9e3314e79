"""How much smaller TFLM's arena is on a 32-bit board than on a 64-bit computer: counted structure by structure.

Activations take the same room everywhere. The rest of the arena holds structures with pointers, and a pointer has 8
bytes here and 4 on a Cortex-M: TfLiteEvalTensor 24 against 12 bytes, NodeAndRegistration 64 against 32, TfLiteTensor
64 against 32, and the kernels' own data. The count below was fitted to 32-bit builds (Cortex-M4 and i386, reference
kernels, TFLM of October 2026): largest error 1.8 % or 97 bytes over 180 files. Optimised kernels may add scratch.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tinyml_core.measure.tflite_file import DECODE, operator_names


def saving_bytes(model: Any) -> int | None:
    """Bytes by which the arena's recorded total shrinks on a 32-bit build; None for operators that were not counted."""
    graphs = model.subgraphs
    names = Counter(name for graph_names in operator_names(model) for name in graph_names)
    if DECODE in names:
        return None
    tensors = sum(len(graph.tensors) for graph in graphs)
    operators = sum(names.values())
    main = graphs[0]
    ends = [*main.inputs, *main.outputs]
    quantized = sum(
        1
        for index in ends
        if (quantization := main.tensors[index].quantization) is not None and quantization.scale is not None
    )
    variables = _resource_variables(model)
    with_pointers = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "SOFTMAX", "CONCATENATION")
    structures = (
        12 * tensors
        + 32 * operators
        + 16 * sum(names[name] for name in with_pointers)
        + 8 * names["VAR_HANDLE"]
        + 8 * len(graphs)
        + _round16(40 * variables)
        - _round16(20 * variables)
        + 32 * len(ends)
        + 12 * quantized
        + 11 * names["FULLY_CONNECTED"]
        + 6 * names["ADD"]
    )
    alignment = 32 * names["FULLY_CONNECTED"] + 32 * names["CONCATENATION"] + 16 * names["ASSIGN_VARIABLE"]
    interpreter = 348
    return structures + alignment + interpreter


def _round16(size_bytes: int) -> int:
    return (size_bytes + 15) // 16 * 16


def _resource_variables(model: Any) -> int:
    names = set()
    for graph, operators in zip(model.subgraphs, operator_names(model), strict=True):
        for operator, name in zip(graph.operators or [], operators, strict=True):
            if name == "VAR_HANDLE":
                options = operator.builtinOptions
                names.add((getattr(options, "container", None), getattr(options, "sharedName", None)))
    return len(names)
