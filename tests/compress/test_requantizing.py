"""The LiteRT quantizer: what its files hold, what it refuses, and what TFLM says of them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tinyml_core import catalog
from tinyml_core.compare.assemble import counterpart, two_quantizers
from tinyml_core.compress import techniques
from tinyml_core.compress.quantizer import explain as explain_refusal
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.outcome import Failure, Measurement, Score
from tinyml_core.measure.inspect_file import inspect_file
from tinyml_core.measure.tflm_refusals import explain
from tinyml_core.measure.weight_tensors import unpacked
from tinyml_core.zoo import weights

if TYPE_CHECKING:
    from tests.conftest import Lab

FORMATS = [name for name, written in techniques.number_formats().items() if written.requantize is not None]
BLOCKS = [name for name in FORMATS if techniques.number_formats()[name].blocks]
ON_DIGITS = [name for name in FORMATS if name not in BLOCKS]

IN_A_CHILD = """
import json, sys
from tinyml_core import catalog
from tinyml_core.zoo import weights as kept_file
from tinyml_core.compress import converter, techniques
from tinyml_core.engine.fingerprint import sha256
from tinyml_core.domain.technique import Settings
model = catalog.models()["digits"]
arrays = catalog.datasets()["digits"].load(None)
blob = kept_file.kept_float32(model)
found = {}
for name in sys.argv[1:]:
    requantize = techniques.number_formats()[name].requantize
    found[name] = sha256(requantize(blob.read(), converter.calibration(arrays, 100), Settings()))
heavy = sorted(name for name in sys.modules if name in ("tensorflow", "tf_keras", "keras"))
print(json.dumps([found, heavy]))
"""


def read(lab: Lab, model: str, name: str) -> Inspection:
    """What a variant's file holds."""
    inspection = lab.measured(model, name).inspection
    assert isinstance(inspection, Inspection)
    return inspection


@pytest.fixture(scope="module")
def in_a_child() -> tuple[dict[str, str], list[str]]:
    """Content addresses of all formats on digits as a fresh process makes them, and what heavy modules it loaded."""
    done = subprocess.run([sys.executable, "-c", IN_A_CHILD, *ON_DIGITS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found, heavy = json.loads(done.stdout.strip().splitlines()[-1])
    return found, heavy


# ---- What it needs, and that it repeats itself


def test_no_tensorflow_is_loaded(in_a_child: tuple[dict[str, str], list[str]]) -> None:
    assert in_a_child[1] == []


@pytest.mark.parametrize("name", ON_DIGITS)
def test_the_same_input_gives_the_same_bytes_in_another_process(
    name: str, in_a_child: tuple[dict[str, str], list[str]], lab: Lab
) -> None:
    assert lab.measured("digits", name).file_sha256 == in_a_child[0][name]


# ---- What the files hold


def test_int8_has_integer_ends_and_nothing_else_than_the_converters_int8(lab: Lab) -> None:
    ours, theirs = read(lab, "digits", "lq_int8"), read(lab, "digits", "int8")
    assert [tensor.dtype for tensor in (*ours.inputs, *ours.outputs)] == ["int8", "int8"]
    assert ours.operators == theirs.operators
    assert ours.weights_census == theirs.weights_census


def test_with_the_same_ranges_both_quantizers_write_the_same_weights(lab: Lab) -> None:
    ours, theirs = read(lab, "digits", "lq_int8"), read(lab, "digits", "int8")

    def facts(inspection: Inspection) -> list[tuple[object, ...]]:
        return sorted((layer.shape, layer.zeros, layer.distinct) for layer in inspection.weight_layers)

    assert facts(ours) == facts(theirs)
    assert ours.inputs[0].scale == pytest.approx(theirs.inputs[0].scale)
    assert ours.outputs[0].scale == pytest.approx(theirs.outputs[0].scale, rel=1e-5)


def test_averaged_ranges_are_narrower_than_extreme_ones(lab: Lab) -> None:
    averaged, extreme = (read(lab, "sine", name).outputs[0].scale for name in ("lq_int8_average", "lq_int8"))
    assert averaged is not None and extreme is not None
    assert averaged < 0.5 * extreme


def test_four_bit_weights_take_half_the_room_of_eight_bit_ones(lab: Lab) -> None:
    eight, four = read(lab, "digits", "lq_w8"), read(lab, "digits", "lq_w4")
    assert four.weights_census == {"int4": 4}
    assert sum(layer.stored_bytes for layer in four.weight_layers) * 2 == sum(
        layer.stored_bytes for layer in eight.weight_layers
    )
    assert all(layer.distinct <= 15 for layer in four.weight_layers)  # -7 to 7
    assert four.sizes.flash_bytes < 0.65 * eight.sizes.flash_bytes


def test_two_bit_weights_have_three_values(lab: Lab) -> None:
    layers = read(lab, "sine", "lq_w2").weight_layers
    assert {layer.dtype for layer in layers} == {"int2"}
    assert all(layer.distinct <= 3 and 4 * layer.stored_bytes >= layer.elements for layer in layers)


def test_packed_numbers_come_out_as_they_went_in() -> None:
    for bits in (4, 2):
        most = 2 ** (bits - 1)
        numbers = np.arange(-most, most, dtype=np.int8)
        fields = (numbers.astype(np.int64) & (2**bits - 1)).reshape(-1, 8 // bits)
        raw = np.sum(fields << (bits * np.arange(8 // bits)), axis=1).astype(np.uint8)
        assert unpacked(raw, bits).tolist() == numbers.tolist()


# ---- What it refuses


@pytest.mark.parametrize("name", BLOCKS)
def test_a_shape_that_blocks_do_not_divide_is_refused_by_name_and_size(name: str, lab: Lab) -> None:
    outcome = lab.outcome("digits", name)
    assert isinstance(outcome, Failure)
    assert "Blocks of 32" in outcome.reason and "dense_1" in outcome.reason and "10 x 40" in outcome.reason
    assert outcome.lasting and outcome.advice and "not divisible" in outcome.detail


def test_blocks_quantize_fully_connected_layers_only(lab: Lab) -> None:
    inspection = read(lab, "mlperf_kws", "lq_w4b32")
    assert inspection.weights_census["int4"] == 1
    assert inspection.weights_census["float32"] == 9
    assert "float16" not in inspection.weights_census, "scales of blocks are no weights"


def test_a_refusal_nobody_foresaw_keeps_its_own_words() -> None:
    failure = explain_refusal("KeyError: 'x'")
    assert "KeyError" in failure.reason and failure.advice and failure.lasting


# ---- What TFLM says


def test_int8_runs_on_tflm_and_agrees_with_litert(lab: Lab) -> None:
    micro = lab.measured("digits", "lq_int8").micro
    assert micro.status == "runs"
    assert micro.agreement is not None and micro.agreement.equal_answers == micro.agreement.samples


def test_four_bit_convolutions_run_on_tflm_and_agree_with_litert(lab: Lab) -> None:
    measured, plain = lab.measured("digits", "lq_int8_conv4"), lab.measured("digits", "lq_int8")
    agreement = measured.micro.agreement
    assert agreement is not None and agreement.equal_answers == agreement.samples and agreement.largest_difference <= 2
    assert read(lab, "digits", "lq_int8_conv4").weights_census == {"int4": 2, "int8": 2}
    assert read(lab, "digits", "lq_int8_conv4").sizes.flash_bytes < read(lab, "digits", "lq_int8").sizes.flash_bytes
    ours, theirs = measured.micro.arena_minimum_bytes, plain.micro.arena_minimum_bytes
    assert ours is not None and theirs is not None and ours > theirs, "TFLM unpacks the weights into the arena"


def test_tflm_computes_wrong_answers_from_weights_with_a_scale_a_channel_and_the_row_says_so(lab: Lab) -> None:
    comparison = lab.comparison("digits", "float32", "lq_w8", "lq_w8_tensor")
    row = comparison.row("lq_w8")
    assert row is not None and row.measured is not None and row.measured.micro.agreement is not None
    assert row.measured.micro.agreement.equal_answers < row.measured.micro.agreement.samples
    assert "weights_dequantized" in [warned.code for warned in row.warnings]
    assert not row.picked
    other = comparison.row("lq_w8_tensor")
    assert other is not None and "weights_dequantized" not in [warned.code for warned in other.warnings]


@pytest.mark.parametrize(
    ("name", "words"),
    [("lq_w4", "4 bits"), ("lq_dynamic", "hybrid"), ("lq_w2", "int2"), ("float16", "16-bit floats")],
)
def test_a_refusal_is_explained_by_what_the_file_holds(name: str, words: str, lab: Lab) -> None:
    micro = lab.measured("digits", name).micro
    assert micro.status == "refused"
    assert words in micro.cause and micro.fix


def test_the_same_words_of_tflm_mean_another_thing_for_other_weights() -> None:
    words = "Node DEQUANTIZE (number 0) failed to prepare with status 1"
    assert "4 bits" in explain(words, {"int4"}).cause
    assert "16-bit floats" in explain(words, {"float16"}).cause


@pytest.mark.slow
def test_many_weights_lie_inside_the_flatbuffer_where_tflm_finds_them(lab: Lab) -> None:
    """From 256 KB on the quantizer itself writes them behind it, and TFLM computes with whatever lies in its arena."""
    measured = lab.measured("mlperf_ad", "lq_int8")
    assert isinstance(measured.inspection, Inspection)
    assert measured.inspection.weights_census == {"int8": 10}
    assert not measured.inspection.external_weights
    assert measured.micro.agreement is not None and measured.micro.agreement.largest_difference <= 2


def test_weights_behind_the_flatbuffer_are_seen() -> None:
    from litert_quantizer import model_modifier
    from litert_quantizer.utils import tfl_flatbuffer_utils

    blob = weights.kept_float32(catalog.models()["digits"])
    assert blob is not None
    model = tfl_flatbuffer_utils.read_model(blob.read())
    modifier = model_modifier.ModelModifier(model)
    content = bytes(modifier._serialize_model(model, model_modifier._PackedBufferData(model)))
    outside, inside = inspect_file(content), inspect_file(blob.read())
    assert outside.external_weights and not inside.external_weights
    assert outside.weight_layers and sorted(layer.distinct for layer in outside.weight_layers) == sorted(
        layer.distinct for layer in inside.weight_layers
    )


# ---- Two quantizers side by side


@pytest.mark.slow
def test_two_quantizers_are_compared_in_size_score_answers_and_arena(lab: Lab) -> None:
    comparison = lab.comparison("digits", "int8", "lq_int8")
    ours, theirs = comparison.row("lq_int8"), comparison.row("int8")
    assert ours is not None and theirs is not None
    sentence = two_quantizers(ours, theirs, None)
    assert sentence in ours.notes
    assert sentence.startswith("Against Full integer (int8): flash ")
    assert "every answer the same" in sentence and "arena equal" in sentence


def test_a_variant_is_compared_with_techniques_that_exist() -> None:
    pairs = {ours: counterpart(technique) for ours, technique in techniques.techniques().items()}
    assert {theirs for theirs in pairs.values() if theirs} == {"dynamic", "int8", "int16x8"}
    assert counterpart(techniques.technique("qat_lq_int8")) == ""


# ---- How good they are


@pytest.mark.parametrize("name", ["lq_int8", "lq_int16x8", "lq_w8", "lq_w8_tensor", "lq_int8_conv4", "lq_mixed"])
def test_digits_keeps_its_answers(name: str, lab: Lab) -> None:
    measured, float32 = lab.measured("digits", name), lab.measured("digits", "float32")
    assert isinstance(measured, Measurement) and isinstance(measured.score, Score) and isinstance(float32.score, Score)
    assert measured.score.value > float32.score.low
