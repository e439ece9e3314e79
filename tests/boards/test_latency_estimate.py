"""Estimates of latency and energy: the sums, what is said with them, and where there is no number."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tinyml_core.boards.figure import Figure
from tinyml_core.boards.latency.coefficients import coefficients
from tinyml_core.boards.latency.estimate import Estimate, NoEstimate, estimate, runtimes_for
from tinyml_core.boards.latency.power import Energy, energy
from tinyml_core.boards.latency.runtimes import all_runtimes
from tinyml_core.boards.placing import estimated, short
from tinyml_core.domain.inspection import OperatorWork
from tinyml_core.domain.metrics import format_time

SOFTMAX = OperatorWork("SOFTMAX", "none", "int8", 0, 2, 0, 2, 2, 0, None, (1, 2), (1, 2))


def operator(kind: str, macs: int | None, outputs: int = 0, **more) -> OperatorWork:
    given = {
        "weight_bytes": 1000,
        "input_channels": 8,
        "output_channels": 8,
        "dead_channels": 0,
        "dtype": "int8",
    } | more
    return OperatorWork(
        operator="CONV_2D", kind=kind, macs=macs, outputs=outputs, kernel=None, input_shape=(), output_shape=(), **given
    )


def board(core: str = "Cortex-M4F", mhz: int = 100, **more) -> SimpleNamespace:
    known = {
        "kernel_core": core,
        "core": core,
        "mcu": "STM32L4R5ZI",
        "clock_mhz_default": mhz,
        "clock_mhz_max": mhz,
        "flash_external": False,
        "active_power_uw": Figure(40_700, "measured", "a log"),
        "active_power_mhz": 120,
        "power_scope": "the microcontroller",
    }
    return SimpleNamespace(**known | more)


PICO = board("Cortex-M0+ (RP2040)", 125, mcu="RP2040", flash_external=True)
NETWORK = (
    operator("first conv", 300_000, 40_000, input_channels=1),
    operator("depthwise", 200_000, 20_000),
    operator("conv 1x1", 2_000_000, 40_000),
    operator("fully connected", 10_000, 10),
    SOFTMAX,
)


def number(given: Estimate | NoEstimate) -> Estimate:
    assert isinstance(given, Estimate), given
    return given


def test_pico_by_hand():
    work = (operator("conv 1x1", 294_912, 36_864), operator("depthwise", 165_888, 18_432))
    found = number(estimate(PICO, work))
    # 8.69 x 294 912 + 84 x 36 864 + 2500, and 38.2 x 165 888 + 2500; published for the two: 5.94 and 7.53 million
    assert found.per_operator == pytest.approx((5_661_861.28, 6_339_421.6))
    assert found.estimate_ms == pytest.approx(12_001_282.88 / 125_000)


def test_esp32_s3_by_hand():
    work = (operator("conv 1x1", 409_600, 6_400), operator("fully connected", 813, 3), SOFTMAX)
    found = number(estimate(board("ESP32-S3", 240, mcu="ESP32-S3", flash_external=True), work))
    # 1.05 x 409 600 + 1500, 1.33 x 813 + 1500, 1500
    assert found.per_operator == pytest.approx((431_580, 2_581.29, 1_500))
    assert found.estimate_ms == pytest.approx(435_661.29 / 240_000)


@pytest.mark.parametrize("core", sorted({core for core, _ in coefficients()}))
def test_cycles_of_operators_add_up_and_the_band_encloses_the_estimate(core):
    for runtime in runtimes_for(board(core)):
        found = estimate(board(core), NETWORK, runtime.name)
        if isinstance(found, NoEstimate):
            continue
        assert sum(found.per_operator) == pytest.approx(found.cycles)
        assert len(found.per_operator) == len(NETWORK)
        assert 0 < found.low_ms < found.estimate_ms < found.high_ms
        assert found.basis and found.evidence and found.runtime == runtime.name


@pytest.mark.parametrize(
    ("kind", "macs", "outputs", "weight_bytes", "measured"),
    [
        ("first conv", 497_700, 55_296, 216, 6_300_000),
        ("conv", 418_200, 1_936, 3_456, 1_400_000),
        ("conv", 279_900, 1_944, 3_456, 956_100),
        ("fully connected", 1_152, 3, 1_152, 5_100),
    ],
)
def test_single_operators_that_were_never_fitted_lie_in_the_band(kind, macs, outputs, weight_bytes, measured):
    """Silicon Labs' profiler on an xG24, Cortex-M33 with CMSIS-NN; the fit has seen whole models only."""
    work = (operator(kind, macs, outputs, weight_bytes=weight_bytes),)
    found = number(estimate(board("Cortex-M33", 78), work))
    assert found.low_ms <= measured / 78_000 <= found.high_ms


def test_twice_the_clock_halves_the_time_and_leaves_the_energy():
    slow, fast = (board(mhz=mhz) for mhz in (64, 128))
    one, two = number(estimate(slow, NETWORK)), number(estimate(fast, NETWORK))
    assert two.estimate_ms == pytest.approx(one.estimate_ms / 2)
    assert energy(slow, one).estimate_uj == pytest.approx(energy(fast, two).estimate_uj)


def test_more_work_takes_longer():
    more = (*NETWORK, operator("conv", 10_000, 100))
    assert number(estimate(board(), more)).estimate_ms > number(estimate(board(), NETWORK)).estimate_ms


@pytest.mark.parametrize(
    ("given", "work", "word"),
    [
        (board("ARC EM9D"), NETWORK, "No published latency"),
        (board(""), NETWORK, "No published latency"),
        (board(), (), "no operators"),
        (board(), (SOFTMAX,), "multiplies"),
        (board(), (operator("conv", None),), "cannot be counted"),
        (board(), tuple(replace(one, dtype="float16") for one in NETWORK), "float16"),
        (board(), tuple(replace(one, dtype="int16x8") for one in NETWORK), "int16x8"),
        (board(), tuple(replace(one, dtype="hybrid") for one in NETWORK), "refuses"),
        (board(), tuple(replace(one, dtype="float32") for one in NETWORK), "float32"),
        (board(), (operator("unknown", 1000),), "Nothing is known"),
    ],
)
def test_no_number_where_nothing_is_known(given, work, word):
    found = estimate(given, work)
    assert isinstance(found, NoEstimate) and word in found.reason


def test_unknown_runtime_gives_no_number():
    assert isinstance(estimate(board(), NETWORK, "magic"), NoEstimate)
    assert isinstance(estimate(board(), NETWORK, "x_cube_ai_7_1"), NoEstimate)


def test_float32_has_a_number_where_it_was_published():
    work = tuple(replace(one, dtype="float32") for one in NETWORK)
    quick, slow = (number(estimate(board("Cortex-M33"), given)) for given in (NETWORK, work))
    assert slow.cycles > quick.cycles and slow.high_ms == pytest.approx(2 * slow.estimate_ms)


def test_operators_without_a_class_make_the_estimate_partly_unknown():
    work = (*NETWORK, replace(operator("unknown", 2_510_000), operator="BATCH_MATMUL"))
    found = number(estimate(board(), work))
    assert found.known_macs_share == pytest.approx(0.5)
    assert any("Partly unknown" in flag and "BATCH_MATMUL" in flag for flag in found.flags)
    assert number(estimate(board(), NETWORK)).known_macs_share == 1.0


def test_a_partly_unknown_time_is_told_as_the_least_it_can_be():
    whole = number(estimate(board(), NETWORK))
    found = number(estimate(board(), (*NETWORK, replace(operator("unknown", 2_000_000), operator="BATCH_MATMUL"))))
    assert found.at_least
    assert not whole.at_least
    assert short(found, "fits") == f"at least {format_time(found.low_ms)}"
    assert estimated(found, NoEstimate("")).startswith(f"At least {format_time(found.low_ms)} (estimated")
    assert isinstance(energy(board(), found), NoEstimate)


def test_a_sum_over_less_than_half_is_no_estimate():
    found = estimate(board(), (*NETWORK, replace(operator("unknown", 9_000_000), operator="BATCH_MATMUL")))
    assert isinstance(found, NoEstimate)
    assert found.reason.startswith("Only 22% of the multiplications have a published cost")
    assert "BATCH_MATMUL" in found.reason


def test_a_class_never_timed_is_unknown_not_zero():
    found = number(estimate(board(), NETWORK, "tflm_reference"))
    assert found.known_macs_share < 1
    assert any("fully connected" in flag for flag in found.flags)
    assert isinstance(estimate(board(), (operator("fully connected", 1000),), "tflm_reference"), NoEstimate)


def test_default_runtime_is_the_open_one():
    assert runtimes_for(board())[0].name == "tflm_cmsis_nn"
    assert not runtimes_for(board())[0].commercial
    assert number(estimate(board(), NETWORK)).runtime == "tflm_cmsis_nn"


def test_x_cube_ai_is_for_stm32_only():
    assert "x_cube_ai" in {runtime.name for runtime in runtimes_for(board())}
    assert "x_cube_ai" not in {runtime.name for runtime in runtimes_for(board(mcu="nRF52840"))}


def test_older_generations_are_not_offered():
    offered = {runtime.name for core, _ in coefficients() for runtime in runtimes_for(board(core))}
    assert offered == {name for name, runtime in all_runtimes().items() if runtime.offered}


def test_dead_channels_are_left_out_only_by_runtimes_that_do_so():
    dead = tuple(replace(one, dead_channels=4) if one.kind == "conv 1x1" else one for one in NETWORK)
    assert number(estimate(board(), dead)).cycles == number(estimate(board(), NETWORK)).cycles
    whole, part = (number(estimate(board(), work, "x_cube_ai")) for work in (NETWORK, dead))
    assert part.cycles < whole.cycles
    assert any("channels whose weights are all zero" in flag for flag in part.flags)


def test_large_weights_in_external_flash_make_a_lower_bound():
    large = tuple(replace(one, weight_bytes=40_000) for one in NETWORK)
    outside = board("Cortex-M33", 150, mcu="RP2350", flash_external=True)
    found = number(estimate(outside, large))
    assert any("lower bound" in flag for flag in found.flags)
    assert found.high_ms == pytest.approx(10 * found.estimate_ms)
    assert not any("lower bound" in flag for flag in number(estimate(outside, NETWORK)).flags)
    assert not any("lower bound" in flag for flag in number(estimate(PICO, large)).flags)  # measured from such flash


def test_known_effects_are_said():
    odd = (operator("conv 1x1", 1000, 10, output_channels=138),)
    assert any("4 does not divide" in flag for flag in number(estimate(board(), odd)).flags)
    assert not any("4 does not divide" in flag for flag in number(estimate(board(), odd, "x_cube_ai")).flags)
    assert any("two cores" in flag for flag in number(estimate(PICO, NETWORK)).flags)
    assert any("133 MHz" in flag for flag in number(estimate(replace_in(PICO, clock_mhz_max=133), NETWORK)).flags)
    assert number(estimate(board(), NETWORK)).flags == ()


def test_a_fast_cortex_m7_has_a_wider_band():
    usual, fast = (number(estimate(board("Cortex-M7", mhz), NETWORK)) for mhz in (216, 480))
    assert fast.high_ms / fast.estimate_ms == pytest.approx(2.0)
    assert usual.high_ms / usual.estimate_ms < 2.0
    assert any("Cortex-M7" in flag for flag in fast.flags)


def test_energy_by_hand():
    found = estimate(board(), NETWORK)
    spent = energy(board(), found)
    assert isinstance(spent, Energy)
    assert spent.estimate_uj == pytest.approx(found.cycles * 40_700 / 120e6)
    assert spent.low_uj < spent.estimate_uj < spent.high_uj
    assert spent.high_uj / spent.estimate_uj > found.high_ms / found.estimate_ms
    assert "40.7 mW at 120 MHz, measured" in spent.basis


def test_worse_known_power_gives_a_wider_band():
    def width(known: str, scope: str) -> float:
        given = board(active_power_uw=Figure(10_000, known, "x"), power_scope=scope)
        spent = energy(given, estimate(given, NETWORK))
        return spent.high_uj / spent.estimate_uj

    widths = [
        width("measured", "MCU"),
        width("read", "MCU"),
        width("recalled", "MCU"),
        width("read", "datasheet headline"),
    ]
    assert widths == sorted(widths) and len(set(widths)) == 4


def test_no_energy_without_a_power_figure():
    assert isinstance(energy(board(active_power_uw=None), estimate(board(), NETWORK)), NoEstimate)
    assert isinstance(energy(board(active_power_mhz=None), estimate(board(), NETWORK)), NoEstimate)


def replace_in(given: SimpleNamespace, **more) -> SimpleNamespace:
    return SimpleNamespace(**vars(given) | more)
