"""The comparison with files of another processor: it lets last digits pass, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.same_file import MOST_ULP, differences, ulp_apart
from tests.small_tflite import fully_connected, packed
from tinyml_core import catalog
from tinyml_core.measure.tflite import parse
from tinyml_core.zoo.weights import float32_path

CONTENT = float32_path(catalog.model("textures")).read_bytes()
"""Batch normalizations were folded into it."""


def constants(model: Any, axes: int) -> np.ndarray:
    """The float constants of the first tensor with so many axes, open to be changed in place."""
    for tensor in model.subgraphs[0].tensors:
        buffer = model.buffers[tensor.buffer]
        if tensor.type == schema.TensorType.FLOAT32 and buffer.data is not None and len(tensor.shape) == axes:
            buffer.data = np.array(buffer.data, np.uint8)
            return buffer.data.view(np.float32)
    raise AssertionError(f"no constant with {axes} axes")


def moved(axes: int, ulp: int, largest: bool = True) -> bytes:
    """The file with one constant moved: the largest of its tensor, or the smallest, by so many of its own units."""
    model = parse(CONTENT)
    values = constants(model, axes)
    place = int(np.abs(values).argmax() if largest else np.abs(values).argmin())
    values.view(np.int32)[place] += ulp
    return packed(model)


def changed(change: Callable[[Any], None], content: bytes = CONTENT) -> bytes:
    """The file with a change of its structure."""
    model = parse(content)
    open_arrays(model)
    change(model)
    return packed(model)


def open_arrays(part: Any) -> None:
    """Arrays in the tree of a file become ones that can be written."""
    for name, value in vars(part).items():
        if isinstance(value, np.ndarray):
            setattr(part, name, value.copy())
        for one in value if isinstance(value, list) else [value]:
            if hasattr(one, "__dict__"):
                open_arrays(one)


def graph(model: Any) -> Any:
    return model.subgraphs[0]


def test_a_file_is_the_same_as_itself_and_as_itself_packed_anew() -> None:
    assert differences(CONTENT, CONTENT) == []
    assert differences(CONTENT, packed(parse(CONTENT))) == []


@pytest.mark.parametrize("axes", [1, 4], ids=["a bias", "a weight"])
@pytest.mark.parametrize("ulp", [1, -1, MOST_ULP, -MOST_ULP])
def test_last_digits_may_differ(axes: int, ulp: int) -> None:
    assert moved(axes, ulp) != CONTENT
    assert differences(CONTENT, moved(axes, ulp)) == differences(moved(axes, ulp), CONTENT) == []


@pytest.mark.parametrize("axes", [1, 4], ids=["a bias", "a weight"])
@pytest.mark.parametrize("ulp", [64, -64])
def test_a_constant_that_moves_by_64_units_is_a_difference(axes: int, ulp: int) -> None:
    for content, other in ((CONTENT, moved(axes, ulp)), (moved(axes, ulp), CONTENT)):
        (told,) = differences(content, other)
        assert "units in the last place apart" in told


def test_a_small_weight_has_a_small_unit() -> None:
    assert differences(CONTENT, moved(4, MOST_ULP, largest=False)) == []
    assert differences(CONTENT, moved(4, 64, largest=False)) != []


def test_a_small_bias_is_what_a_subtraction_left_and_has_the_unit_of_the_largest() -> None:
    smallest, largest = np.float32(0.0131), np.float32(1.5)
    moved_bias = np.nextafter(smallest, np.float32(1), dtype=np.float32)
    for _ in range(30):
        moved_bias = np.nextafter(moved_bias, np.float32(1), dtype=np.float32)
    before, after = np.array([smallest, largest]), np.array([moved_bias, largest])
    assert ulp_apart(before, after) == 31
    assert ulp_apart(before, after, unit_of_largest=True) < 1


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_constant_that_is_no_number_is_a_difference(value: float) -> None:
    model = parse(CONTENT)
    constants(model, 4)[0] = value
    assert differences(CONTENT, packed(model)) != []
    assert ulp_apart(np.array([1, value], np.float32), np.array([1, value], np.float32)) == 0


STRUCTURE: dict[str, Callable[[Any], None]] = {
    "a shape": lambda model: graph(model).tensors[0].shape.__setitem__(0, 7),
    "a number of axes": lambda model: setattr(graph(model).tensors[0], "shape", np.array([1], np.int32)),
    "a name": lambda model: setattr(graph(model).tensors[0], "name", b"other"),
    "a type": lambda model: setattr(graph(model).tensors[0], "type", schema.TensorType.INT32),
    "an operator": lambda model: setattr(model.operatorCodes[0], "builtinCode", schema.BuiltinOperator.ABS),
    "an operator's option": lambda model: setattr(graph(model).operators[0].builtinOptions, "strideH", 3),
    "an operator's inputs": lambda model: graph(model).operators[0].inputs.__setitem__(0, 1),
    "the order of operators": lambda model: graph(model).operators.reverse(),
    "an operator less": lambda model: graph(model).operators.pop(),
    "a tensor more": lambda model: graph(model).tensors.append(graph(model).tensors[-1]),
    "the version": lambda model: setattr(model, "version", 2),
    "a signature": lambda model: setattr(model.signatureDefs[0], "signatureKey", b"other"),
    "metadata": lambda model: setattr(model.buffers[model.metadata[0].buffer], "data", np.array([1], np.uint8)),
}


@pytest.mark.parametrize("change", STRUCTURE.values(), ids=list(STRUCTURE))
def test_a_change_of_the_structure_is_a_difference(change: Callable[[Any], None]) -> None:
    assert differences(CONTENT, changed(change)) != []
    assert differences(changed(change), CONTENT) != []


INT8 = packed(fully_connected())
QUANTIZED: dict[str, Callable[[Any], None]] = {
    "a weight by one step": lambda model: model.buffers[1].data.__setitem__(0, model.buffers[1].data[0] + 1),
    "a bias by one step": lambda model: model.buffers[2].data.__setitem__(0, model.buffers[2].data[0] + 1),
    "a zero point": lambda model: graph(model).tensors[0].quantization.zeroPoint.__setitem__(0, 1),
    "the axis of scales": lambda model: setattr(graph(model).tensors[1].quantization, "quantizedDimension", 1),
    "a scale by 64 units": lambda model: scale_moved(model, 64),
}


def scale_moved(model: Any, ulp: int) -> None:
    scale = graph(model).tensors[1].quantization.scale
    scale.view(np.int32)[0] += ulp


@pytest.mark.parametrize("change", QUANTIZED.values(), ids=list(QUANTIZED))
def test_integers_and_what_they_stand_for_are_compared_too(change: Callable[[Any], None]) -> None:
    assert differences(INT8, changed(change, INT8)) != []


def test_the_last_digits_of_a_scale_may_differ() -> None:
    other = changed(lambda model: scale_moved(model, MOST_ULP), INT8)
    assert other != INT8 and differences(INT8, other) == []
