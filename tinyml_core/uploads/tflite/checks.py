"""Checks that the parts of a stranger's `.tflite` fit together, before an interpreter follows its numbers into memory.

The flatbuffers package of Python has no verifier, LiteRT's verifier knows nothing of what an index means, and TFLM
believes every number it reads: a constant shorter than its shape says is read past its end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tinyml_core.measure import tflite
from tinyml_core.measure.tflite import STORED_BITS, dtype_name, shape_of
from tinyml_core.uploads.refusal import refused

BITS = STORED_BITS | {
    "float64": 64, "uint64": 64, "uint32": 32, "uint16": 16, "bool": 8, "bfloat16": 16, "uint4": 4, "complex64": 64,
    "complex128": 128, "float8_e4m3fn": 8, "float8_e5m2": 8,
}  # fmt: skip

NO_FIXED_SIZE = ("string", "resource", "variant")

MOST_PARTS = 200_000
"""Tensors, operators and buffers together; the largest networks that are converted have some ten thousand."""

MOST_AXES = 8
LARGEST_TENSOR_BYTES = 512 * 1024**2
WHOLE = "Give the file as the converter wrote it, whole and unchanged."

AT_LEAST_ONE = ("strideW", "strideH", "strideD", "filterWidth", "filterHeight", "dilationWFactor", "dilationHFactor")
"""Numbers of an operator by which kernels divide."""


def checked(content: bytes) -> Any:
    """The parsed file (`ModelT`), every index, size and length in it found possible.

    Raises:
        Expected: It is no `.tflite`, or something in it cannot be; one sentence says what.
    """
    _check_counts(content)
    model = tflite.parse(content)
    try:
        for problem in _problems(model, len(content)):
            raise refused(f"This .tflite file is not sound: {problem}.", WHOLE)
    except (TypeError, AttributeError, ValueError, IndexError, OverflowError) as error:
        raise refused("This .tflite file is not sound: a part of it is missing.", WHOLE, repr(error)) from error
    return model


def _check_counts(content: bytes) -> None:
    """Count the parts without making objects of them: lists may name one part a million times."""
    from ai_edge_litert import schema_py_generated as schema

    if len(content) < 16 or content[4:8] != b"TFL3":
        raise refused(
            "This is not a .tflite file: it does not carry the mark TFL3 that every one has at byte 4.", WHOLE
        )
    try:
        model = schema.Model.GetRootAs(content, 0)
        graphs = model.SubgraphsLength()
        parts = sum((graphs, model.BuffersLength(), model.OperatorCodesLength(), model.MetadataLength()))
        parts += model.SignatureDefsLength()
        for index in range(graphs if parts <= MOST_PARTS else 0):
            graph = model.Subgraphs(index)
            parts += graph.TensorsLength() + graph.OperatorsLength()
            if parts > MOST_PARTS:
                break
            # A name is copied out of the file for each tensor that has it; the operators' vectors are only looked at.
            names = sum(len(graph.Tensors(at).Name() or b"") for at in range(graph.TensorsLength()))
            if names > len(content):
                raise refused("This .tflite file is not sound: its tensors share one long name.", WHOLE)
    except Exception as error:
        # The flatbuffers package raises struct.error and plain exceptions of its own on damaged input.
        if type(error).__name__ == "Expected":
            raise
        raise refused(
            "This is not a readable .tflite file: its inner structure is broken.",
            WHOLE,
            f"{type(error).__name__}: {error}",
        ) from error
    if parts > MOST_PARTS:
        raise refused(f"The file states more than {MOST_PARTS:,} tensors and operators.", "Give a smaller network.")


def _problems(model: Any, file_bytes: int) -> Iterator[str]:
    """What cannot be, in words, one after the other."""
    if model.externalBufferGroups or model.externalBuffers:
        yield "its weights lie in another file"
    for index in [*(model.metadataBuffer if model.metadataBuffer is not None else ())]:
        if not 0 <= index < len(model.buffers):
            yield f"its metadata names buffer {index}, but there are {len(model.buffers)}"
    for entry in model.metadata or ():
        if not 0 <= entry.buffer < len(model.buffers):
            yield f"its metadata names buffer {entry.buffer}, but there are {len(model.buffers)}"
    if not len(model.subgraphs[0].inputs) or not len(model.subgraphs[0].outputs):
        yield "it has no inputs or no outputs, so there is nothing to execute"
    for number, graph in enumerate(model.subgraphs):
        where = f" of graph {number}" if number else ""
        for index, tensor in enumerate(graph.tensors):
            yield from (f"tensor {index}{where} {problem}" for problem in _tensor(model, graph, tensor))
        yield from (f"graph {number} {problem}" for problem in _ends(graph))
        for index, operator in enumerate(graph.operators or ()):
            found = _operator(model, graph, operator, file_bytes)
            yield from (f"operator {index}{where} {problem}" for problem in found)
    yield from _signatures(model)
    yield from _circles(model)


def _tensor(model: Any, graph: Any, tensor: Any) -> Iterator[str]:
    shape, name = shape_of(tensor), dtype_name(tensor.type)
    if name not in BITS and name not in NO_FIXED_SIZE:
        yield f"is of the unknown type {tensor.type}"
        return
    if not 0 <= tensor.buffer < len(model.buffers):
        yield f"lies in buffer {tensor.buffer}, but there are {len(model.buffers)}"
        return
    if tensor.externalBuffer:
        yield "lies in another file"
    if len(shape) > MOST_AXES or any(size < 0 for size in shape):
        yield f"has the impossible shape {list(shape)[: MOST_AXES + 1]}"
        return
    size_bytes = -(-math.prod(shape) * BITS.get(name, 8) // 8)
    if size_bytes > LARGEST_TENSOR_BYTES:
        yield f"takes {size_bytes / 1024**2:,.0f} MB, more than {LARGEST_TENSOR_BYTES // 1024**2}"
    signature = tensor.shapeSignature
    if signature is not None and len(signature) and (len(signature) != len(shape) or min(signature) < -1):
        yield "has two shapes that do not fit each other"
    held = model.buffers[tensor.buffer].data
    if held is not None and len(held) and name not in NO_FIXED_SIZE:
        if tensor.sparsity is not None:
            elements = stored_elements(tensor.sparsity, shape)
            if elements is None:
                yield "has an index of its values that leads out of its shape"
                return
            size_bytes = -(-elements * BITS[name] // 8)
        if len(held) != size_bytes:
            yield f"holds {len(held):,} bytes, but its shape and type take {size_bytes:,}"
    yield from _quantization(graph, tensor, shape)


def _quantization(graph: Any, tensor: Any, shape: tuple[int, ...]) -> Iterator[str]:
    found = tensor.quantization
    if found is None:
        return
    for name in ("scales", "zeroPoints"):  # of weights that are quantized in blocks: tensors of their own
        index = getattr(found.details, name, None)
        if index is not None and np.ndim(index) == 0 and not -1 <= index < len(graph.tensors):
            yield f"has its {name} in tensor {index}, but there are {len(graph.tensors)}"
    scales = 0 if found.scale is None else len(found.scale)
    points = 0 if found.zeroPoint is None else len(found.zeroPoint)
    if scales and points and scales != points:
        yield f"has {scales} scales and {points} zero points"
    # The axis that they belong to is not checked: LiteRT refuses a wrong one, TFLM does not read it.
    if max(scales, points) > 1 and max(scales, points) not in shape:
        yield f"has {max(scales, points)} scales, which fit none of its axes"
    if scales and not (np.isfinite(found.scale).all() and min(found.scale) >= 0):
        yield "has a scale that is no positive number"
    if points and max(abs(int(min(found.zeroPoint))), int(max(found.zeroPoint))) >= 2**31:
        yield "has a zero point that no tensor can store"


def _ends(graph: Any) -> Iterator[str]:
    tensors = len(graph.tensors)
    for name, indices in (("input", _numbers(graph.inputs)), ("output", _numbers(graph.outputs))):
        yield from (f"has the {name} {index}, but {tensors} tensors" for index in indices if not 0 <= index < tensors)


def _operator(model: Any, graph: Any, operator: Any, file_bytes: int) -> Iterator[str]:
    tensors = len(graph.tensors)
    if not 0 <= operator.opcodeIndex < len(model.operatorCodes or ()):
        yield f"is of kind {operator.opcodeIndex}, but the file names {len(model.operatorCodes or ())}"
    for index in (*_numbers(operator.inputs), *_numbers(operator.intermediates)):
        if not -1 <= index < tensors:
            yield f"reads tensor {index}, but there are {tensors}"
    for index in _numbers(operator.outputs):
        if not 0 <= index < tensors:
            yield f"writes tensor {index}, but there are {tensors}"
    if operator.largeCustomOptionsOffset + operator.largeCustomOptionsSize > file_bytes:
        yield "has options that lie behind the end of the file"
    for options in (operator.builtinOptions, operator.builtinOptions2):
        for name in AT_LEAST_ONE:
            if getattr(options, name, 1) < 1:
                yield f"has a {name} of {getattr(options, name)}"


def _numbers(vector: Iterable[int] | None) -> list[int]:
    return [] if vector is None else [int(number) for number in vector]


def _signatures(model: Any) -> Iterator[str]:
    for signature in model.signatureDefs or ():
        if not 0 <= signature.subgraphIndex < len(model.subgraphs):
            yield f"a signature names graph {signature.subgraphIndex}, but there are {len(model.subgraphs)}"
            continue
        tensors = len(model.subgraphs[signature.subgraphIndex].tensors or ())
        for entry in (*(signature.inputs or ()), *(signature.outputs or ())):
            if not 0 <= entry.tensorIndex < tensors:
                yield f"a signature names tensor {entry.tensorIndex}, but there are {tensors}"


def called_graphs(operator: Any) -> list[int]:
    """The graphs that an operator calls: bodies of loops, branches, initialisations."""
    named = [
        value
        for options in (operator.builtinOptions, operator.builtinOptions2)
        if options is not None
        for name, value in vars(options).items()
        if name.lower().endswith("subgraphindex") or name == "subgraph"
    ]
    return [int(value) for value in named if np.ndim(value) == 0]


def _circles(model: Any) -> Iterator[str]:
    """Graphs that are not there, and graphs that call themselves in a circle, which no interpreter leaves."""
    calls = [
        {index for operator in graph.operators or () for index in called_graphs(operator)} for graph in model.subgraphs
    ]
    for index in sorted(set().union(*calls)):
        if not 0 <= index < len(calls):
            yield f"an operator calls graph {index}, but there are {len(calls)}"
            return
    left = dict(enumerate(calls))
    while left:
        ends = [number for number, called in left.items() if not called & left.keys()]
        if not ends:
            yield "its graphs call each other in a circle"
            return
        for number in ends:
            del left[number]


# ---- Walks the index of a sparse tensor of a `.tflite` and counts what it stores; nothing is unfolded --------------


DENSE, COMPRESSED = 0, 1


def stored_elements(sparsity: Any, shape: tuple[int, ...]) -> int | None:
    """How many elements the tensor stores; None if its index leads anywhere out of its shape.

    Args:
        sparsity: `SparsityParametersT` of the schema.
        shape: Of the tensor once it is unfolded.
    """
    order = [] if sparsity.traversalOrder is None else [int(axis) for axis in sparsity.traversalOrder]
    blocks = [] if sparsity.blockMap is None else [int(axis) for axis in sparsity.blockMap]
    levels = sparsity.dimMetadata or []
    rank = len(shape)
    if sorted(order) != list(range(rank + len(blocks))) or len(levels) != len(order):
        return None
    if len(set(blocks)) < len(blocks) or any(not 0 <= axis < rank for axis in blocks) or 0 in shape:
        return None
    sizes = _sizes(order, blocks, levels, shape)
    if sizes is None:
        return None
    count = 1
    for axis, level in zip(order, levels, strict=True):
        if level.format == DENSE:
            if level.denseSize != sizes[axis]:
                return None
            count *= sizes[axis]
        else:
            found = _compressed(level, count, sizes[axis])
            if found is None:
                return None
            count = found
        if count > math.prod(shape):
            return None
    return count


def _sizes(order: list[int], blocks: list[int], levels: list[Any], shape: tuple[int, ...]) -> list[int] | None:
    """Size of each axis counted in blocks, then the sizes of the blocks themselves."""
    sizes = list(shape)
    for number, axis in enumerate(blocks):
        level = levels[order.index(len(shape) + number)]
        size = int(level.denseSize)
        if level.format != DENSE or size < 1 or shape[axis] % size:
            return None
        sizes[axis] //= size
        sizes.append(size)
    return sizes


def _compressed(level: Any, rows: int, size: int) -> int | None:
    """Elements of a compressed level, or None if segments or indices are impossible."""
    if level.format != COMPRESSED or level.arraySegments is None or level.arrayIndices is None:
        return None
    segments, indices = (
        np.asarray(found.values, dtype=np.int64) for found in (level.arraySegments, level.arrayIndices)
    )
    if segments.shape != (rows + 1,) or segments[0] != 0 or (np.diff(segments) < 0).any():
        return None
    if indices.shape != (segments[-1],) or (indices < 0).any() or (indices >= size).any():
        return None
    return len(indices)
