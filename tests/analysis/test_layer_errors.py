"""Where the error comes from: measured layer by layer, blamed on one, cured by rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml_core import catalog
from tinyml_core.analysis.layer_errors import (
    LayerCurve,
    LayerError,
    LayerErrors,
    decibels,
    guilty,
    layer_errors,
    share_words,
)
from tinyml_core.analysis.layer_points import labels, paired, points, without_simulated_rounding
from tinyml_core.compare.layer_advice import EVERYWHERE, advise
from tinyml_core.compress import techniques
from tinyml_core.domain.outcome import Failure
from tinyml_core.domain.technique import Job
from tinyml_core.measure import litert
from tinyml_core.measure.tflite import parse
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.graph import inquire

if TYPE_CHECKING:
    from tests.conftest import Lab

PATIENCE_S = 500


def found(lab: Lab, model: str, technique: str) -> LayerErrors:
    """The layers of a variant, compared."""
    job = Job(model, catalog.models()[model].default_dataset, technique)
    answer = inquire(lab.desk, analyses.layer_errors(job)).found.result(PATIENCE_S)
    assert isinstance(answer, LayerErrors), answer
    return answer


def output_db(errors: LayerErrors) -> float:
    """The signal-to-noise ratio of the output."""
    ratio = errors.own.layers[-1].snr_db
    assert ratio is not None
    return ratio


def layer(snr_db: float | None, *sources: int, **changes: object) -> LayerError:
    """A layer made by hand."""
    known = {"layer": "dense", "operator": "FULLY_CONNECTED", "dtype": "int8", "cosine": 1.0, "worst_steps": None}
    worst = 0.0 if snr_db is None else 1.0
    return LayerError(**known | {"snr_db": snr_db, "worst": worst, "sources": sources} | changes)  # type: ignore[arg-type]


def test_float32_has_no_error_against_itself(lab: Lab) -> None:
    curve = found(lab, "digits", "float32").own
    assert [each.layer for each in curve.layers] == ["input", "conv2d", "conv2d_1", "max_pooling2d", "dense", "dense_1"]
    assert all(each.exact and each.snr_db is None and each.cosine == 1 for each in curve.layers)
    assert guilty(curve) is None and decibels(curve.layers[-1]) == "no error"


def test_the_error_of_int8_lies_between_that_of_16x8_and_that_of_4_bit_weights(lab: Lab) -> None:
    assert (
        output_db(found(lab, "digits", "int16x8"))
        > output_db(found(lab, "digits", "int8"))
        > output_db(found(lab, "digits", "lq_w4"))
    )


@pytest.mark.parametrize("technique", ["int8", "int8_float_io", "lq_int8", "float16", "dynamic", "lq_mixed", "lq_w8"])
def test_every_layer_of_a_variant_is_found_in_float32_by_name(technique: str, lab: Lab) -> None:
    curve = found(lab, "digits", technique).own
    assert len(curve.layers) == 6 and all(each.by_name for each in curve.layers)
    assert curve.unmatched == curve.missing == ()


def test_the_ratio_of_the_output_is_that_of_the_outputs_themselves(lab: Lab) -> None:
    arrays, errors = lab.arrays("digits"), found(lab, "digits", "int8")
    x = arrays.x[arrays.test[: errors.samples]]

    def outputs(technique: str) -> np.ndarray:
        stored, _, details = litert.run(lab.tflite("digits", technique), x, arrays.x_scale, reference_kernels=True)
        scale, zero = details["quantization"]
        return stored.astype(np.float64) if scale == 0 else (stored.astype(np.float64) - zero) * scale

    expected, actual = outputs("float32"), outputs("int8")
    by_hand = 10 * np.log10((expected**2).sum() / ((expected - actual) ** 2).sum())
    # Kernels may round a value on the border to another step.
    assert output_db(errors) == pytest.approx(by_hand, abs=0.1)
    assert errors.own.layers[-1].cosine == pytest.approx(
        (expected * actual).sum() / np.linalg.norm(expected) / np.linalg.norm(actual), abs=1e-5
    )


def test_weights_alone_leave_the_input_as_it_is_and_have_no_steps(lab: Lab) -> None:
    curve = found(lab, "digits", "lq_w4").own
    assert curve.layers[0].exact and curve.layers[0].operator == "INPUT"
    assert {each.worst_steps for each in curve.layers} == {None}
    assert [each.weights for each in curve.layers if each.weights] == ["int4"] * 4


@pytest.mark.slow
def test_a_trained_variant_is_nearer_to_its_own_weights_than_to_the_model_as_it_was(lab: Lab) -> None:
    for technique in ("prune50_int8", "cluster16_int8"):
        errors = found(lab, "digits", technique)
        assert errors.base is not None
        base_db = errors.base.layers[-1].snr_db
        assert base_db is not None and output_db(errors) > base_db


@pytest.mark.slow
def test_after_quantization_aware_training_the_rounding_it_simulated_is_taken_out_of_float32(lab: Lab) -> None:
    errors = found(lab, "digits", "qat_int8")
    assert errors.base is not None and errors.own.unmatched == errors.own.missing == ()
    assert errors.own.layers[1].layer == "conv2d" and errors.own.layers[1].by_name


@pytest.mark.slow
def test_a_packed_variant_is_compared_in_its_unpacked_form(lab: Lab) -> None:
    assert found(lab, "digits", "cluster16_int8_lut").own == found(lab, "digits", "cluster16_int8").own


@pytest.mark.slow
def test_a_student_is_compared_with_itself_alone(lab: Lab) -> None:
    assert found(lab, "digits", "small_int8").base is None


def test_without_data_made_up_inputs_are_taken_and_it_is_said(lab: Lab) -> None:
    errors = found(lab, "mlperf_kws", "int8")
    assert errors.synthetic and errors.own.layers[-1].layer == "softmax" and errors.own.unmatched == ()


def test_what_cannot_be_made_has_no_layers_to_compare(lab: Lab) -> None:
    answer = inquire(lab.desk, analyses.layer_errors(Job("mlperf_kws", "", "qat_int8"))).found.result(PATIENCE_S)
    assert isinstance(answer, Failure) and "no data set comes with" in answer.reason


def test_a_file_without_simulated_rounding_stays_as_it_is(lab: Lab) -> None:
    for technique in ("float32", "int8", "lq_mixed"):
        content = lab.tflite("digits", technique)
        assert without_simulated_rounding(content) is content


def test_layers_that_one_file_lacks_are_named(lab: Lab) -> None:
    content, other = lab.tflite("digits", "int8"), lab.tflite("sine", "float32")
    here, there = points(parse(content)), points(parse(other))
    pairs = paired(here, there)
    assert "conv2d" in {labels(here)[place] for place in range(len(here)) if place not in pairs}


def test_pairs_never_cross() -> None:
    operators = st.lists(st.sampled_from(["CONV_2D", "ADD", "MUL"]), max_size=8)

    @given(operators, operators)
    def check(first: list[str], second: list[str]) -> None:
        from tinyml_core.analysis.layer_points import Point

        variant, reference = (
            [Point(f"{name}{place}", name, place, (4,), "int8") for place, name in enumerate(names)]
            for names in (first, second)
        )
        found = sorted((place, other) for place, (other, _) in paired(variant, reference).items())
        assert [other for _, other in found] == sorted({other for _, other in found})
        assert all(variant[place].operator == reference[other].operator for place, other in found)

    check()


def test_a_file_with_another_input_is_refused_in_one_sentence(lab: Lab) -> None:
    from tinyml_core.engine.call import Expected

    with pytest.raises((Expected, ValueError)):
        layer_errors(lab.tflite("digits", "int8"), [lab.tflite("sine", "float32")], np.zeros((1, 1), np.float32), 1.0)


def test_blamed_is_the_layer_whose_ratio_falls_most_below_the_worst_that_it_reads() -> None:
    curve = LayerCurve((layer(None), layer(38, 0), layer(20, 1), layer(36, 0), layer(18, 2, 3)))
    culprit = guilty(curve)
    assert culprit is not None and culprit.place == 2 and culprit.drop_db == 18


def test_where_nothing_before_has_an_error_the_first_one_enters() -> None:
    begins, falls = guilty(LayerCurve((layer(None), layer(25, 0)))), guilty(LayerCurve((layer(46), layer(25, 0))))
    assert begins is not None and begins.first
    assert falls is not None and not falls.first


def test_what_is_too_small_to_hear_blames_nobody() -> None:
    assert guilty(LayerCurve((layer(None), layer(80, 0), layer(41, 1)))) is None
    assert guilty(LayerCurve(())) is None


@given(st.floats(-20, 120))
def test_a_ratio_in_words_is_the_number(snr_db: float) -> None:
    words = share_words(snr_db)
    share = (
        float(words.split()[3]) / 100 if "%" in words else 1 / float(words.split("1/")[1].split()[0].replace(",", ""))
    )
    assert share == pytest.approx(10 ** (-snr_db / 20), rel=0.06)


def advised(technique: str, model: str = "digits", **changes: object) -> dict[str, str]:
    """What is advised about a layer of a technique: the technique to take by what it is called."""
    member = techniques.technique(technique)
    return {one.what: one.technique for one in advise(layer(20, **changes), member, catalog.models()[model])}


def test_what_is_cut_off_asks_for_more_calibration_and_after_training_for_more_of_that() -> None:
    assert "More calibration samples" in advised("int8", clipped=0.05)
    assert "More calibration samples" not in advised("int8")
    assert "Train longer" in advised("qat_int8", clipped=0.05)


def test_a_range_hardly_used_asks_for_better_calibration() -> None:
    assert advised("int8", range_used=0.1)["Averaged ranges"] == "lq_int8_average"
    assert "Averaged ranges" not in advised("lq_int8_average", range_used=0.1)
    assert "Averaged ranges" not in advised("int8", range_used=0.9)


def test_one_scale_and_few_bits_ask_for_more_of_both() -> None:
    assert "A scale for each channel" in advised("int8", weights="int8", weight_scales=1)
    assert "A scale for each channel" not in advised("int8", weights="int8", weight_scales=16)
    assert advised("lq_w4", weights="int4", weight_scales=4, dtype="float32") == {"8 bits for its weights": "lq_w8"}


def test_a_layer_in_8_bits_may_be_kept_in_more_in_the_same_training_stage() -> None:
    assert advised("int8")["Keep the worst layer in float32"] == "lq_mixed"
    assert advised("prune50_int8")["Keep the worst layer in float32"] == "prune50_lq_mixed"


def test_nothing_is_advised_that_cannot_be_done() -> None:
    assert "Quantization-aware training" in advised("int8")
    assert "Quantization-aware training" not in advised("int8", model="mlperf_kws")
    for technique in ("qat_int8", "int8", "lq_mixed", "lq_w4", "float16", "dynamic"):
        for name in advised(technique, clipped=0.1, range_used=0.1, weights="int8", weight_scales=1).values():
            assert name != technique and (not name or techniques.technique(name))


def test_an_error_that_grows_everywhere_asks_for_finer_steps_everywhere() -> None:
    member, model = techniques.technique("prune50_int8"), catalog.models()["digits"]
    assert [one.technique for one in advise(layer(20), member, model, EVERYWHERE)] == ["prune50_int16x8"]
