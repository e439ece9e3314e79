"""Where the bytes of a `.tflite` go: constants by operator, scales, names, metadata, and the graph itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tinyml_core.anatomy import FilePart, OperatorPart
from tinyml_core.measure.tflite_file import text_of
from tinyml_core.measure.weight_layers import scale_bytes

NAME_BYTES = 5
"""A text of a flatbuffer takes four bytes for its length and one for its end, besides its letters."""


def constants(model: Any) -> tuple[Counter[int], Counter[int]]:
    """Bytes of constants by the place of an operator of the main graph, from 1.

    Returns:
        `(read, stored)`: all that an operator reads, and of it what no operator before it reads. Scales of weights that are
        quantized in blocks are constants too, and count with their weights.
    """
    graph = model.subgraphs[0]
    read: Counter[int] = Counter()
    stored: Counter[int] = Counter()
    counted: set[int] = set()
    for place, operator in enumerate(graph.operators or [], 1):
        own = {
            buffer
            for index in ([] if operator.inputs is None else operator.inputs)
            for buffer in _of(graph, int(index))
        }
        for buffer in own:
            size = _size(model.buffers[buffer])
            read[place] += size
            stored[place] += 0 if buffer in counted else size
        counted |= own
    return read, stored


def _of(graph: Any, index: int) -> set[int]:
    """Buffers of a tensor: its values, and the scales of its blocks."""
    if index < 0:
        return set()
    tensor = graph.tensors[index]
    details = None if tensor.quantization is None else tensor.quantization.details
    scales = getattr(details, "scales", None)
    return {int(tensor.buffer)} | ({int(graph.tensors[int(scales)].buffer)} if scales is not None else set())


def _size(buffer: Any) -> int:
    return 0 if buffer.data is None else len(buffer.data)


def file_parts(model: Any, file_bytes: int, operators: Sequence[OperatorPart]) -> tuple[FilePart, ...]:
    """The file cut up; what nothing else claims is the graph, so that the sum is the file, byte by byte.

    Raises:
        ValueError: Constants, names and scales together would be larger than the file.
    """
    described = {int(entry.buffer) for entry in model.metadata or []}
    metadata = sum(_size(model.buffers[index]) for index in described)
    every = sum(_size(buffer) for buffer in model.buffers)
    weights = [
        FilePart(_title(operator), "weights", operator.place, operator.stored_bytes)
        for operator in operators
        if operator.stored_bytes
    ]
    parts = [
        *weights,
        FilePart("other constants", "other constants", 0,
                 every - metadata - sum(part.size_bytes for part in weights)),
        FilePart("scales and zero points", "scales", 0, scale_bytes(model)),
        FilePart("names of tensors", "names", 0, sum(
            len(text_of(tensor.name).encode()) + NAME_BYTES for graph in model.subgraphs for tensor in graph.tensors
        )),
        FilePart("metadata of the converter", "metadata", 0, metadata),
    ]  # fmt: skip
    rest = file_bytes - sum(part.size_bytes for part in parts)
    if rest < 0 or any(part.size_bytes < 0 for part in parts):
        raise ValueError("the parts are larger than the file")
    parts.append(FilePart("graph structure", "graph", 0, rest))
    return tuple(part for part in parts if part.size_bytes)


def _title(operator: OperatorPart) -> str:
    name = operator.operator.replace("_", " ").lower()
    return f"{operator.place}. {operator.layer or name}"
