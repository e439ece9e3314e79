"""Is a variant worth it: what is saved, what is lost, and what chance alone explains."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml_core.compare import frames
from tinyml_core.compare.assemble import compare_rows
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import Question
from tinyml_core.compare.record import variant_record
from tinyml_core.compare.tradeoff import tradeoff
from tinyml_core.compress import techniques
from tinyml_core.domain.outcome import Agreement, Measurement, TrainingFacts
from tinyml_core.export.report import report

if TYPE_CHECKING:
    from tests.conftest import Lab, Made

KB = 1024


def against(difference: float, p_value: float) -> Agreement:
    """A score that differs by so much from float32's."""
    return Agreement(0.9, 5, 1, 6, difference, p_value)


def test_points_that_are_really_lost_have_a_price() -> None:
    found = tradeoff(23 * KB, 102 * KB, against(-0.021, 0.001), "accuracy")
    assert found.text == "79 KB for 2.1 points: 38 KB a point"
    assert found.saved_bytes == 79 * KB
    assert found.lost == pytest.approx(0.021)
    assert found.per_point_bytes == pytest.approx(79 * KB / 2.1)
    assert not found.within_noise


def test_a_loss_that_chance_explains_has_no_price() -> None:
    found = tradeoff(23 * KB, 102 * KB, against(-0.021, 0.3), "accuracy")
    assert found.text == "79 KB saved, 2.1 points lower within noise"
    assert found.within_noise
    assert found.per_point_bytes is None


def test_a_score_that_did_not_change_lost_nothing() -> None:
    assert tradeoff(23 * KB, 102 * KB, against(0.0, 1.0), "accuracy").text == "79 KB saved, nothing lost"


def test_a_gain_beyond_chance_is_told() -> None:
    found = tradeoff(23 * KB, 102 * KB, against(0.012, 0.01), "accuracy")
    assert found.text == "79 KB saved and better (1.2 points higher)"
    assert found.lost == pytest.approx(-0.012)


def test_what_no_microcontroller_runs_is_not_praised() -> None:
    found = tradeoff(23 * KB, 102 * KB, against(0.0, 1.0), "accuracy", useless="TFLM refuses it")
    assert found.text == "79 KB saved, but TFLM refuses it"
    larger = tradeoff(103 * KB, 102 * KB, against(0.0, 1.0), "accuracy", useless="TFLM refuses it")
    assert larger.text == "1.0 KB larger, and TFLM refuses it"


def test_what_tflm_computes_wrongly_has_no_price() -> None:
    found = tradeoff(23 * KB, 102 * KB, against(-0.021, 0.001), "accuracy", useless="TFLM computes wrong answers")
    assert found.text == "79 KB saved, but TFLM computes wrong answers"
    assert found.per_point_bytes is None


def test_a_rate_of_more_than_there_is_is_not_told() -> None:
    found = tradeoff(7 * KB, 102 * KB, against(-0.0002, 0.001), "roc_auc")
    assert found.text == "95 KB for 0.0002"


def test_weights_whose_scales_tflm_mistakes_are_not_praised(lab: Lab) -> None:
    row = lab.comparison("textures", "lq_w8").row("lq_w8")
    assert row is not None
    assert row.tradeoff is not None
    assert row.tradeoff.text.endswith("saved, but TFLM computes wrong answers")


def test_what_saves_nothing_is_worth_nothing() -> None:
    assert tradeoff(102 * KB, 102 * KB, against(-0.002, 0.6), "accuracy").text == "nothing saved"
    assert (
        tradeoff(102 * KB - 16, 102 * KB, against(-0.02, 0.001), "accuracy").text
        == "nothing saved and worse (2.0 points lower)"
    )
    assert tradeoff(104 * KB, 102 * KB, against(-0.02, 0.001), "accuracy").text == "larger and worse (2.0 points lower)"
    assert (
        tradeoff(104 * KB, 102 * KB, against(-0.02, 0.5), "accuracy").text
        == "2.0 KB larger, 2.0 points lower within noise"
    )


def test_an_error_that_grows_is_a_loss_and_one_that_shrinks_is_none() -> None:
    worse = tradeoff(KB, 10 * KB, against(0.02, 0.001), "mean_absolute_error")
    assert worse.text == "9.0 KB for 0.0200 more error: 4.5 KB per 0.01"
    assert worse.lost == pytest.approx(0.02)
    better = tradeoff(KB, 10 * KB, against(-0.02, 0.001), "mean_absolute_error")
    assert better.text == "9.0 KB saved and better (error 0.0200 smaller)"
    noise = tradeoff(KB, 10 * KB, against(0.0055, 0.5), "mean_absolute_error")
    assert noise.text == "9.0 KB saved, error 0.0055 larger within noise"


def test_without_a_score_only_the_size_is_told() -> None:
    found = tradeoff(KB, 10 * KB, None, "accuracy")
    assert (found.lost, found.per_point_bytes, found.within_noise) == (None, None, False)
    assert found.text == "9.0 KB saved, score not compared"


@given(
    st.integers(16, 10**7), st.integers(16, 10**7), st.integers(-1000, 1000).map(lambda n: n / 1000), st.floats(0, 1),
    st.sampled_from(["accuracy", "mean_absolute_error"]),
)  # fmt: skip
def test_there_is_a_price_only_where_something_is_saved_and_something_lost(
    flash: int, base: int, difference: float, p_value: float, metric: str
) -> None:
    found = tradeoff(flash, base, against(difference, p_value), metric)
    assert found.saved_bytes == base - flash
    assert found.text
    if found.per_point_bytes is not None:
        assert found.saved_bytes > 0
        assert found.lost is not None
        assert found.lost > 0
        assert not found.within_noise
        assert found.per_point_bytes * found.lost * 100 == pytest.approx(found.saved_bytes)


# ---- where it is shown -------------------------------------------------------------------------------------------


def compared(made: Made, **changes: object) -> Comparison:
    """float32, and an int8 variant of a quarter of its flash."""
    outcomes: dict[str, Measurement] = {
        "float32": made.measurement(80 * KB),
        "int8": made.measurement(20 * KB, **changes),  # type: ignore[arg-type]
    }
    question = Question("digits", "digits", tuple(outcomes), ())
    rows = [Row(techniques.technique(name), outcome) for name, outcome in outcomes.items()]
    return compare_rows(question, rows, outcomes["float32"], {})


def test_table_record_and_report_tell_the_same(made: Made) -> None:
    comparison = compared(made)
    weighed = comparison.rows[1].tradeoff
    assert weighed is not None
    assert weighed.text == "60 KB saved, nothing lost"
    assert comparison.rows[0].tradeoff is None  # float32 is what the others are weighed against
    frame = frames.table(comparison)
    assert list(frame["worth"].fillna("")) == ["", weighed.text]
    assert frame["saved_bytes"].iloc[1] == 60 * KB
    records = [json.loads(json.dumps(variant_record(row))) for row in comparison.rows]
    assert records[0]["worth"] is None
    assert records[1]["worth"]["text"] == weighed.text
    assert weighed.text in report(comparison)


def test_layers_that_training_left_dense_are_told_everywhere(made: Made) -> None:
    facts = TrainingFacts(("depthwise_1",), ("Fine-tuned for 2 epochs.",))
    comparison = compared(made, training=facts)
    row = comparison.rows[1]
    assert any("depthwise_1" in note for note in row.notes)
    assert "Fine-tuned for 2 epochs." in row.notes
    assert variant_record(row)["training"] == {"dense_layers": ["depthwise_1"], "notes": ["Fine-tuned for 2 epochs."]}
    assert "depthwise_1" in report(comparison)
