"""The best variant within a person's limits, why it is, and what the next better one fails on."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tinyml_core.boards.board import boards
from tinyml_core.boards.fit import Fit, Verdict
from tinyml_core.boards.latency.estimate import Estimate, NoEstimate
from tinyml_core.boards.latency.power import Energy
from tinyml_core.compare.advice import Judged, advise, judge
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import MOST, Limits, Question
from tinyml_core.compress import techniques
from tinyml_core.domain.inspection import Inspection, Sizes
from tinyml_core.domain.outcome import Agreement, Measurement, Micro, Score

KB = 1024
BOARD = "sparkfun_edge"


def variant(
    technique: str,
    flash_kb: int,
    ram_kb: int | None = 30,
    lost_points: float = 0.0,
    p_value: float = 1.0,
    ms: tuple[float, float, float] | None = (80, 100, 150),
    uj: tuple[float, float, float] | None = (400, 500, 900),
    verdict: Verdict = "fits",
) -> Row:
    """A measured variant whose program takes 100 KB of flash more than its model."""
    inspection = Inspection(
        Sizes(flash_kb * KB, flash_kb * KB, 6 * flash_kb * KB, flash_kb * KB), {}, {}, 1000, ("CONV_2D",), 0.0, (), (), None, None
    )  # fmt: skip
    score = Score("accuracy", 0.97 - lost_points / 100, 0.9, 0.99, 400, 0.1, (), ())
    change = None if technique == "float32" else Agreement(0.99, 4, 1, 5, -lost_points / 100, p_value)
    fit = Fit(
        BOARD, verdict, (), (), (flash_kb + 100) * KB, 960 * KB, None if ram_kb is None else ram_kb * KB, 384 * KB,
        (f"Why it is {verdict}.",), (flash_kb + 110) * KB,
    )  # fmt: skip
    latency = NoEstimate("Nobody has timed it.") if ms is None else estimate(ms)
    energy = NoEstimate("No power is known.") if uj is None else Energy(*uj, "measured")
    return Row(
        techniques.techniques()[technique],
        Measurement("0" * 64, inspection, score, Micro("runs", arena_bytes=20 * KB)),
        agreement=change,
        fits=(fit,),
        latencies=(latency,),
        energies=(energy,),
    )


def estimate(ms: tuple[float, float, float], known: float = 1.0) -> Estimate:
    """An estimate with this band."""
    return Estimate("tflm_cmsis_nn", *ms, 1e6, known, "published rows", "fitted", (), (1e6,))


def among(*rows: Row) -> Comparison:
    """A comparison of these rows on one board."""
    question = Question("digits", "digits", tuple(row.technique.name for row in rows), (BOARD,))
    return Comparison(question, rows, (boards()[BOARD],))


def judged(row: Row, **limits: float) -> Judged:
    """The row against these limits."""
    found = judge(row, Limits(BOARD, **limits), 0)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_without_limits_the_smallest_that_loses_nothing_is_best() -> None:
    found = advise(
        among(variant("float32", 100), variant("int8", 30), variant("dynamic", 28, lost_points=4, p_value=0.001)),
        Limits(BOARD),
    )
    assert found is not None
    assert found.best is not None
    assert found.best.row.technique.name == "int8"
    assert found.next_better is None


def test_the_next_better_one_is_named_with_what_it_fails_on() -> None:
    small = variant("qat_int8", 28, ms=(160, 200, 300))
    found = advise(among(variant("float32", 100), variant("int8", 30), small), Limits(BOARD, latency_ms=160))
    assert found is not None
    assert found.best is not None
    assert found.next_better is not None
    assert (found.best.row.technique.name, found.next_better.row.technique.name) == ("int8", "qat_int8")
    assert "over the limit of 160 ms" in found.text
    assert "Quantization-aware training" in found.text


def test_no_variant_within_the_limits_names_the_nearest() -> None:
    found = advise(among(variant("float32", 100), variant("int8", 30)), Limits(BOARD, flash_bytes=120 * KB))
    assert found is not None
    assert found.best is None
    assert found.text.startswith("No variant keeps all limits")
    assert "10.0 KB over the limit of 120.0 KB" in found.text


@pytest.mark.parametrize("most_kb", [120, 500])
def test_advice_says_that_it_speaks_of_what_is_measured_so_far(most_kb: int) -> None:
    waiting = Row(techniques.techniques()["float16"])
    found = advise(
        among(variant("float32", 100), variant("int8", 30), waiting), Limits(BOARD, flash_bytes=most_kb * KB)
    )
    assert found is not None
    assert found.text.startswith("So far, with 2 of 3 measured: ")


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        ({"flash_bytes": 140 * KB}, "yes"),
        ({"flash_bytes": 140 * KB - 1}, "probably"),
        ({"flash_bytes": 130 * KB}, "probably"),
        ({"flash_bytes": 130 * KB - 1}, "no"),
        ({"ram_bytes": 30 * KB}, "yes"),
        ({"ram_bytes": 30 * KB - 1}, "no"),
        ({"latency_ms": 150}, "yes"),
        ({"latency_ms": 149}, "probably"),
        ({"latency_ms": 99}, "no"),
        ({"energy_uj": 900}, "yes"),
        ({"energy_uj": 501}, "probably"),
        ({"energy_uj": 499}, "no"),
        ({"points_lost": 1.0}, "yes"),
        ({"points_lost": 0.9}, "no"),
    ],
)
def test_a_limit_is_kept_up_to_its_very_value(limits: dict[str, float], kept: str) -> None:
    assert judged(variant("int8", 30, lost_points=1.0), **limits).kept == kept


@pytest.mark.parametrize(
    ("row", "limits"),
    [
        (variant("int8", 30, ms=None), {"latency_ms": 1e6}),
        (variant("int8", 30, uj=None), {"energy_uj": 1e6}),
        (variant("int8", 30, ram_kb=None), {"ram_bytes": 10**9}),
        (replace(variant("int8", 30), agreement=None), {"points_lost": 100}),
        (replace(variant("int8", 30), latencies=(estimate((1, 2, 3), known=0.5),)), {"latency_ms": 1e6}),
    ],
)
def test_what_is_not_known_does_not_keep_a_limit(row: Row, limits: dict[str, float]) -> None:
    assert judged(row, **limits).kept == "no"


def test_what_does_not_fit_the_board_keeps_no_limits_at_all() -> None:
    assert judged(variant("int8", 30, verdict="too big")).kept == "no"
    assert judged(variant("int8", 30, verdict="cannot run")).kept == "no"


def test_only_probably_is_said_when_the_band_reaches_over_the_limit() -> None:
    found = advise(among(variant("int8", 30)), Limits(BOARD, latency_ms=120))
    assert found is not None
    assert found.best is not None
    assert found.best.kept == "probably"
    assert "Only probably" in found.text


def test_float32_itself_loses_nothing() -> None:
    assert judged(variant("float32", 100), points_lost=0).kept == "yes"


@pytest.mark.parametrize("value", [-1, math.nan, math.inf])
def test_a_limit_that_is_no_amount_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="must be a number from 0"):
        Limits(BOARD, latency_ms=value)


@pytest.mark.parametrize(("field", "most"), MOST.items())
def test_a_limit_beyond_all_microcontrollers_is_refused(field: str, most: float) -> None:
    assert getattr(Limits(BOARD, **{field: most}), field) == most  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"The limit {field} is "):
        Limits(BOARD, **{field: most * 1.01})  # type: ignore[arg-type]


def test_a_board_that_is_not_compared_gives_no_advice() -> None:
    assert advise(among(variant("int8", 30)), Limits("raspberry_pi_pico")) is None
