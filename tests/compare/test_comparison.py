"""Variants side by side: paired counts, the front, the pick, the sentences, and the record that scripts rely on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml_core import check, compare
from tinyml_core.boards.board import DEFAULT_BOARDS, boards
from tinyml_core.compare.assemble import compare_rows, paired
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import Question, question_of
from tinyml_core.compare.recommend import goodness, lost, pick
from tinyml_core.compare.record import record, variant_record
from tinyml_core.compare.sentences import factor_words, listed, summary
from tinyml_core.compress import techniques
from tinyml_core.domain.outcome import Failure, Latency, Measurement, Micro, Outcome, Score, was_stopped
from tinyml_core.domain.technique import POLICIES
from tinyml_core.engine.call import Answer, Blob
from tinyml_core.pipeline.run import policy_verdict as verdict

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Lab, Made

TECHNIQUES = techniques.techniques()
BOARDS = boards()
KB = 1024
FAILED = Failure("converting", "It cannot.", "Choose another.")


def answered(answers: list[float], errors: list[float], value: float, metric: str = "accuracy") -> Score:
    """A score with these answers."""
    chance = 0.1 if metric == "accuracy" else 2.0
    return Score(metric, value, value, value, len(answers), chance, tuple(answers), tuple(errors))  # type: ignore[arg-type]


def compared(outcomes: dict[str, Outcome | None], *board_names: str, reference: Outcome | None = None) -> Comparison:
    """A comparison of hand-made outcomes; float32 among them is the reference unless another is given."""
    question = Question("digits", "digits", tuple(outcomes), board_names)
    rows = [Row(TECHNIQUES[name], outcome) for name, outcome in outcomes.items()]
    return compare_rows(question, rows, reference or outcomes.get("float32"), BOARDS)


def row_of(comparison: Comparison, technique: str) -> Row:
    """The row of a technique that must be there."""
    row = comparison.row(technique)
    assert row is not None
    return row


# ---- paired against float32 --------------------------------------------------------------------------------------


def test_changed_answers_are_counted_by_who_was_right() -> None:
    # Truth is 0 everywhere. Samples: same and right; right to wrong; wrong to right; wrong to another wrong; same wrong.
    reference = answered([0, 0, 1, 1, 1], [0, 0, 1, 1, 1], 0.4)
    variant = answered([0, 2, 0, 2, 1], [0, 1, 0, 1, 1], 0.4)
    found = paired(variant, reference, None)
    assert (found.changed, found.worse, found.better) == (3, 1, 1)
    assert found.value == pytest.approx(2 / 5)
    assert found.difference == 0
    assert found.p_value == 1


def test_five_answers_lost_and_none_won_is_one_in_sixteen() -> None:
    reference = answered([0] * 50, [0] * 50, 1.0)
    variant = answered([1] * 5 + [0] * 45, [1] * 5 + [0] * 45, 0.9)
    found = paired(variant, reference, None)
    assert (found.worse, found.better, found.p_value) == (5, 0, 0.0625)
    assert found.difference == pytest.approx(-0.1)


def test_answers_of_a_regression_change_beyond_the_tolerance_only() -> None:
    reference = answered([1.0, 1.0, 1.0], [0.1, 0.1, 0.1], 0.1, "mean_absolute_error")
    variant = answered([1.01, 1.05, 0.95], [0.11, 0.15, 0.05], 0.1033, "mean_absolute_error")
    found = paired(variant, reference, 0.02)
    assert (found.changed, found.worse, found.better) == (2, 1, 1)


def test_decisions_of_anomaly_detectors_are_right_or_wrong_by_the_truth() -> None:
    truth = (0, 0, 1, 1, 1, 1)
    reference = replace(answered([0, 1, 1, 1, 1, 0], [0.0, 0.5, 0.0, 0.0, 0.5, 0.0], 0.9, "roc_auc"), anomalous=truth)
    variant = replace(answered([0, 0, 0, 1, 1, 0], [0.0, 0.0, 0.5, 0.0, 0.5, 0.0], 0.8, "roc_auc"), anomalous=truth)
    found = paired(variant, reference, None)
    assert (found.changed, found.worse, found.better) == (2, 1, 1)
    assert found.difference == pytest.approx(-0.1)
    assert 0 < found.p_value <= 1


def test_a_smaller_area_under_the_roc_curve_is_worse(made: Made) -> None:
    score, agreement = made.score(0.9, metric="roc_auc"), made.agreement(difference=-0.05, p_value=0.01)
    measured = made.measurement(score=score)
    technique = techniques.techniques()["int8"]
    assert lost(Row(technique, measured, agreement=agreement))
    assert not lost(Row(technique, measured, agreement=replace(agreement, difference=0.05)))
    assert goodness(score) > goodness(replace(score, value=0.8))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=50))
def test_the_difference_of_two_accuracies_is_better_less_worse(samples: list[tuple[int, int, int]]) -> None:
    truth, ours, theirs = (np.array(column) for column in zip(*samples, strict=True))

    def scored(answers: np.ndarray) -> Score:
        errors = (answers != truth).astype(int)
        return answered(answers.tolist(), errors.tolist(), 1 - float(errors.mean()))

    found = paired(scored(ours), scored(theirs), None)
    assert found.difference == pytest.approx((found.better - found.worse) / len(samples))
    assert found.worse + found.better <= found.changed <= len(samples)
    assert found.value == pytest.approx(1 - found.changed / len(samples))


def test_float32_is_not_compared_with_itself(made: Made) -> None:
    comparison = compared({"float32": made.measurement(4 * KB), "int8": made.measurement(KB)})
    assert row_of(comparison, "float32").agreement is None
    assert row_of(comparison, "int8").agreement is not None
    assert row_of(comparison, "int8").smaller_factor == 4


def test_a_reference_that_was_not_asked_for_is_compared_with_all_the_same(made: Made) -> None:
    comparison = compared({"int8": made.measurement(KB)}, reference=made.measurement(2 * KB))
    assert row_of(comparison, "int8").smaller_factor == 2
    assert row_of(comparison, "int8").agreement is not None


def test_without_a_reference_nothing_is_compared_and_everything_else_stands(made: Made) -> None:
    comparison = compared({"int8": made.measurement(KB)}, "raspberry_pi_pico", reference=FAILED)
    row = row_of(comparison, "int8")
    assert row.agreement is None
    assert row.smaller_factor is None
    assert row.flash_bytes == KB
    assert [fit.board for fit in row.fits] == ["raspberry_pi_pico"]


def test_rows_that_failed_or_wait_stay_rows(made: Made) -> None:
    comparison = compared({"float32": made.measurement(), "int8": FAILED, "dynamic": None})
    assert [row.technique.name for row in comparison.rows] == ["float32", "int8", "dynamic"]
    assert not comparison.complete
    assert row_of(comparison, "int8").measured is None
    assert not row_of(comparison, "int8").pareto
    assert compared({"int8": FAILED}).complete


def test_a_file_that_could_not_be_read_costs_only_what_needs_it(made: Made) -> None:
    unread = replace(made.measurement(), inspection=FAILED)
    row = row_of(compared({"float32": made.measurement(), "int8": unread}, "raspberry_pi_pico"), "int8")
    assert row.flash_bytes is None
    assert row.fits == ()
    assert row.score is not None
    assert not row.pareto


# ---- Pareto front ------------------------------------------------------------------------------------------------


def front(comparison: Comparison) -> set[str]:
    """The techniques on the front."""
    return {row.technique.name for row in comparison.rows if row.pareto}


def test_what_another_beats_in_flash_and_score_is_not_on_the_front(made: Made) -> None:
    comparison = compared(
        {
            "float32": made.measurement(4 * KB, 0.97),
            "float16": made.measurement(2 * KB, 0.96),
            "dynamic": made.measurement(3 * KB, 0.95),
            "int8": made.measurement(KB, 0.9),
        }
    )
    assert front(comparison) == {"float32", "float16", "int8"}


def test_equal_variants_are_both_on_the_front(made: Made) -> None:
    assert front(compared({"int8": made.measurement(), "qat_int8": made.measurement()})) == {"int8", "qat_int8"}


def test_a_smaller_error_is_better(made: Made) -> None:
    def error(flash_bytes: int, value: float) -> Measurement:
        score = made.score(metric="mean_absolute_error", value=value, chance=0.6)
        return replace(made.measurement(flash_bytes), score=score)

    question = Question("sine", "sine", ("float32", "int8"), ())
    rows = [Row(TECHNIQUES["float32"], error(4 * KB, 0.03)), Row(TECHNIQUES["int8"], error(KB, 0.02))]
    assert front(compare_rows(question, rows, rows[0].outcome, BOARDS)) == {"int8"}


@given(points=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), min_size=1, max_size=7))
def test_nothing_on_the_front_is_beaten_and_everything_else_is(points: list[tuple[int, int]], made: Made) -> None:
    named = dict(zip(TECHNIQUES, points, strict=False))
    comparison = compared(
        {name: made.measurement(flash * 16, good / 10) for name, (flash, good) in named.items()}, reference=FAILED
    )

    def beaten(name: str) -> bool:
        flash, good = named[name]
        return any(f <= flash and g >= good and (f, g) != (flash, good) for f, g in named.values())

    assert front(comparison) == {name for name in named if not beaten(name)}
    assert front(comparison)


# ---- the pick ----------------------------------------------------------------------------------------------------


def picked(comparison: Comparison) -> str | None:
    """The picked technique; at most one."""
    names = [row.technique.name for row in comparison.rows if row.picked]
    assert len(names) <= 1
    return names[0] if names else None


def test_picks_the_smallest_that_runs(made: Made) -> None:
    assert picked(compared({"float32": made.measurement(4 * KB), "int8": made.measurement(KB)})) == "int8"


def test_does_not_pick_what_tflm_refuses(made: Made) -> None:
    refused = replace(made.measurement(KB), micro=made.refused())
    assert picked(compared({"float32": made.measurement(4 * KB), "dynamic": refused})) == "float32"


def test_does_not_pick_what_is_worse_beyond_chance(made: Made) -> None:
    reference = replace(made.measurement(4 * KB), score=answered([0] * 100, [0] * 100, 1.0))
    worse = replace(made.measurement(KB), score=answered([1] * 20 + [0] * 80, [1] * 20 + [0] * 80, 0.8))
    comparison = compared({"float32": reference, "int8": worse})
    assert lost(row_of(comparison, "int8"))
    assert picked(comparison) == "float32"


def test_picks_what_is_worse_by_chance_only(made: Made) -> None:
    reference = replace(made.measurement(4 * KB), score=answered([0] * 100, [0] * 100, 1.0))
    noisy = replace(made.measurement(KB), score=answered([1, 1] + [0] * 98, [1, 1] + [0] * 98, 0.98))
    comparison = compared({"float32": reference, "int8": noisy})
    assert not lost(row_of(comparison, "int8"))
    assert picked(comparison) == "int8"


def test_never_picks_what_answers_no_better_than_a_blind_guess(made: Made) -> None:
    guess = replace(made.measurement(4 * KB), score=made.score(0.11, low=0.08))
    comparison = compared({"float32": guess, "int8": replace(made.measurement(KB), score=made.score(0.11, low=0.08))})
    assert picked(comparison) is None
    assert "better than a blind guess, so none is recommended" in summary(comparison)


def test_picks_nothing_if_nothing_was_executed(made: Made) -> None:
    unknown = replace(made.measurement(), micro=Micro("not executed"))
    assert picked(compared({"float32": unknown, "int8": unknown})) is None
    assert pick([]) is None


def test_of_two_equally_small_the_one_with_the_smaller_arena_is_picked(made: Made) -> None:
    thrifty = replace(made.measurement(KB), micro=made.runs(1000))
    greedy = replace(made.measurement(KB), micro=made.runs(2000))
    assert picked(compared({"int8": greedy, "qat_int8": thrifty})) == "qat_int8"


# ---- the sentences -----------------------------------------------------------------------------------------------

PICO, NANO = "raspberry_pi_pico", "arduino_nano_33_ble_sense"


def said(outcomes: dict[str, Outcome | None], *board_names: str) -> str:
    """The summary of hand-made outcomes."""
    return summary(compared(outcomes, *board_names))


def test_says_size_answers_and_boards(made: Made) -> None:
    score = answered([0] * 97 + [1] * 3, [0] * 97 + [1] * 3, 0.97)
    changed = answered([0] * 96 + [1] * 4, [0] * 96 + [1] * 4, 0.96)
    told = said(
        {
            "float32": replace(made.measurement(4 * KB), score=score),
            "int8": replace(made.measurement(KB), score=changed),
        },
        PICO,
        NANO,
    )
    assert told.startswith(
        "Full integer (int8) is 4.0x smaller than float32. On 100 unseen samples it changes 1 answer"
    )
    assert "(0 better, 1 worse): no difference can be told." in told
    assert "fits all 2 boards." in told


def test_says_when_no_answer_changes(made: Made) -> None:
    assert "it changes no answer." in said({"float32": made.measurement(4 * KB), "int8": made.measurement(KB)})


def test_says_better_and_worse_only_beyond_chance(made: Made) -> None:
    wrong = answered([1] * 20 + [0] * 80, [1] * 20 + [0] * 80, 0.8)
    right = answered([0] * 100, [0] * 100, 1.0)
    told = said(
        {"float32": replace(made.measurement(4 * KB), score=wrong), "int8": replace(made.measurement(KB), score=right)}
    )
    assert "it changes 20 answers (20 better, 0 worse): it is better than float32 (100.0 %), beyond chance." in told


def test_an_error_is_told_by_how_much_smaller_it_is(made: Made) -> None:
    far, near = (answered([error] * 100, [error] * 100, error, "mean_absolute_error") for error in (1.0, 0.9945))
    told = said(
        {"float32": replace(made.measurement(4 * KB), score=far), "int8": replace(made.measurement(KB), score=near)}
    )
    assert "(100 better, 0 worse): its error is 0.0055 smaller than float32's (0.9945), beyond chance." in told


def test_says_it_fits_the_one_board_without_counting(made: Made) -> None:
    told = said({"float32": made.measurement(4 * KB), "int8": made.measurement(KB)}, PICO)
    assert "fits the chosen board." in told
    assert "boards" not in told


def test_says_it_does_not_fit_the_one_board_in_the_singular(made: Made) -> None:
    told = said({"float32": made.measurement(1024 * KB * KB), "int8": made.measurement(KB * KB * 512)}, PICO)
    assert "board" in told
    assert "boards" not in told


def test_says_it_fits_the_one_board_tightly_in_the_singular(made: Made) -> None:
    board = BOARDS[PICO]
    arena = board.ram_contiguous_bytes.value - board.runtime_ram_bytes.value - board.platform_ram_bytes.value - 16
    tight = replace(made.measurement(KB), micro=made.runs(arena))
    told = said({"float32": made.measurement(4 * KB), "int8": tight}, PICO)
    assert "tight" in told
    assert "of them" not in told


def test_says_how_many_of_several_boards(made: Made) -> None:
    flash = BOARDS[NANO].flash_usable_bytes.value
    assert flash < BOARDS[PICO].flash_usable_bytes.value
    told = said({"float32": made.measurement(4 * flash), "int8": made.measurement(flash)}, PICO, NANO)
    assert "fits 1 of 2 boards" in told


def test_says_that_none_of_several_boards_fits(made: Made) -> None:
    huge = 1024 * KB * KB
    assert "fits none of the chosen boards." in said({"float32": made.measurement(huge)}, PICO, NANO)


def test_says_nothing_of_boards_if_none_was_chosen(made: Made) -> None:
    assert "board" not in said({"float32": made.measurement(4 * KB), "int8": made.measurement(KB)})


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (["float16"], "TensorFlow Lite Micro refuses float16."),
        (["float16", "dynamic"], "TensorFlow Lite Micro refuses float16 and Dynamic range."),
        (
            ["float16", "dynamic", "int16x8"],
            "TensorFlow Lite Micro refuses float16, Dynamic range and Integer 16x8.",
        ),
    ],
)
def test_says_what_does_not_run_in_good_grammar(refused: list[str], words: str, made: Made) -> None:
    outcome = replace(made.measurement(KB), micro=made.refused())
    told = said({"float32": made.measurement(4 * KB), **dict.fromkeys(refused, outcome)})
    assert told.endswith(words)


def test_says_what_could_not_be_measured(made: Made) -> None:
    assert said({"float32": made.measurement(), "int8": FAILED}).endswith("Full integer (int8) could not be measured.")


def test_what_was_stopped_is_not_said_to_have_failed(made: Made) -> None:
    stopped = was_stopped("training", "before it began")
    told = said({"float32": made.measurement(), "float16": stopped, "qat_int8": stopped, "int8": FAILED})
    assert (
        "Full integer (int8) could not be measured. float16 and “Quantization-aware training, int8” were stopped."
        in told
    )
    assert said({"int8": stopped}) == "Nothing is measured: all of it was stopped."


def test_says_so_if_nothing_could_be_measured() -> None:
    assert said({"int8": FAILED}) == "None of the chosen techniques could be measured; each row says why."


def test_says_nothing_while_nothing_is_known() -> None:
    assert said({"int8": None}) == ""


def test_says_so_if_all_are_refused(made: Made) -> None:
    refused = replace(made.measurement(), micro=made.refused())
    assert said({"dynamic": refused}).startswith("None of these runs on a microcontroller.")


def test_says_so_if_nothing_was_executed(made: Made) -> None:
    told = said({"float32": replace(made.measurement(), micro=Micro("not executed"))})
    assert "no variant can be recommended" in told


def test_says_so_if_all_that_run_are_worse(made: Made) -> None:
    reference = replace(made.measurement(4 * KB), score=answered([0] * 100, [0] * 100, 1.0))
    worse = replace(made.measurement(KB), score=answered([1] * 20 + [0] * 80, [1] * 20 + [0] * 80, 0.8))
    comparison = compared({"int8": worse}, reference=reference)
    assert summary(comparison).startswith("Those that run on a microcontroller answer worse than float32")


def test_does_not_say_worse_of_what_has_no_score(made: Made) -> None:
    unscored = replace(made.measurement(KB), score=FAILED)
    assert "worse" not in said({"float32": unscored, "int8": unscored})


def test_does_not_compare_float32_with_float32(made: Made) -> None:
    told = said({"float32": made.measurement(), "dynamic": replace(made.measurement(KB), micro=made.refused())})
    assert "float32" in told
    assert "as well as float32" not in told


@pytest.mark.parametrize(
    ("factor", "words"), [(4.0, "4.0x smaller"), (1.0, "the same size"), (1.004, "the same size"), (0.5, "2.0x larger")]
)
def test_factors_in_words(factor: float, words: str) -> None:
    assert factor_words(factor) == words


@given(st.floats(1.006, 100))
def test_a_factor_other_than_1_never_reads_as_1(factor: float) -> None:
    assert not factor_words(factor).startswith("1.0x")


def test_the_same_size_as(made: Made) -> None:
    same = {"float32": replace(made.measurement(KB), micro=made.refused()), "int8": made.measurement(KB)}
    assert "is the same size as float32." in said(same)


def test_lists_in_words() -> None:
    assert [listed(list("abc")[:number]) for number in (1, 2, 3)] == ["a", "a and b", "a, b and c"]


# ---- the record --------------------------------------------------------------------------------------------------

TOP = {"schema", "environment", "model", "variants"}
MODEL = {"name", "title", "task", "parameters"}
VARIANT = {
    "technique", "status", "failure", "sizes_bytes", "macs", "score", "agreement", "latency_ms", "micro", "warnings",
    "census", "provenance", "inputs", "outputs", "boards", "file",
}  # fmt: skip
INSIDE = {
    "failure": {"stage", "reason", "advice", "link"},
    "sizes_bytes": {"tflite", "gzip", "c_source", "flash"},
    "score": {"metric", "value", "low", "high", "samples"},
    "agreement": {"value", "worse", "better"},
    "latency_ms": {"p50", "p90", "runs"},
    "micro": {
        "status", "error", "cause", "fix", "arena_bytes", "arena_head_bytes", "arena_tail_bytes",
        "arena_minimum_bytes", "arena_32bit_bytes", "agreement",
    },
}  # fmt: skip
MICRO_AGREEMENT = {"equal_answers", "samples", "largest_difference"}
TENSOR = {"name", "shape", "dtype", "scale", "zero_point"}
BOARD = {
    "board", "verdict", "flash_needed_bytes", "flash_available_bytes", "ram_needed_bytes", "ram_available_bytes",
    "latency_ms", "energy_uj", "reasons",
}  # fmt: skip


def strict(value: Any) -> Any:
    """The value as strict JSON gives it back: NaN and infinity are no JSON."""
    return json.loads(json.dumps(value, allow_nan=False))


def check_variant(variant: dict[str, Any]) -> None:
    """All promised keys, on every level."""
    assert variant.keys() >= VARIANT
    for name, keys in INSIDE.items():
        assert variant[name] is None or variant[name].keys() >= keys, name
    if variant["micro"] is not None and variant["micro"]["agreement"] is not None:
        assert variant["micro"]["agreement"].keys() >= MICRO_AGREEMENT
    assert all(tensor.keys() >= TENSOR for tensor in (*variant["inputs"], *variant["outputs"]))
    assert all(board.keys() >= BOARD for board in variant["boards"])
    assert all(warning.keys() >= {"code", "text"} for warning in variant["warnings"])
    assert all(board["verdict"] in ("fits", "tight", "too big", "cannot run", "unknown") for board in variant["boards"])


@pytest.fixture(scope="module")
def whole(lab: Lab) -> Comparison:
    """All techniques on digits, on the usual boards."""
    return lab.comparison("digits")


REFUSED = ("lq_w4b32", "lq_w2b32")
"""Of the digits model: 40 inputs of a layer do not divide into blocks of 32."""


def test_the_record_of_a_real_comparison_has_all_promised_keys(whole: Comparison) -> None:
    told = strict(record(whole, {"int8": "out/int8.tflite"}))
    assert told.keys() >= TOP
    assert told["schema"] == 1
    assert told["model"].keys() >= MODEL
    assert told["model"]["name"] == "digits"
    assert [variant["technique"] for variant in told["variants"]] == list(TECHNIQUES)
    for variant in told["variants"]:
        check_variant(variant)
        if variant["technique"] in REFUSED:
            assert variant["status"] == "failed"
            assert variant["failure"]["reason"]
            continue
        assert variant["status"] == "measured"
        assert variant["failure"] is None
        assert [board["board"] for board in variant["boards"]] == list(DEFAULT_BOARDS)
    assert [variant["file"] for variant in told["variants"] if variant["file"]] == ["out/int8.tflite"]


def test_the_record_says_how_each_number_is_known(whole: Comparison) -> None:
    for variant in record(whole)["variants"]:
        if variant["status"] == "failed":
            assert variant["technique"] in REFUSED
            continue
        known = variant["provenance"]
        for name in ("sizes_bytes", "macs", "score", "micro", "census", "boards"):
            assert variant[name] is None or known[name], name
        assert "latency_ms" not in known


def test_the_record_of_a_failed_variant_says_why() -> None:
    told = strict(record(compared({"float32": FAILED})))["variants"][0]
    check_variant(told)
    assert told["status"] == "failed"
    assert told["failure"]["reason"] == "It cannot."
    assert told["score"] is None
    assert told["boards"] == []


def test_the_record_holds_a_latency_that_was_measured(made: Made) -> None:
    row = Row(TECHNIQUES["int8"], made.measurement(), latency=Latency(0.01, 0.02, (0.01, 0.02), busy=False))
    told = strict(variant_record(row))
    check_variant(told)
    assert (told["latency_ms"]["p50"], told["latency_ms"]["p90"], told["latency_ms"]["runs"]) == (0.01, 0.02, 2)
    assert told["provenance"]["latency_ms"]


def test_the_record_names_the_parts_that_failed(made: Made) -> None:
    row = Row(TECHNIQUES["int8"], replace(made.measurement(), score=FAILED), latency=FAILED)
    told = strict(variant_record(row))
    check_variant(told)
    assert told["status"] == "measured"
    assert set(told["part_failures"]) == {"score", "latency_ms"}


def test_the_record_of_a_regression_is_strict_json_too(lab: Lab) -> None:
    told = strict(record(lab.comparison("sine", "float32", "int8")))
    for variant in told["variants"]:
        check_variant(variant)
        assert variant["score"]["metric"] == "mean_absolute_error"


def test_a_whole_comparison_is_complete_and_has_one_pick_on_the_front(whole: Comparison) -> None:
    assert whole.complete
    assert [board.name for board in whole.boards] == list(DEFAULT_BOARDS)
    name = picked(whole)
    assert name is not None
    assert row_of(whole, name).pareto
    told = summary(whole)
    assert told.endswith(".")
    assert "TensorFlow Lite Micro refuses float16, Dynamic range" in told
    assert "“4-bit weights in blocks of 32” and “2-bit weights in blocks of 32” could not be measured." in told


def test_asking_again_gives_an_equal_comparison(whole: Comparison, lab: Lab) -> None:
    assert lab.comparison("digits") == whole


# ---- the front door ----------------------------------------------------------------------------------------------


def test_the_front_door_compares(lab: Lab) -> None:
    told = compare("sine", ["int8"], ["raspberry_pi_pico"], latency=False, desk=lab.desk)
    assert [row.technique.name for row in told.rows] == ["int8"]
    assert told.rows[0].agreement is not None, "float32 is measured too, to compare with"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"model": "digit"}, "near matches: digits"),
        ({"techniques": ["int8", "int9"]}, "no technique 'int9'"),
        ({"boards": ["pico"]}, "no board 'pico'"),
        ({"dataset": "mnist"}, "no data set for the model digits 'mnist'"),
        ({"techniques": []}, "choose at least one"),
    ],
)
def test_the_front_door_refuses_a_wrong_question_in_a_sentence(asked: dict[str, Any], words: str, lab: Lab) -> None:
    with pytest.raises(ValueError, match=words):
        compare(**asked, desk=lab.desk)


def test_a_question_keeps_what_is_right_in_it_and_tells_the_rest() -> None:
    question, sentences = question_of("digits", ["int8", "nonsense", "int8"], ["all"])
    assert question is not None
    assert question.techniques == ("int8",)
    assert question.boards == tuple(BOARDS)
    assert len(sentences) == 1


def test_a_file_that_somebody_brings_is_checked(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "mine.tflite").write_bytes(lab.tflite("digits", "int8"))
    row = check(tmp_path / "mine.tflite", ["raspberry_pi_pico"], desk=lab.desk)
    assert row.measured is not None
    assert row.score is None
    assert [fit.board for fit in row.fits] == ["raspberry_pi_pico"]
    check_variant(strict(variant_record(row, technique="mine.tflite")))


def test_a_file_that_is_no_model_is_a_sentence(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "mine.tflite").write_bytes(b"not a model at all, but long enough")
    row = check(tmp_path / "mine.tflite", desk=lab.desk)
    assert isinstance(row.outcome, Failure)
    assert "This is a text file" in row.outcome.reason
    check_variant(strict(variant_record(row)))


# ---- a lesson kept -----------------------------------------------------------------------------------------------


def test_the_three_converter_policies_give_the_same_bytes(lab: Lab) -> None:
    made = {policy: lab.measured("digits", "dynamic", policy=policy).file_sha256 for policy in POLICIES}
    assert len(made) == 3
    assert len(set(made.values())) == 1, "newer TensorFlow knows one policy under three names"


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        ((b"one", b"one", b"one"), "three times the same file, byte for byte (3 B)"),
        ((b"one", b"one", b"two"), "Either the policy matters here, or the files were made on different processors"),
        ((b"one", b"one", b"longer"), "2 different files; the policy matters here."),
    ],
    ids=["the same", "last digits", "another size"],
)
def test_last_digits_alone_are_not_laid_to_the_policy(contents: tuple[bytes, ...], told: str) -> None:
    replies = {policy: Answer({}, {"tflite": Blob.of(one)}) for policy, one in zip(POLICIES, contents, strict=True)}
    assert told in verdict(replies)
