"""The flash of the runtime's code: what it is fitted to, how wrong it is, and sums done by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.estimator import runtime_code as estimator_runtime_code
from tinyml_core.boards.board import boards
from tinyml_core.boards.fit import fit
from tinyml_core.boards.runtime_code import (
    ALL_COUNTS,
    GROUPS,
    MEASURED_PLATFORMS,
    all_operators_code,
    operator_counts,
    runtime_code,
    table,
)
from tinyml_core.domain.outcome import Micro

CONVOLUTION = ("SHAPE", "STRIDED_SLICE", "PACK", "RESHAPE", "CONV_2D", "MAX_POOL_2D", "FULLY_CONNECTED", "SOFTMAX")
NANO, NUCLEO, EDGE = (boards()[name] for name in ("arduino_nano_33_ble_sense", "nucleo_f446re", "sparkfun_edge"))
operator_names = st.lists(
    st.sampled_from(sorted({name for members in GROUPS.values() for name in members} | {"SOFTMAX", "ADD", "NEW_ONE"}))
)


def test_the_table_is_what_the_fit_gives() -> None:
    found = estimator_runtime_code.fitted()
    for kind in ("bytes", "toolchain_factor", "error"):
        assert table()[kind] == pytest.approx(found[kind], rel=0.02)
    assert (table()["points"], table()["unknown_factor"]) == (34, pytest.approx(found["unknown_factor"], rel=0.02))


def test_the_fit_is_no_worse_than_recorded() -> None:
    error = estimator_runtime_code.fitted()["error"]
    assert error["mean in-sample"] <= 0.071
    assert error["mean left-out"] <= 0.116
    assert error["some operators"] <= 0.21


def test_every_point_names_its_source_and_has_code_left_after_model_and_platform() -> None:
    text = estimator_runtime_code.POINTS.read_text(encoding="utf-8")
    assert (
        text.count("github.com/") + text.count("tensorflow/tflite-micro") == len(estimator_runtime_code.points()) == 34
    )
    assert all(point.code_bytes > 9000 for point in estimator_runtime_code.points())


def test_a_program_is_left_out_together_with_its_int8_and_float32_sisters() -> None:
    found = estimator_runtime_code.points()
    dense = [point for point in found if "LOGISTIC" in point.operators]
    assert len({point.program() for point in dense}) == 1
    assert len({point.operators for point in dense}) == 2


def test_all_operators_are_the_74_that_were_published() -> None:
    assert sum(ALL_COUNTS.values()) == 74
    assert list(ALL_COUNTS) == list(operator_counts(()))


def test_every_measured_platform_has_a_factor_and_the_reference_is_one() -> None:
    assert set(table()["toolchain_factor"]) == set(MEASURED_PLATFORMS)
    assert table()["toolchain_factor"][estimator_runtime_code.REFERENCE] == 1


@given(some=operator_names, more=operator_names)
def test_more_operators_never_need_less_code(some: list[str], more: list[str]) -> None:
    for board in (NANO, NUCLEO, EDGE):
        small, large = runtime_code(some, board), runtime_code([*some, *more], board)
        assert small.size_bytes <= large.size_bytes
        assert small.low_bytes <= large.low_bytes
        assert small.high_bytes <= large.high_bytes
        assert small.low_bytes < small.size_bytes < small.high_bytes
        assert sum(size for _, size in small.parts) == small.size_bytes


def test_an_operator_is_linked_once_however_often_it_is_used() -> None:
    assert runtime_code(CONVOLUTION * 5, NANO) == runtime_code(CONVOLUTION, NANO)


def test_a_platform_without_published_sizes_has_a_wider_band_and_says_so() -> None:
    known, unknown = (runtime_code(CONVOLUTION, board) for board in (NUCLEO, replace(NUCLEO, platform="Mine")))
    assert unknown.high_bytes - unknown.low_bytes > known.high_bytes - known.low_bytes
    assert "no size is published for Mine" in unknown.basis
    assert "no size is published" not in known.basis


def test_nano_convolution_sketch_is_within_its_band() -> None:
    # published: 222,944 bytes; less model 52,432, platform 85,328 and test signal 4,000: 81,184, printing included
    code = runtime_code(CONVOLUTION, NANO)
    assert code.low_bytes < 81_184 < code.high_bytes
    # a resolver with all operators took 202,072 more than one with five: 379,544 - 177,472
    five = runtime_code(("RESHAPE", "FULLY_CONNECTED", "LOGISTIC", "MUL", "SOFTMAX"), NANO)
    assert all_operators_code(NANO).size_bytes - five.size_bytes == pytest.approx(202_072, rel=0.1)


def test_sums_on_the_nano_by_hand() -> None:
    found = fit(NANO, 52_432, Micro("runs", arena_bytes=49_252), CONVOLUTION)
    # factor 1.79: core 9951 -> 17,812; one convolution 8266 -> 14,796; one matrix product 7215 -> 12,915;
    # four of data movement 4 x 869 = 3476 -> 6,222; two of arithmetic 2 x 1200 = 2400 -> 4,296; together 56,041
    assert [part.size_bytes for part in found.flash_parts] == [52_432, 56_041, 85_328]
    assert found.flash_needed_bytes == 193_801
    # arena 49,252, runtime 13,476, platform 44,552; the published sketch has 105,656 bytes of globals
    assert found.ram_needed_bytes == 107_280
    assert found.verdict == "fits"
    assert [part.known for part in found.flash_parts] == ["counted", "estimated", "read"]


def test_sums_on_the_nucleo_by_hand() -> None:
    found = fit(NUCLEO, 16_712, Micro("runs", arena_bytes=13_444), (*CONVOLUTION, "QUANTIZE", "DEQUANTIZE"))
    # factor 1: 9951 + 8266 + 7215 + 6 x 869 (data movement) + 2 x 1200 (arithmetic) = 33,046
    assert [part.size_bytes for part in found.flash_parts] == [16_712, 33_046, 12_288]
    assert found.flash_needed_bytes == 62_046
    assert found.ram_needed_bytes == 13_444 + 7_920 + 8_192
    assert found.verdict == "fits"


def test_the_band_stands_in_the_source_of_the_part() -> None:
    source = fit(NANO, 52_432, Micro("runs", arena_bytes=49_252), CONVOLUTION).flash_parts[1].source
    assert source.startswith("between ") and "34 published program sizes" in source and "convolutions (1)" in source
