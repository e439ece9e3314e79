"""A packed file counts only if TFLM gives the same answers with it, and it is counted as what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tinyml_core.compress import lut
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.outcome import Failure, Measurement, Score
from tinyml_core.engine.call import Expected
from tinyml_core.measure import tflite, tflm
from tinyml_core.measure.inspect_file import inspect_file
from tinyml_core.measure.packed import prove_equal
from tinyml_core.measure.weight_tensors import look_up

if TYPE_CHECKING:
    from tests.conftest import Lab

pytestmark = pytest.mark.skipif(not tflm.available(), reason="TFLM has no package for this kind of machine")
FORMATS = pytest.mark.parametrize("number_format", ["int8", "float32"])


def both(lab: Lab, number_format: str) -> tuple[Measurement, Measurement]:
    """A clustered variant as it is and packed."""
    name = f"cluster16_{number_format}"
    return lab.measured("digits", name), lab.measured("digits", f"{name}_lut")


def inspected(measured: Measurement) -> Inspection:
    """The inspection of a variant that must be readable."""
    assert isinstance(measured.inspection, Inspection), measured.inspection
    return measured.inspection


@pytest.mark.slow
@FORMATS
def test_packing_shrinks_flash_and_takes_more_working_memory(number_format: str, lab: Lab) -> None:
    plain, packed = both(lab, number_format)
    assert inspected(packed).sizes.flash_bytes < 0.75 * inspected(plain).sizes.flash_bytes
    assert plain.micro.arena_minimum_bytes is not None
    assert packed.micro.arena_minimum_bytes is not None
    assert packed.micro.arena_minimum_bytes > plain.micro.arena_minimum_bytes


@pytest.mark.slow
def test_packed_float_answers_on_tflm_are_those_of_the_unpacked_file_on_litert(lab: Lab) -> None:
    plain, packed = both(lab, "float32")
    assert isinstance(plain.score, Score)
    assert isinstance(packed.score, Score)
    assert packed.score.answers == plain.score.answers


@pytest.mark.slow
@FORMATS
def test_packed_weights_are_unfolded_for_counting(number_format: str, lab: Lab) -> None:
    plain, packed = both(lab, number_format)
    whole = sorted((w.shape, w.zeros, w.distinct, w.distinct_per_channel) for w in inspected(plain).weight_layers)
    assert whole == sorted(
        (w.shape, w.zeros, w.distinct, w.distinct_per_channel) for w in inspected(packed).weight_layers
    )


@pytest.mark.slow
def test_what_nobody_counted_of_a_packed_file_stays_unknown(lab: Lab) -> None:
    _, packed = both(lab, "int8")
    assert inspected(packed).macs is None  # so the estimate of its time gives no number
    assert packed.micro.arena_32bit_bytes is None


@pytest.mark.slow
@pytest.mark.parametrize("axis", ["one table where there should be one a channel", "another axis"])
def test_a_table_of_the_wrong_kind_corrupts_and_the_proof_finds_it(axis: str, lab: Lab) -> None:
    """Per-tensor tables on weights quantized by channel, or tables along the last axis: TFLM runs both without a word."""
    content, arrays = lab.tflite("digits", "cluster16_int8"), lab.arrays("digits")
    right = lut.tables_of(content)
    assert right
    assert all(table.channel_axis == 0 for table in right)
    shapes = [tflite.shape_of(tensor) for tensor in tflite.parse(content).subgraphs[0].tensors]
    wrong = None if axis.startswith("one") else 1
    bad = tuple(
        replace(table, index_bits=7, channel_axis=None if wrong is None else len(shapes[table.tensor]) - 1)
        for table in right
    )
    prove_equal(lut.with_tables(content, right), content, arrays)
    with pytest.raises(Expected) as caught:
        prove_equal(lut.with_tables(content, bad), content, arrays)
    assert f"of {len(arrays.test)} held-out samples" in caught.value.failure.reason


def test_weights_with_too_many_values_are_refused_in_words(lab: Lab) -> None:
    with pytest.raises(Expected) as caught:
        lut.pack(lab.tflite("digits", "int8"))
    assert "distinct values" in caught.value.failure.reason
    assert "cluster" in caught.value.failure.advice
    outcome = lab.outcome("digits", "int8_lut")
    assert isinstance(outcome, Failure)
    assert "few distinct weights" in outcome.reason


@pytest.mark.slow
@pytest.mark.every
def test_clustered_floats_behind_a_folded_normalization_are_refused_with_advice_that_helps(lab: Lab) -> None:
    told = lab.outcome("textures", "cluster16_float32_lut")
    assert isinstance(told, Failure)
    assert "16 distinct values, but a layer of floats has one table" in told.reason
    assert "cluster16_int8_lut" in told.advice


def test_bytes_that_are_no_model_are_refused() -> None:
    with pytest.raises(Expected):
        lut.pack(b"TFL3" * 10)


def test_indices_are_read_bit_by_bit_from_the_table_of_their_channel() -> None:
    """Two channels of three weights, 2 bits each: indices 2 0 1 and 1 1 0, so 10000101 0100...."""
    header = np.zeros(16, np.uint8)
    header[5], header[6] = (0 << 4) | 2, 3
    tables = np.array([[5, 6, 7], [-1, -2, -3]], np.int8)
    packed = np.array([0b10000101, 0b01000000], np.uint8)
    found = look_up(packed, np.concatenate([header, tables.view(np.uint8).ravel()]), (2, 3), np.dtype(np.int8))
    assert found.tolist() == [[7, 5, 6], [-2, -2, -1]]


@pytest.mark.slow
def test_a_packed_file_names_its_decode_operator(lab: Lab) -> None:
    content = lab.tflite("digits", "cluster16_int8_lut")
    assert "TFLM_DECODE" in inspect_file(content).operators
