"""The weights of a file as real numbers, counted against float32's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tinyml_core.analysis.weights import BINS, FEW, LEVELS, Weights, count, match, panel, unique_names, weight_values
from tinyml_core.charts.weights import WEIGHT_COLUMNS, weight_frame
from tinyml_core.compress import lut
from tinyml_core.domain.technique import Job
from tinyml_core.measure import tflite, tflm
from tinyml_core.measure.tflite import layer_name
from tinyml_core.measure.weight_tensors import RealLayer, real_layers
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.graph import inquire

if TYPE_CHECKING:
    from tests.conftest import Lab

FINITE = st.floats(-4, 4, width=32).filter(lambda value: value == 0 or abs(value) > 1e-6)

# LiteRT's own reading of every constant: stored numbers, scales, zero points and quantized dimension, by tensor name.
BY_LITERT = """
import json, sys
from ai_edge_litert.interpreter import Interpreter
ready = Interpreter(model_path=sys.argv[1])
ready.allocate_tensors()
found = {}
for each in ready.get_tensor_details():
    if len(each["shape"]) < 2:
        continue
    try:
        values = ready.get_tensor(each["index"])
    except ValueError:
        continue  # what is computed later
    given = each["quantization_parameters"]
    found[each["name"]] = {
        "values": values.astype(float).tolist(), "scales": given["scales"].tolist(),
        "zero_points": given["zero_points"].tolist(), "axis": given["quantized_dimension"],
    }
print(json.dumps(found))
"""


# ---- reading -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("technique", ["float32", "float16", "int8", "dynamic", "qat_int8"])
def test_real_weights_are_those_that_litert_reads(technique: str, lab: Lab, tmp_path: Any) -> None:
    import subprocess
    import sys

    content = lab.tflite("digits", technique)
    file = tmp_path / "model.tflite"
    file.write_bytes(content)
    done = subprocess.run([sys.executable, "-c", BY_LITERT, str(file)], capture_output=True, text=True, check=True)
    read = json.loads(done.stdout.strip().splitlines()[-1])
    layers = real_layers(tflite.parse(content))
    assert len(layers) == 4
    for layer in layers:
        other = read[layer.tensor]
        values, scales = np.array(other["values"]), np.array(other["scales"])
        axis = other["axis"] if len(scales) > 1 else 0
        values = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)
        if len(scales):
            values = (values - np.array(other["zero_points"])[:, None]) * scales[:, None]
        assert layer.values is not None
        np.testing.assert_allclose(layer.values, values, rtol=1e-6, atol=0)


def test_layers_stand_in_order_of_execution_with_the_names_their_author_gave(lab: Lab) -> None:
    reference = lab.tflite("digits", "float32")
    for technique in ("float16", "int8", "qat_int8"):
        found = weight_values(lab.tflite("digits", technique), reference)
        assert [layer.name for layer in found.layers] == ["conv2d", "conv2d_1", "dense", "dense_1"]
        assert all(layer.matched for layer in found.layers)
        assert found.only_reference == ()
        assert found.unread == ()
        assert not found.in_tables


# ---- what each technique does to them ----------------------------------------------------------------------------


def of(lab: Lab, technique: str) -> Weights:
    """A variant of digits against float32."""
    return weight_values(lab.tflite("digits", technique), lab.tflite("digits", "float32"))


def test_int8_leaves_255_values_a_channel_at_most_and_moves_none_by_more_than_half_a_step(lab: Lab) -> None:
    float32, int8 = (real_layers(tflite.parse(lab.tflite("digits", name))) for name in ("float32", "int8"))
    for before, after in zip(float32, int8, strict=True):
        assert before.values is not None
        assert after.values is not None
        assert after.scales == len(after.values)
        for old, new in zip(before.values, after.values, strict=True):
            assert len(np.unique(new)) <= 255
            step = np.abs(old).max() / 127
            assert np.abs(old - new).max() <= step / 2 * 1.001


def test_one_channel_of_int8_shows_its_single_values_where_the_whole_layer_has_too_many(lab: Lab) -> None:
    layer = next(layer for layer in of(lab, "int8").layers if layer.name == "dense")
    assert layer.whole.variant.values == ()
    assert len(layer.whole.variant.counts) == BINS
    assert layer.channel is not None
    assert 0 < len(layer.channel.variant.values) <= LEVELS
    assert layer.channel.variant.distinct == layer.distinct_per_channel


def test_float16_keeps_every_weight_and_halves_what_is_stored(lab: Lab) -> None:
    for half, full in zip(of(lab, "float16").layers, of(lab, "float32").layers, strict=True):
        assert half.dtype == "float16"
        assert half.scales == 0
        assert 2 * half.stored_bytes == full.stored_bytes
        assert half.whole.variant.elements == full.whole.variant.elements


def clustered(content: bytes) -> bytes:
    """The file with each int8 weight moved to one of 16 steps, as clustering leaves them."""
    import flatbuffers

    model = tflite.parse(content)
    for tensor in tflite.weights(model):
        stored = np.asarray(model.buffers[tensor.buffer].data, np.uint8).view(np.int8).astype(int)
        model.buffers[tensor.buffer].data = (stored // 16 * 16).clip(-112, 112).astype(np.int8).view(np.uint8)
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_weights_in_lookup_tables_are_those_of_the_unpacked_file(lab: Lab) -> None:
    if not tflm.available():
        pytest.skip("TFLM has no package for this kind of machine")
    reference, plain = lab.tflite("digits", "float32"), clustered(lab.tflite("digits", "int8"))
    packed = lut.pack(plain)
    before, after = weight_values(plain, reference), weight_values(packed, reference)
    assert (before.in_tables, after.in_tables) == (False, True)
    assert after.unread == ()
    assert [layer.name for layer in after.layers] == [layer.name for layer in before.layers]
    for whole, folded in zip(before.layers, after.layers, strict=True):
        assert folded.whole == whole.whole
        assert folded.distinct_per_channel <= 16
    assert sum(layer.stored_bytes for layer in after.layers) < sum(layer.stored_bytes for layer in before.layers)


def test_float32_against_itself_is_the_same_on_both_sides(lab: Lab) -> None:
    for layer in of(lab, "float32").layers:
        assert layer.whole.variant == layer.whole.reference


def test_a_file_of_another_architecture_has_no_before(lab: Lab) -> None:
    found = weight_values(lab.tflite("sine", "float32"), lab.tflite("digits", "float32"))
    assert found.layers
    assert not any(layer.matched for layer in found.layers)
    assert all(layer.whole.reference is None for layer in found.layers)
    assert len(found.only_reference) == 4


# ---- counting ----------------------------------------------------------------------------------------------------


def test_centroids_are_told_one_by_one() -> None:
    centroids = np.linspace(-0.5, 0.6, 16)
    clustered = np.random.default_rng(0).choice(centroids, 5000)
    found = panel(clustered, clustered + 0.001 * np.arange(5000) / 5000, levels=False)
    np.testing.assert_allclose(found.variant.values, centroids, rtol=1e-6)
    assert sum(found.variant.counts) == 5000
    assert found.reference is not None
    assert found.reference.values == ()


def test_zeros_of_a_pruned_layer_are_counted_apart() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    values[:750] = 0
    found = panel(values, None, levels=False).variant
    assert (found.elements, found.zeros, found.distinct) == (1000, 750, 251)
    assert sum(found.counts) == 250


@given(arrays.arrays(np.float32, st.integers(1, 200), elements=FINITE), st.integers(1, 100))
def test_no_weight_is_lost_or_counted_twice(values: np.ndarray, few: int) -> None:
    low, high = float(values.min()) - 1, float(values.max()) + 1
    found = count(values, low, high, few)
    assert found.zeros + sum(found.counts) == found.elements == values.size
    assert found.distinct == len(np.unique(values))
    assert bool(found.values) == (0 < found.distinct - bool(found.zeros) <= few)


def test_weights_that_are_all_alike_still_have_a_range() -> None:
    for value in (0.0, 0.25):
        found = panel(np.full(20, value), None, levels=False)
        assert found.low < value < found.high


def test_the_frame_holds_every_weight_of_both_sides() -> None:
    random = np.random.default_rng(0)
    before, after = random.normal(size=600), random.choice([0.0, 0.5, -0.5], 600)
    frame = weight_frame(panel(after, before, levels=False), "Pruned", "float32")
    assert tuple(frame.columns) == WEIGHT_COLUMNS
    assert frame.groupby("side")["count"].sum().to_dict() == {"after": 600, "before": 600}
    assert set(frame.loc[frame["side"].eq("after"), "kind"]) == {"zeros", "value"}
    assert set(frame.loc[frame["side"].eq("before"), "kind"]) == {"zeros", "bin"}
    assert FEW < 600


# ---- which layer comes from which --------------------------------------------------------------------------------


def layer(tensor: str, *shape: int, operator: str = "CONV_2D") -> RealLayer:
    """A layer of which only name and shape matter."""
    return RealLayer(tensor, operator, shape, "int8", 10, 1, np.zeros((1, 1)))


def test_names_lose_what_wrappers_put_before_them() -> None:
    assert layer_name("model/prune_low_magnitude_conv/Conv2D") == "conv"
    assert layer_name("model/quant_cluster_dense/MatMul;model/quant_cluster_dense/x") == "dense"
    assert layer_name("tfl.pseudo_qconst7") == ""


def test_layers_of_equal_shape_match_by_name_first_and_then_in_order() -> None:
    references = [layer("m/a/Conv2D", 4, 4), layer("m/b/Conv2D", 4, 4), layer("m/c/Conv2D", 8, 4)]
    assert match([layer("m/quant_b/Conv2D", 4, 4), layer("m/quant_a/Conv2D", 4, 4)], references) == [1, 0]
    assert match([layer("tfl.const1", 4, 4), layer("tfl.const2", 4, 4)], references) == [0, 1]
    assert match([layer("m/c/Conv2D", 9, 9)], references) == [None]
    assert match([layer("x/x/x", 4, 4)] * 3, references) == [0, 1, None]


def test_layers_without_a_name_get_one_each() -> None:
    names = unique_names([layer("tfl.const1", 4, 4), layer("tfl.const2", 4, 4), layer("m/a/Conv2D", 1, 1)])
    assert names == ["conv 2d 1", "conv 2d 2", "a"]


# ---- asking ------------------------------------------------------------------------------------------------------


def test_a_worker_gives_the_same_as_counting_here(lab: Lab) -> None:
    variant, reference = lab.variant("digits", "int8"), lab.variant("digits", "float32")
    assert variant.tflite is not None
    assert reference.tflite is not None
    found = inquire(lab.desk, analyses.weights(Job("digits", "digits", "int8"))).found.result(300)
    assert found == weight_values(variant.tflite.read(), reference.tflite.read())
