"""What each operator has to do: kinds, types, MACs and dead channels, counted from the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cattrs
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tinyml_core.domain.inspection import Inspection, OperatorWork
from tinyml_core.measure.inspect_file import macs, work

if TYPE_CHECKING:
    from tests.conftest import Lab, Made


def inspected(lab: Lab, model: str, technique: str) -> Inspection:
    """The inspection of a variant that must be readable."""
    found = lab.measured(model, technique).inspection
    assert isinstance(found, Inspection), found
    return found


TYPES = {"float32": 0, "float16": 1, "int32": 2, "uint8": 3, "int16": 7, "int8": 9}


class File:
    """A model put together by hand, as the schema's object tree."""

    def __init__(self) -> None:
        self.model = schema.ModelT()
        graph = schema.SubGraphT()
        graph.tensors, graph.operators = [], []
        self.graph = graph
        self.model.subgraphs, self.model.operatorCodes, self.model.buffers = [graph], [], [schema.BufferT()]

    def tensor(self, shape: tuple[int, ...], dtype: str = "int8", values: np.ndarray | None = None) -> int:
        """Add a tensor, constant if values are given; gives its index."""
        made = schema.TensorT()
        made.shape, made.type, made.buffer = list(shape), TYPES[dtype], 0
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(values.astype(dtype).tobytes(), np.uint8)
            self.model.buffers.append(buffer)
            made.buffer = len(self.model.buffers) - 1
        self.graph.tensors.append(made)
        return len(self.graph.tensors) - 1

    def operator(self, name: str, inputs: list[int], outputs: list[int], options: Any = None) -> None:
        """Add an operator; a name that is not in the schema is a custom one."""
        code = schema.OperatorCodeT()
        known = vars(schema.BuiltinOperator).get(name)
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM if known is None else known
        code.customCode = name.encode() if known is None else None
        self.model.operatorCodes.append(code)
        made = schema.OperatorT()
        made.opcodeIndex, made.inputs, made.outputs = len(self.model.operatorCodes) - 1, inputs, outputs
        made.builtinOptions = options
        self.graph.operators.append(made)

    def one(self) -> OperatorWork:
        """The work of its only operator."""
        (found,) = work(self.model)
        return found


def convolution(shape: tuple[int, ...], weights: np.ndarray, output: tuple[int, ...], name: str = "CONV_2D") -> File:
    """A file with one int8 convolution."""
    file = File()
    given, filters = file.tensor(shape), file.tensor(weights.shape, "int8", weights)
    file.operator(name, [given, filters], [file.tensor(output)])
    return file


@pytest.mark.parametrize(
    ("channels", "kernel", "kind"),
    [
        (8, 3, "conv"),
        (4, 5, "conv"),
        (3, 3, "first conv"),
        (1, 3, "first conv"),
        (3, 1, "conv 1x1"),
        (64, 1, "conv 1x1"),
    ],
)
def test_the_kind_of_a_convolution_follows_from_its_filter_and_channels(channels: int, kernel: int, kind: str) -> None:
    found = convolution((1, 8, 8, channels), np.ones((16, kernel, kernel, channels)), (1, 8, 8, 16)).one()
    assert found.kind == kind
    assert found.macs == 8 * 8 * 16 * kernel * kernel * channels
    assert (found.input_channels, found.output_channels, found.kernel) == (channels, 16, (kernel, kernel))
    assert found.outputs == 8 * 8 * 16
    assert found.weight_bytes == 16 * kernel * kernel * channels


@pytest.mark.parametrize(("channels", "kind"), [(1, "first conv"), (16, "depthwise")])
def test_a_depthwise_convolution_of_one_channel_is_a_first_convolution(channels: int, kind: str) -> None:
    found = convolution((1, 8, 8, channels), np.ones((1, 3, 3, 16)), (1, 8, 8, 16), "DEPTHWISE_CONV_2D").one()
    assert (found.kind, found.macs, found.output_channels) == (kind, 8 * 8 * 16 * 9, 16)


def test_output_channels_whose_weights_all_say_zero_are_dead() -> None:
    weights = np.ones((4, 3, 3, 2))
    weights[1] = 0
    weights[3, 1:] = 0
    assert convolution((1, 8, 8, 2), weights, (1, 8, 8, 4)).one().dead_channels == 1
    across = np.ones((1, 3, 3, 4))
    across[..., :3] = 0
    assert convolution((1, 8, 8, 4), across, (1, 8, 8, 4), "DEPTHWISE_CONV_2D").one().dead_channels == 3


def test_zero_is_what_the_zero_point_says() -> None:
    file = convolution((1, 8, 8, 2), np.full((4, 3, 3, 2), 5), (1, 8, 8, 4))
    assert file.one().dead_channels == 0
    file.graph.tensors[1].quantization = schema.QuantizationParametersT()
    file.graph.tensors[1].quantization.zeroPoint = [5]
    assert file.one().dead_channels == 4


@pytest.mark.parametrize(
    ("activations", "weights", "dtype"),
    [
        ("int8", "int8", "int8"),
        ("float32", "float32", "float32"),
        ("int16", "int8", "int16x8"),
        ("float32", "int8", "hybrid"),
        ("uint8", "uint8", "uint8"),
    ],
)
def test_the_type_is_that_of_activations_and_weights(activations: str, weights: str, dtype: str) -> None:
    file = File()
    filters = file.tensor((10, 20), weights, np.ones((10, 20)))
    file.operator("FULLY_CONNECTED", [file.tensor((1, 20), activations), filters], [file.tensor((1, 10), activations)])
    found = file.one()
    assert (found.kind, found.dtype, found.macs) == ("fully connected", dtype, 200)
    assert (found.input_channels, found.output_channels) == (20, 10)


def test_no_timing_of_float32_can_be_claimed_for_float16_weights(lab: Lab) -> None:
    found = inspected(lab, "digits", "float16").work
    assert {operator.dtype for operator in found if operator.macs} == {"float16"}
    assert {operator.dtype for operator in found if operator.operator == "DEQUANTIZE"} == {"float16"}


@pytest.mark.parametrize("name", ["SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM", "WHILE", "my_custom_operator"])
def test_what_cannot_be_counted_is_unknown_and_the_rest_is_counted_all_the_same(name: str) -> None:
    file = convolution((1, 8, 8, 8), np.ones((16, 3, 3, 8)), (1, 8, 8, 16))
    file.operator(name, [2], [file.tensor((1, 4))])
    known, other = work(file.model)
    assert known.macs == 8 * 8 * 16 * 9 * 8
    assert (other.operator, other.kind, other.macs) == (name, "unknown", None)
    assert macs([known, other]) is None


def test_matrices_and_transposed_convolutions_are_counted_but_of_no_class() -> None:
    file = File()
    file.operator("BATCH_MATMUL", [file.tensor((2, 5, 7)), file.tensor((2, 7, 3))], [file.tensor((2, 5, 3))])
    assert (file.one().kind, file.one().macs) == ("unknown", 2 * 5 * 7 * 3)
    file = File()
    shape, filters = file.tensor((4,), "int32", np.ones(4)), file.tensor((6, 3, 3, 2), "int8", np.ones((6, 3, 3, 2)))
    file.operator("TRANSPOSE_CONV", [shape, filters, file.tensor((1, 4, 4, 2))], [file.tensor((1, 8, 8, 6))])
    assert (file.one().kind, file.one().macs) == ("unknown", 4 * 4 * 2 * 3 * 3 * 6)


def test_a_shape_that_is_left_open_makes_the_count_unknown() -> None:
    found = convolution((1, -1, 8, 8), np.ones((16, 3, 3, 8)), (1, -1, 8, 16)).one()
    assert (found.macs, found.outputs, found.kind) == (None, None, "conv")


@pytest.mark.parametrize(("technique", "dtype"), [("float32", "float32"), ("int8", "int8"), ("int16x8", "int16x8")])
def test_digits_is_a_first_convolution_a_convolution_and_two_dense_layers(technique: str, dtype: str, lab: Lab) -> None:
    found = inspected(lab, "digits", technique)
    multiplying = [operator for operator in found.work if operator.macs]
    assert [(operator.kind, operator.macs) for operator in multiplying] == [
        ("first conv", 9_216), ("conv", 294_912), ("fully connected", 20_480), ("fully connected", 400),
    ]  # fmt: skip
    assert {operator.dtype for operator in multiplying} == {dtype}
    assert [operator.operator for operator in found.work] == list(found.operators)
    assert found.macs == sum(operator.macs or 0 for operator in found.work)


def test_an_inspection_from_before_there_was_work_is_still_read(made: Made) -> None:
    old = cattrs.unstructure(made.inspection())
    del old["work"]
    assert cattrs.structure(old, Inspection).work == ()


def test_work_comes_back_from_json_as_it_went(lab: Lab) -> None:
    found = inspected(lab, "digits", "int8")
    assert cattrs.structure(cattrs.unstructure(found), Inspection) == found
