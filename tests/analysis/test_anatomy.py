"""A file laid open: its bytes add up, its operators have number types, and its memory is what TFLM measures."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml_core import catalog
from tinyml_core.analysis.anatomy import Anatomy, OperatorPart, anatomy
from tinyml_core.analysis.inputs_outputs import changes, original_of, real_range
from tinyml_core.analysis.memory import (
    ALIGNMENT,
    Buffer,
    aligned,
    arena_parts,
    live_bytes,
    memory,
    planned_offsets,
    top,
)
from tinyml_core.charts import bars
from tinyml_core.charts import memory as charts_memory
from tinyml_core.compress import lut
from tinyml_core.domain.inspection import Inspection, Tensor
from tinyml_core.domain.outcome import Failure
from tinyml_core.domain.technique import Job
from tinyml_core.engine.call import Expected
from tinyml_core.measure import tflite, tflm
from tinyml_core.measure.weight_tensors import real_layers
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.graph import inquire

if TYPE_CHECKING:
    from tests.conftest import Lab

ON_TFLM = pytest.mark.skipif(not tflm.available(), reason="TFLM has no package for this kind of machine")
FORMATS = ("float32", "float16", "dynamic", "int8_float_io", "int8", "int16x8", "lq_mixed", "lq_int8_conv4", "lq_w4")
WITHOUT_FETCHING = [
    name
    for name, model in catalog.models().items()
    if not model.datasets or not catalog.datasets()[model.default_dataset].fetched_files
]
each_format = pytest.mark.parametrize("technique", FORMATS)


def of(lab: Lab, technique: str, model: str = "digits") -> Anatomy:
    """A variant laid open."""
    return anatomy(lab.tflite(model, technique))


def packed_file(content: bytes) -> bytes:
    """The int8 file with its weights moved to 16 steps and stored in lookup tables, as clustering and packing leave it."""
    import flatbuffers

    model = tflite.parse(content)
    for tensor in tflite.weights(model):
        stored = np.asarray(model.buffers[tensor.buffer].data, np.uint8).view(np.int8).astype(int)
        model.buffers[tensor.buffer].data = (stored // 16 * 16).clip(-112, 112).astype(np.int8).view(np.uint8)
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return lut.pack(bytes(builder.Output()))


# ---- bytes -------------------------------------------------------------------------------------------------------


@each_format
def test_the_parts_of_a_file_are_the_file_byte_by_byte(technique: str, lab: Lab) -> None:
    content = lab.tflite("digits", technique)
    found = anatomy(content)
    assert found.size_bytes == len(content)
    assert sum(part.size_bytes for part in found.parts) == len(content)
    assert all(part.size_bytes > 0 for part in found.parts)


@each_format
def test_constants_are_what_the_flatbuffer_itself_says_that_its_buffers_hold(technique: str, lab: Lab) -> None:
    from ai_edge_litert import schema_py_generated as schema

    content = lab.tflite("digits", technique)
    root = schema.Model.GetRootAs(content, 0)
    held = sum(root.Buffers(index).DataLength() for index in range(root.BuffersLength()))
    kinds = ("weights", "other constants", "metadata")
    assert sum(part.size_bytes for part in anatomy(content).parts if part.kind in kinds) == held


@each_format
def test_weights_of_the_operators_are_those_that_the_weight_layers_count(technique: str, lab: Lab) -> None:
    found = of(lab, technique)
    inspection = lab.measured("digits", technique).inspection
    assert isinstance(inspection, Inspection)
    assert sum(part.stored_bytes for part in found.operators) >= sum(
        layer.stored_bytes for layer in inspection.weight_layers
    )


def test_a_constant_that_two_operators_read_is_stored_once() -> None:
    found = anatomy(shared_weights())
    assert [part.read_bytes for part in found.operators] == [64, 64]
    assert [part.stored_bytes for part in found.operators] == [64, 0]


def shared_weights() -> bytes:
    """Two additions of the same constant."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = graph_of([tensor("in"), tensor("constant", buffer=1), tensor("middle"), tensor("out")], [0], [3])
    model.subgraphs[0].operators = [operator([0, 1], [2]), operator([2, 1], [3])]
    full = schema.BufferT()
    full.data = np.zeros(64, dtype=np.uint8)
    model.buffers.append(full)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_the_chart_of_a_large_network_still_shows_every_byte(lab: Lab) -> None:
    found = of(lab, "int8", "mlperf_vww")
    frame = bars.file_parts(found)
    assert len(frame) < len(found.parts)
    assert frame["size_bytes"].sum() == found.size_bytes
    assert frame["share"].sum() == pytest.approx(1)


@pytest.mark.parametrize("model", ["digits", "mlperf_kws"])
def test_work_and_census_are_those_of_the_inspection(model: str, lab: Lab) -> None:
    found = of(lab, "int8", model)
    inspection = lab.measured(model, "int8").inspection
    assert isinstance(inspection, Inspection)
    assert sum(part.macs or 0 for part in found.operators) == inspection.macs
    assert tuple(part.operator for part in found.operators) == inspection.operators
    for dtype, count in inspection.census.items():
        assert sum(each.tensors for each in found.census if each.dtype == dtype) == count


# ---- number types ------------------------------------------------------------------------------------------------


def marked(found: Anatomy, mark: str) -> list[OperatorPart]:
    """The operators with a mark."""
    return [part for part in found.operators if part.mark == mark]


@each_format
def test_every_operator_has_a_number_type_and_shapes(technique: str, lab: Lab) -> None:
    for part in of(lab, technique).operators:
        assert part.number_type
        assert part.output_shapes


def test_full_integer_runs_in_int8_alone_and_float32_in_float32(lab: Lab) -> None:
    assert {part.number_type for part in of(lab, "int8").operators} == {"int8"}
    assert {part.number_type for part in of(lab, "float32").operators} == {"float32"}
    assert not any(part.mark for technique in ("int8", "float32") for part in of(lab, technique).operators)


def test_float_in_and_out_is_marked_where_the_number_type_changes(lab: Lab) -> None:
    first, *_, last = of(lab, "int8_float_io").operators
    assert (first.number_type, last.number_type) == ("float32 to int8", "int8 to float32")
    assert first.mark == last.mark == "changes the number type"


def test_a_layer_that_mixed_precision_leaves_in_floats_is_marked(lab: Lab) -> None:
    found = of(lab, "lq_mixed")
    (layer,) = [part for part in marked(found, "float in an integer file") if part.macs]
    assert layer.number_type == "float32"
    assert layer.layer in [each.layer for each in of(lab, "float32").operators]


def test_layers_keep_the_names_of_their_author(lab: Lab) -> None:
    for technique in ("float32", "int8", "lq_int8_conv4"):
        names = [part.layer for part in of(lab, technique).operators if part.macs]
        assert names == ["conv2d", "conv2d_1", "dense", "dense_1"]


# ---- scales ------------------------------------------------------------------------------------------------------


def test_each_channel_has_the_scale_that_its_weights_are_read_with(lab: Lab) -> None:
    content = lab.tflite("digits", "int8")
    by_name = {tensor.name: tensor for tensor in anatomy(content).quantized}
    for layer in real_layers(tflite.parse(content)):
        assert len(by_name[layer.tensor].scales) == layer.scales
        assert by_name[layer.tensor].role == "weights"
        assert by_name[layer.tensor].zero_points == (0,)


def test_inputs_and_outputs_stand_first_among_quantized_tensors(lab: Lab) -> None:
    assert [tensor.role for tensor in of(lab, "int8").quantized[:3]][:2] == ["input", "output"]
    assert of(lab, "float32").quantized == ()


def test_weights_in_blocks_have_a_scale_for_each_block(lab: Lab) -> None:
    blocks = [tensor for tensor in of(lab, "lq_w4b32", "mlperf_kws").quantized if tensor.granularity == "block"]
    assert blocks
    for tensor in blocks:
        assert np.prod(tensor.shape) == 32 * len(tensor.scales)


# ---- memory over time --------------------------------------------------------------------------------------------

ZOO = [
    pytest.param(
        model, technique, marks=() if model in ("digits", "sine", "mlperf_kws", "mlperf_vww") else pytest.mark.every
    )
    for model in WITHOUT_FETCHING
    for technique in ("float32", "int8", "int16x8")
]


@ON_TFLM
@pytest.mark.parametrize(("model", "technique"), ZOO)
def test_what_is_alive_explains_the_head_that_tflm_measured_to_the_byte(model: str, technique: str, lab: Lab) -> None:
    variant = lab.variant(model, technique)
    told, found = lab.measured(model, technique).micro, of(lab, technique, model).memory
    if told.status != "runs":
        pytest.skip("TFLM refuses it")
    assert variant.tflite is not None
    head = told.arena_head_bytes
    assert head is not None
    assert found.peak_bytes <= head  # no planner can do with less
    assert found.planned_bytes == head  # and the steps of TFLM's planner, worked out again, lead to its figure
    assert found.peak_bytes >= 0.7 * head  # gaps cost a third at most


@ON_TFLM
@pytest.mark.parametrize("technique", ["int8_float_io", "lq_mixed", "lq_int8_conv4"])
def test_number_types_that_change_on_the_way_are_explained_too(technique: str, lab: Lab) -> None:
    assert of(lab, technique).memory.planned_bytes == lab.measured("digits", technique).micro.arena_head_bytes


@ON_TFLM
def test_packed_weights_are_alive_where_they_are_unfolded(lab: Lab) -> None:
    content = packed_file(lab.tflite("digits", "int8"))
    found = anatomy(content)
    ready, words = tflm.load(content, 1 << 20)
    assert ready is not None, words
    assert found.memory.planned_bytes == tflm.allocation_record(ready)["head"]
    assert tflite.DECODE in found.memory.operators
    assert sum(part.size_bytes for part in found.parts) == len(content)
    assert "dense" in [tensor.layer for tensor in found.memory.live(found.memory.peak_place)]


def test_both_arrangements_show_the_same_tensors_and_their_own_height(lab: Lab) -> None:
    found = of(lab, "int8", "mlperf_vww").memory
    assert found.planned_bytes > found.peak_bytes  # the planner leaves gaps here
    stacked = charts_memory.memory(found, "x", 1.0, None, "stacked")
    placed = charts_memory.memory(found, "x", 1.0, None, "by address")
    assert stacked["high_bytes"].max() == found.peak_bytes
    assert placed["high_bytes"].max() == found.planned_bytes
    assert set(stacked.loc[stacked["at_peak"], "place"]) == {found.peak_place}
    assert list(stacked["size_bytes"]) == list(placed["size_bytes"])


@ON_TFLM
@pytest.mark.parametrize("technique", ["float32", "int8"])
def test_the_sum_of_the_arena_adds_up(technique: str, lab: Lab) -> None:
    measured = lab.measured("mlperf_vww", technique)
    parts = arena_parts(of(lab, technique, "mlperf_vww").memory, measured.micro, measured.inspection)
    sizes = [part.size_bytes for part in parts]
    names = [part.name.split()[0] for part in parts]
    assert names in (["Tensors", "Plus", "=", "Plus", "=", "="], ["Tensors", "Plus", "=", "Plus", "=", "Plus", "="])
    assert sizes[0] + sizes[1] == sizes[2]
    assert sizes[2] + sizes[3] == sizes[4]
    assert sizes[4] + sum(sizes[5:-1]) == sizes[-1] == measured.micro.arena_minimum_bytes


def test_of_a_file_that_was_not_executed_no_sum_is_told(lab: Lab, made: Any) -> None:
    assert arena_parts(of(lab, "int8").memory, made.refused(), made.inspection()) == ()


buffers = st.lists(
    st.builds(
        lambda size, born, length: Buffer(size * ALIGNMENT, born, born + length),
        st.integers(1, 9),
        st.integers(0, 8),
        st.integers(0, 4),
    ),
    max_size=12,
)


@given(buffers)
def test_the_planner_never_gives_one_byte_to_two_tensors_at_once(needed: Sequence[Buffer]) -> None:
    at = planned_offsets(needed)
    for index, one in enumerate(needed):
        for other in range(index):
            together = one.born <= needed[other].dies and needed[other].born <= one.dies
            apart = at[index] >= at[other] + needed[other].size_bytes or at[other] >= at[index] + one.size_bytes
            assert apart or not together


@given(buffers)
def test_no_plan_is_lower_than_what_is_alive(needed: Sequence[Buffer]) -> None:
    assert top(needed, planned_offsets(needed)) >= max((live_bytes(needed, place) for place in range(14)), default=0)


@given(st.integers(0, 10_000))
def test_sizes_are_rounded_up_to_the_next_sixteen(size: int) -> None:
    assert aligned(size) % ALIGNMENT == 0
    assert size <= aligned(size) < size + ALIGNMENT


# ---- graphs made by hand -----------------------------------------------------------------------------------------


def tensor(name: str, *, variable: bool = False, buffer: int = 0, resource: bool = False) -> Any:
    """A float32 tensor of 16 values: 64 bytes."""
    from ai_edge_litert import schema_py_generated as schema

    made = schema.TensorT()
    made.name, made.shape, made.buffer, made.isVariable = name.encode(), [1, 16], buffer, variable
    made.type = schema.TensorType.RESOURCE if resource else schema.TensorType.FLOAT32
    return made


def operator(inputs: list[int], outputs: list[int], code: int = 0, options: Any = None) -> Any:
    """An operator of the graph."""
    from ai_edge_litert import schema_py_generated as schema

    made = schema.OperatorT()
    made.inputs, made.outputs, made.opcodeIndex, made.builtinOptions = inputs, outputs, code, options
    return made


def graph_of(tensors: list[Any], inputs: list[int], outputs: list[int], *codes: str) -> Any:
    """A model of these tensors without operators; the first code is ADD."""
    from ai_edge_litert import schema_py_generated as schema

    model, graph = schema.ModelT(), schema.SubGraphT()
    graph.tensors, graph.inputs, graph.outputs, graph.operators = tensors, inputs, outputs, []
    model.subgraphs, model.buffers, model.operatorCodes, model.version = [graph], [schema.BufferT()], [], 3
    for name in ("ADD", *codes):
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, name)
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        model.operatorCodes.append(code)
    return model


def test_a_variable_persists_and_is_not_among_the_activations() -> None:
    model = graph_of([tensor("in"), tensor("state", variable=True), tensor("out")], [0], [2])
    model.subgraphs[0].operators = [operator([0, 1], [2])]
    found = memory(model)
    assert [each.name for each in found.tensors] == ["in", "out"]
    assert (found.peak_bytes, found.kept_bytes) == (128, 64)


def test_a_resource_variable_of_a_streaming_model_persists_once() -> None:
    from ai_edge_litert import schema_py_generated as schema

    options = schema.VarHandleOptionsT()
    options.container, options.sharedName = b"", b"ring"
    tensors = [tensor("in"), tensor("handle", resource=True), tensor("old"), tensor("out")]
    model = graph_of(tensors, [0], [3], "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE")
    model.subgraphs[0].operators = [
        operator([], [1], 1, options),
        operator([1], [2], 2),
        operator([0, 2], [3]),
        operator([1, 3], [], 3),
    ]
    found = memory(model)
    assert found.kept_bytes == 64
    assert found.peak_bytes == 192
    assert found.peak_place == 3


def test_a_graph_without_operators_has_no_peak() -> None:
    found = memory(graph_of([tensor("in")], [0], [0]))
    assert (found.peak_place, found.peak_bytes) == (0, 0)


def test_a_damaged_file_is_laid_open_or_refused_in_words(lab: Lab) -> None:
    whole, chance = lab.tflite("sine", "int8"), random.Random(6)
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            content[chance.randrange(8, len(content))] = chance.randrange(256)
        found = opened(bytes(content))
        if isinstance(found, Failure):
            assert found.lasting and found.reason.endswith(".")
        else:
            assert sum(part.size_bytes for part in found.parts) == len(content)


def opened(content: bytes) -> Anatomy | Failure:
    """A file laid open, or why it cannot be; anything else is raised."""
    try:
        return anatomy(content)
    except Expected as refused:
        return refused.failure


# ---- inputs and outputs ------------------------------------------------------------------------------------------


def end(name: str, dtype: str = "float32", shape: tuple[int, ...] = (1, 8)) -> Tensor:
    """An input or output, quantized if its type is."""
    return Tensor(name, shape, dtype, *((0.5, 0) if dtype.startswith("int") else (None, None)), "dense")


def test_nothing_changed_is_told_as_nothing() -> None:
    both = (end("a"), end("b"))
    assert [changes(place, both, both) for place in (0, 1)] == [(), ()]


def test_another_order_type_or_name_is_told() -> None:
    originals = (end("a"), end("b"))
    swapped = (end("b", "int8"), end("a"))
    assert changes(0, swapped, originals) == ("order (was 2.)", "type")
    assert changes(0, (end("c", shape=(8,)), end("b")), originals) == ("name", "shape")
    assert changes(2, (*originals, end("c")), originals) == ("new",)
    assert original_of(0, (end("c"), end("a")), originals) is None  # its place is taken by one that carries the name


def test_the_range_of_an_input_is_what_its_stored_numbers_mean(lab: Lab) -> None:
    inspection = lab.measured("digits", "int8").inspection
    assert isinstance(inspection, Inspection)
    found = real_range(inspection.inputs[0])
    assert found is not None
    assert found == pytest.approx((0, 1), abs=0.01)  # pixels
    assert real_range(end("a")) is None


# ---- asking ------------------------------------------------------------------------------------------------------


def test_the_desk_gives_what_the_file_says(lab: Lab) -> None:
    found = inquire(lab.desk, analyses.anatomy(Job("digits", "digits", "int8"))).found.result(300)
    assert isinstance(found, Anatomy)
    assert found == of(lab, "int8")


def test_of_a_variant_that_could_not_be_made_the_reason_is_passed_on(lab: Lab) -> None:
    variant = lab.variant("mlperf_kws", "qat_int8")
    found = inquire(lab.desk, analyses.anatomy(Job("mlperf_kws", "", "qat_int8"))).found.result(300)
    assert isinstance(found, Failure)
    assert found == variant.outcome.result(0)
