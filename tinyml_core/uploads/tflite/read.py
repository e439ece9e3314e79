"""What a `.tflite` says of itself: its ends, its types, its operators, and what a person should know of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tinyml_core.domain.brought import Activation, ModelFacts, Port, several_inputs
from tinyml_core.domain.outcome import Report
from tinyml_core.measure.tflite import (
    describe,
    dtype_name,
    has_external_weights,
    has_variable_tensors,
    is_constant,
    operator_names,
    shape_of,
)
from tinyml_core.uploads.refusal import refused, shown
from tinyml_core.uploads.tflite.checks import checked
from tinyml_core.uploads.tflite.trial import BUDGET_S, Budget, budget, checked_shape, tried, with_fixed_shape

RANGES = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}
CONTROL = ("CALL_ONCE", "CALL", "IF", "WHILE")

FLOAT32_FILE = {"float32", "int32", "int64", "bool", "resource"}
"""Types of a float32 model's tensors; the integers are shapes and indices."""

LAST_BUT_THE_SAME = ("DEQUANTIZE", "QUANTIZE", "RESHAPE", "SQUEEZE")
"""Operators after an activation that leave its meaning as it is."""


def tflite_facts(model: Any, notes: tuple[str, ...] = ()) -> ModelFacts:
    """The facts of a checked file (`ModelT`), as it is.

    Args:
        model: See `checks.checked`.
        notes: More to be known, from executing it.
    """
    main = model.subgraphs[0]
    types = {dtype_name(tensor.type) for graph in model.subgraphs for tensor in graph.tensors}
    sparse = any(tensor.sparsity is not None for graph in model.subgraphs for tensor in graph.tensors)
    inputs = tuple(port(main.tensors[index]) for index in _indices(main.inputs))
    is_open = any(None in each.shape for each in inputs)
    names = Counter(name for graph in operator_names(model) for name in graph)
    return ModelFacts(
        kind="tflite",
        inputs=inputs,
        outputs=tuple(port(main.tensors[index]) for index in _indices(main.outputs)),
        parameters=parameters(model),
        architecture=", ".join(f"{count} × {name}" for name, count in names.most_common(8))
        + (f" and {len(names) - 8} more {'kind' if len(names) == 9 else 'kinds'}" if len(names) > 8 else ""),
        float_weights=types <= FLOAT32_FILE and "float32" in types and not sparse,
        open_shape=next(each.shape for each in inputs if None in each.shape) if is_open else None,
        last_activation=last_activation(model),
        not_rebuilt="A .tflite file no longer says its layers, so nothing can be trained on it.",
        notes=(*_notes(model, types, names, sparse), *notes),
    )


def port(tensor: Any) -> Port:
    """An input or output without its batch axis, and the real values it can take."""
    found = describe(tensor)
    shape = tuple(None if size < 0 else size for size in found.shape[1:])
    low = high = None
    if found.dtype in RANGES:
        scale, zero = (found.scale or 1.0, found.zero_point or 0) if found.scale else (1.0, 0)
        low, high = (scale * (stored - zero) for stored in RANGES[found.dtype])
    return Port(found.name, shape, found.dtype, low, high)


def parameters(model: Any) -> int:
    """Trained numbers: the elements of all constants but plain integers, which are shapes and indices."""
    total = 0
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            plain = dtype_name(tensor.type) in ("int32", "int64", "bool", "string") and describe(tensor).scale is None
            if is_constant(model, tensor) and not plain:
                total += math.prod(shape_of(tensor))
    return total


def last_activation(model: Any) -> Activation:
    """Whether the first output comes out of a softmax or a sigmoid."""
    main, names = model.subgraphs[0], operator_names(model)[0]
    outputs = _indices(main.outputs)
    if not outputs:
        return "unknown"
    wanted = outputs[0]
    for name, operator in reversed(list(zip(names, main.operators or [], strict=True))):
        if wanted in _indices(operator.outputs):
            if name in LAST_BUT_THE_SAME and _indices(operator.inputs):
                wanted = _indices(operator.inputs)[0]
                continue
            return {"SOFTMAX": "softmax", "LOGISTIC": "sigmoid"}.get(name, "other")  # type: ignore[return-value]
    return "unknown"


def open_inputs(model: Any) -> list[int]:
    """Positions of the inputs of which the file leaves more open than the batch size."""
    main = model.subgraphs[0]
    return [at for at, index in enumerate(_indices(main.inputs)) if None in port(main.tensors[index]).shape]


def _indices(vector: Any) -> list[int]:
    return [] if vector is None else [int(index) for index in vector]


def _notes(model: Any, types: set[str], names: Counter[str], sparse: bool) -> Iterator[str]:
    main = model.subgraphs[0]
    inputs, outputs = (len(_indices(ends)) for ends in (main.inputs, main.outputs))
    if inputs != 1:
        yield several_inputs(inputs)
    if outputs > 1:
        yield f"It has {outputs} outputs: the first is scored and compared, the others are computed with it."
    batch = {shape_of(main.tensors[index])[:1] for index in _indices(main.inputs)}
    if batch - {(1,), ()}:
        sizes = ", ".join(str(size[0]) for size in sorted(batch - {(1,), ()}))
        yield f"Its input takes {sizes} samples at once; one sample alone cannot be given to it."
    if len(model.signatureDefs or ()) > 1:
        keys = ", ".join(shown((each.signatureKey or b"").decode(errors="replace")) for each in model.signatureDefs[:6])
        yield f"It has {len(model.signatureDefs)} signatures ({keys}); the main graph is what is measured."
    graphs = len(model.subgraphs) - 1
    if graphs and any(names[name] for name in CONTROL):
        yield f"It calls {graphs} further graph{'s' if graphs > 1 else ''} (branches, loops, first values of its state)."
    elif graphs:
        yield f"Of its {graphs + 1} graphs only the main one is measured."
    if has_variable_tensors(model):
        yield "It has recurrent layers: their state is set to zero before each sample."
    if names["VAR_HANDLE"]:
        yield "It keeps state between calls (a streaming model): each answer depends on the inputs before it."
    custom = sorted(name for graph in _custom_names(model) for name in graph)
    if custom:
        yield f"It uses operators of its maker's own ({', '.join(custom[:5])}), which LiteRT here cannot execute."
    if sparse:
        yield "Weights are stored sparse, with an index of their own: TFLM does not unfold them."
    if "float16" in types:
        yield "Weights are stored as 16-bit floats (float16): a format for phones, which TFLM does not execute."
    elif _hybrid(model):
        yield "Weights are integers but activations are floats (dynamic range, hybrid): TFLM has no kernels for that."
    if has_external_weights(model):
        yield "Its weights lie behind the flatbuffer, where LiteRT finds them and TFLM does not."


def _custom_names(model: Any) -> list[set[str]]:
    from ai_edge_litert import schema_py_generated as schema

    known = set(vars(schema.BuiltinOperator))
    return [{name for name in graph if name not in known} for graph in operator_names(model)]


def _hybrid(model: Any) -> bool:
    """True if an operator multiplies float activations with integer weights."""
    for graph, names in zip(model.subgraphs, operator_names(model), strict=True):
        for operator, name in zip(graph.operators or [], names, strict=True):
            if name not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "BATCH_MATMUL"):
                continue
            kinds = [dtype_name(graph.tensors[index].type) for index in _indices(operator.inputs)[:2] if index >= 0]
            if kinds[:1] == ["float32"] and kinds[1:] and kinds[1] in ("int8", "uint8", "int4", "int2"):
                return True
    return False


def read_tflite(
    content: bytes,
    file_name: str,
    input_shape: Sequence[int] | None,
    report: Report,
    budget_s: float = BUDGET_S,
) -> tuple[ModelFacts, dict[str, bytes]]:
    """The facts of a `.tflite`, and the file under `tflite`; without the file while its input shape has to be asked for.

    Args:
        content: The file.
        file_name: As the person calls it.
        input_shape: Their answer where the file leaves the shape open, without batch axis.
        report: Takes sentences that say how far it is.
        budget_s: What all tries of the file get together, in seconds.

    Raises:
        Expected: The file is broken, the answer does not fit it, or its tries did not end in time.
    """
    report("checking the file")
    model = checked(content)
    facts = tflite_facts(model)
    if facts.open_shape is not None and input_shape is None:
        return facts, {}
    within = budget(budget_s)
    report(f"trying the file, {budget_s:g} seconds at most")
    if facts.open_shape is not None and input_shape is not None:
        content = _fixed(content, facts, input_shape, within)
        model = checked(content)
    trial = tried(content, within)
    return tflite_facts(model, trial.notes), {"tflite": content}


def _fixed(content: bytes, facts: ModelFacts, input_shape: Sequence[int], within: Budget) -> bytes:
    model = checked(content)
    places = open_inputs(model)
    if len(places) > 1:
        raise refused(
            f"The file leaves the shapes of {len(places)} inputs open; only one can be asked for.",
            "Fix the shapes where the model was made and convert it again.",
        )
    assert facts.open_shape is not None
    return with_fixed_shape(content, model, places[0], checked_shape(facts.open_shape, list(input_shape)), within)
