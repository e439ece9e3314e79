"""What every rule must keep: it detects, it stays silent when all is well, and it says when it does not apply."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tinyml_core.compare.rules import NOT_APPLICABLE, RULES, Facts, Rule, warnings_of
from tinyml_core.compress import techniques
from tinyml_core.domain.inspection import OperatorWork, Sizes, WeightLayer
from tinyml_core.domain.outcome import Failure, MicroAgreement
from tinyml_core.domain.technique import Technique

if TYPE_CHECKING:
    from tests.conftest import Made

BY_CODE = {rule.name: rule for rule in RULES}
INT8, FLOAT32, QAT = (techniques.techniques()[name] for name in ("int8", "float32", "qat_int8"))
PRUNED, CLUSTERED = (techniques.techniques()[name] for name in ("prune50_int8", "cluster16_int8"))
PACKED = techniques.techniques()["cluster16_int8_lut"]
MIXED, BLOCKS, W4, CONV4 = (
    techniques.techniques()[name] for name in ("lq_mixed", "lq_w4b32", "lq_w4", "lq_int8_conv4")
)
UNREADABLE = Failure("reading the file", "It cannot be read.")
STEPS, RELATIVE = "steps", "relative"


class Case(NamedTuple):
    """Facts, and what a rule says of them: words of its sentence, `fine`, or `not applicable`."""

    rule: str
    name: str
    facts: Callable[[Made], Facts]
    says: str


def alone(made: Made, **changes: object) -> Facts:
    """An int8 variant without anything to compare it with."""
    return Facts(INT8, made.measurement(**changes), None, None)  # type: ignore[arg-type]


def weights(made: Made, **counts: int) -> Facts:
    """An int8 variant with weights of these types."""
    return alone(made, inspection=made.inspection(weights_census=counts))


def written(made: Made, technique: Technique, **counts: int) -> Facts:
    """A variant of a technique with weights of these types."""
    return Facts(technique, made.measurement(inspection=made.inspection(weights_census=counts)), None, None)


def dequantized(made: Made, equal: int, dtype: str = "int8 computed in float32", largest: float = 0.5) -> Facts:
    """A file whose weights are turned back to float, on TFLM and on LiteRT."""
    operator = OperatorWork("CONV_2D", "conv", dtype, 9, 1, 9, 1, 1, 0, (3, 3), (1, 8, 8, 1), (1, 8, 8, 1))
    micro = made.runs(agreement=MicroAgreement(equal, 100, largest, "relative"))
    return alone(made, inspection=made.inspection(work=(operator,)), micro=micro)


def ends(made: Made, given: str, back: str, *operators: str, output_step: float | None = 0.5) -> Facts:
    """A file with these types at its ends and these operators."""
    return alone(
        made,
        inspection=made.inspection(
            operators=operators, inputs=(made.tensor(given),), outputs=(made.tensor(back),), output_step=output_step
        ),
    )


def agreed(made: Made, equal: int, largest: float, unit: str) -> Facts:
    """An int8 variant for which TFLM and LiteRT were compared on 100 samples."""
    return alone(made, micro=made.runs(agreement=MicroAgreement(equal, 100, largest, unit)))  # type: ignore[arg-type]


def against(made: Made, flash_bytes: int, reference_bytes: int) -> Facts:
    """A variant beside float32, by flash."""
    return Facts(INT8, made.measurement(flash_bytes), made.measurement(reference_bytes), None)


def differing(made: Made, difference: float, p_value: float) -> Facts:
    """A variant whose score differs from float32's."""
    agreement = made.agreement(difference=difference, p_value=p_value)
    return Facts(INT8, made.measurement(accuracy=0.9), made.measurement(), agreement)


def trained(made: Made, difference: float, metric: str = "accuracy", p_value: float = 0.01) -> Facts:
    """A variant that was trained on, and differs from float32 by that much."""
    measured = made.measurement(score=made.score(metric=metric))
    return Facts(QAT, measured, made.measurement(), made.agreement(difference=difference, p_value=p_value))


def mixed(made: Made, largest: float) -> Facts:
    """An int8 variant whose last layer computes in float, and how far TFLM and LiteRT are apart."""
    work = tuple(
        OperatorWork("FULLY_CONNECTED", "fully connected", dtype, 80, 10, 80, 8, 10, 0, None, (1, 8), (1, 10))
        for dtype in ("int8", "float32")
    )
    agreement = MicroAgreement(100, 100, largest, "relative")
    return alone(made, inspection=made.inspection(work=work), micro=made.runs(agreement=agreement))


def error_score(made: Made, value: float, high: float, chance: float) -> Facts:
    """A regression's variant."""
    score = made.score(metric="mean_absolute_error", value=value, low=0.0, high=high, chance=chance)
    return alone(made, score=score)


def beside_float32(made: Made, accuracy: float, low: float) -> Facts:
    """An int8 variant at chance beside a float32 of this accuracy."""
    at_chance = made.measurement(score=made.score(0.11, low=0.08))
    return Facts(INT8, at_chance, made.measurement(score=made.score(accuracy, low=low)), None)


def float32_itself(made: Made, accuracy: float, low: float) -> Facts:
    """Float32 of this accuracy."""
    measured = made.measurement(score=made.score(accuracy, low=low))
    return Facts(FLOAT32, measured, measured, None)


def smaller(made: Made, technique: Technique, gzip_bytes: int, **changes: object) -> Facts:
    """A file of 1,000 bytes that compresses to so many."""
    inspection = made.inspection(sizes=Sizes(1000, gzip_bytes, 6000, 1008), **changes)
    return Facts(technique, made.measurement(inspection=inspection), made.measurement(4000), None)


def packed(made: Made, stored_bytes: int) -> Facts:
    """A packed file of one layer with 1,000 weights."""
    layer = WeightLayer("dense", (10, 100), "int8", 1000, 0, 16, 16, stored_bytes)
    inspection = made.inspection(operators=("TFLM_DECODE", "FULLY_CONNECTED"), weight_layers=(layer,))
    return Facts(PACKED, made.measurement(inspection=inspection), made.measurement(), None)


CASES = [
    Case("at_chance", "an accuracy whose interval reaches the guess", lambda m: alone(m, score=m.score(0.11, low=0.08)), "11.0 %"),
    Case("at_chance", "an error whose interval reaches the guess", lambda m: error_score(m, 0.6, 0.7, 0.64), "0.6000"),
    Case("at_chance", "an accuracy that only this way lost", lambda m: beside_float32(m, 0.97, 0.9), "Float32 reaches 97.0 %"),
    Case("at_chance", "an accuracy that float32 has not either", lambda m: beside_float32(m, 0.11, 0.08), "no better, so neither"),
    Case("at_chance", "float32 itself at the guess", lambda m: float32_itself(m, 0.11, 0.08), "not as in its training"),
    Case("at_chance", "an accuracy far above the guess", lambda m: alone(m, score=m.score(0.97)), "fine"),
    Case("at_chance", "an error far below the guess", lambda m: error_score(m, 0.02, 0.03, 0.64), "fine"),
    Case("at_chance", "an area whose interval reaches the guess",
         lambda m: alone(m, score=m.score(0.55, metric="roc_auc", low=0.45, chance=0.5)), "0.550"),
    Case("at_chance", "an area far above the guess",
         lambda m: alone(m, score=m.score(0.95, metric="roc_auc", low=0.9, chance=0.5)), "fine"),
    Case("at_chance", "no score", lambda m: alone(m, score=None), "not applicable"),
    Case("at_chance", "a score that failed", lambda m: alone(m, score=UNREADABLE), "not applicable"),
    Case("float_io", "float at both ends", lambda m: ends(m, "float32", "float32", "QUANTIZE", "CONV_2D", "DEQUANTIZE"),
         "The input and output stayed float"),
    Case("float_io", "a float input", lambda m: ends(m, "float32", "int8", "QUANTIZE", "CONV_2D"), "The input stayed float"),
    Case("float_io", "a float output", lambda m: ends(m, "int8", "float32", "CONV_2D", "DEQUANTIZE"), "The output stayed float"),
    Case("float_io", "integer ends and a rescaling inside", lambda m: ends(m, "int8", "int8", "QUANTIZE", "ADD"), "fine"),
    Case("float_io", "float16 weights behind DEQUANTIZE",
         lambda m: ends(m, "float32", "float32", "DEQUANTIZE", "CONV_2D", output_step=None), "not applicable"),
    Case("float_io", "a float layer at the end", lambda m: ends(m, "int8", "float32", "CONV_2D", "DEQUANTIZE", output_step=None),
         "The output stayed float"),
    Case("float_io", "no weight was quantized",
         lambda m: alone(m, inspection=m.inspection(operators=("QUANTIZE",), weights_census={"float32": 3})), "not applicable"),
    Case("float_io", "a float model", lambda m: ends(m, "float32", "float32", "CONV_2D", output_step=None), "not applicable"),
    Case("float_io", "an unreadable file", lambda m: alone(m, inspection=UNREADABLE), "not applicable"),
    Case("micro_disagrees", "one other answer", lambda m: agreed(m, 99, 1, STEPS), "1 of 100 answers"),
    Case("micro_disagrees", "one other answer of a scored model", lambda m: agreed(m, 99, 1, STEPS), "1 step. The score above"),
    Case("micro_disagrees", "one other answer without a score",
         lambda m: alone(m, score=None, micro=m.runs(agreement=MicroAgreement(99, 100, 1, STEPS))), "1 step. On the board"),
    Case("micro_disagrees", "numbers alone are another rule's", lambda m: agreed(m, 100, 3, STEPS), "fine"),
    Case("micro_disagrees", "TFLM refused", lambda m: alone(m, micro=m.refused()), "not applicable"),
    Case("micro_differs", "a difference over two steps", lambda m: agreed(m, 100, 3, STEPS), "3 steps"),
    Case("micro_differs", "a float difference over 1e-4", lambda m: agreed(m, 100, 2e-4, RELATIVE), "0.0002 (relative)"),
    Case("micro_differs", "integers before a float layer", lambda m: mixed(m, 0.005), "fine"),
    Case("micro_differs", "three steps before a float layer", lambda m: mixed(m, 0.012), "0.012"),
    Case("micro_differs", "two steps and equal answers", lambda m: agreed(m, 100, 2, STEPS), "fine"),
    Case("micro_differs", "rounding of floats", lambda m: agreed(m, 100, 1e-6, RELATIVE), "fine"),
    Case("micro_differs", "other answers are another rule's", lambda m: agreed(m, 99, 3, STEPS), "fine"),
    Case("micro_differs", "TFLM refused", lambda m: alone(m, micro=m.refused()), "not applicable"),
    Case("nothing_quantized", "only float32 weights", lambda m: weights(m, float32=3), "All 3 weight tensors"),
    Case("nothing_quantized", "the only weights", lambda m: weights(m, float32=1), "The only weight tensor is"),
    Case("nothing_quantized", "some small weights", lambda m: weights(m, float32=1, int8=2), "fine"),
    Case("nothing_quantized", "no weights at all", weights, "fine"),
    Case("nothing_quantized", "float32 asked for none", lambda m: Facts(FLOAT32, m.measurement(), None, None), "not applicable"),
    Case("nothing_quantized", "nobody knows what was asked", lambda m: Facts(None, m.measurement(), None, None), "not applicable"),
    Case("nothing_quantized", "an unreadable file", lambda m: alone(m, inspection=UNREADABLE), "not applicable"),
    Case("partly_quantized", "small and float32 weights", lambda m: weights(m, float32=1, int8=2), "2 of 3 weight tensors were"),
    Case("partly_quantized", "small weights only", lambda m: weights(m, int8=3), "fine"),
    Case("partly_quantized", "nothing quantized is another rule's", lambda m: weights(m, float32=3), "fine"),
    Case("partly_quantized", "float32 asked for none", lambda m: Facts(FLOAT32, m.measurement(), None, None), "not applicable"),
    Case("partly_quantized", "an unreadable file", lambda m: alone(m, inspection=UNREADABLE), "not applicable"),
    Case("zeros_compress", "half of the weights are zero", lambda m: smaller(m, PRUNED, 600, weight_zeros=0.5),
         "50 % of its weights are zero"),
    Case("zeros_compress", "few values are left", lambda m: smaller(m, CLUSTERED, 600), "unless it is packed"),
    Case("zeros_compress", "zeros that do not compress", lambda m: smaller(m, PRUNED, 900, weight_zeros=0.5), "fine"),
    Case("zeros_compress", "no zeros and no shared values", lambda m: smaller(m, QAT, 600), "not applicable"),
    Case("zeros_compress", "packed already", lambda m: smaller(m, PACKED, 600), "not applicable"),
    Case("zeros_compress", "nothing was trained", lambda m: smaller(m, INT8, 600, weight_zeros=0.5), "not applicable"),
    Case("packed_in_memory", "tables smaller than weights", lambda m: packed(m, 500), "500 B of flash instead of 1000 B"),
    Case("packed_in_memory", "tables as large as weights", lambda m: packed(m, 1000), "fine"),
    Case("packed_in_memory", "no tables", alone, "not applicable"),
    Case("packed_in_memory", "an unreadable file", lambda m: alone(m, inspection=UNREADABLE), "not applicable"),
    Case("nothing_quantized", "no layer that is stored in blocks", lambda m: written(m, BLOCKS, float32=3), "only fully connected"),
    Case("nothing_quantized", "operators the quantizer does not know", lambda m: written(m, W4, float32=3), "knows none"),
    Case("nothing_quantized", "mixed precision that keeps every layer", lambda m: written(m, MIXED, float32=3), "keep fewer"),
    Case("none_of_that_width", "a model without convolutions", lambda m: written(m, CONV4, int8=3), "No weight of this file is int4"),
    Case("none_of_that_width", "4-bit convolutions", lambda m: written(m, CONV4, int8=1, int4=2), "fine"),
    Case("none_of_that_width", "nothing is small, which another rule says", lambda m: written(m, W4, float32=3), "fine"),
    Case("none_of_that_width", "a format that promises no width", lambda m: weights(m, int8=3), "not applicable"),
    Case("nothing_quantized", "two-bit weights are small", lambda m: written(m, BLOCKS, int2=1), "fine"),
    Case("partly_quantized", "layers kept on purpose", lambda m: written(m, MIXED, float32=1, int8=2), "what mixed precision asks"),
    Case("partly_quantized", "blocks", lambda m: written(m, BLOCKS, float32=9, int4=1), "only fully connected layers in blocks"),
    Case("partly_quantized", "no 4-bit depthwise convolution", lambda m: written(m, W4, float32=4, int4=6), "depthwise"),
    Case("scales_weigh", "many channels with few weights each",
         lambda m: alone(m, inspection=m.inspection(1600, scale_bytes=400)), "25 %"),
    Case("scales_weigh", "few scales", lambda m: alone(m, inspection=m.inspection(1600, scale_bytes=100)), "fine"),
    Case("scales_weigh", "nothing quantized", alone, "not applicable"),
    Case("scales_weigh", "an unreadable file", lambda m: alone(m, inspection=UNREADABLE), "not applicable"),
    Case("external_weights", "weights behind the flatbuffer",
         lambda m: alone(m, inspection=m.inspection(external_weights=True)), "behind its flatbuffer"),
    Case("external_weights", "weights inside", alone, "fine"),
    Case("external_weights", "an unreadable file", lambda m: alone(m, inspection=UNREADABLE), "not applicable"),
    Case("weights_dequantized", "other answers on TFLM", lambda m: dequantized(m, 90), "first channel's scale"),
    Case("weights_dequantized", "the same answers", lambda m: dequantized(m, 100, largest=0.0), "fine"),
    Case("weights_dequantized", "integer arithmetic", lambda m: dequantized(m, 90, "int8"), "not applicable"),
    Case("weights_dequantized", "TFLM refused", lambda m: alone(m, micro=m.refused()), "not applicable"),
    Case("weights_dequantized", "an unreadable file",
         lambda m: alone(m, inspection=UNREADABLE, micro=m.runs(agreement=MicroAgreement(90, 100, 0.5, "relative"))), "not applicable"),
    Case("size_grew", "kept layers that hold nearly all weights",
         lambda m: Facts(MIXED, m.measurement(2048), m.measurement(1024), None), "kept in float32"),
    Case("size_grew", "more flash than float32", lambda m: against(m, 3072, 1024), "2.0 KB larger"),
    Case("size_grew", "less flash than float32", lambda m: against(m, 1024, 3072), "fine"),
    Case("size_grew", "as much flash as float32", lambda m: against(m, 1024, 1024), "fine"),
    Case("size_grew", "no float32 to compare with", alone, "not applicable"),
    Case("size_grew", "an unreadable file", lambda m: alone(m, inspection=UNREADABLE), "not applicable"),
    Case("within_noise", "a loss that chance explains", lambda m: differing(m, -0.01, 0.25), "-1.0 points"),
    Case("within_noise", "a gain that chance explains", lambda m: differing(m, 0.02, 0.6), "+2.0 points"),
    Case("within_noise", "a loss beyond chance", lambda m: differing(m, -0.3, 0.001), "fine"),
    Case("within_noise", "no difference", lambda m: differing(m, 0.0, 1.0), "not applicable"),
    Case("within_noise", "nothing to compare with", alone, "not applicable"),
    Case("trained_longer", "a gain after training on", lambda m: trained(m, 0.02), "scores higher than float32"),
    Case("trained_longer", "a smaller error after training on", lambda m: trained(m, -0.02, "mean_absolute_error"), "training on"),
    Case("trained_longer", "a larger area after training on", lambda m: trained(m, 0.02, "roc_auc"), "training on"),
    Case("trained_longer", "a gain within noise is another rule's", lambda m: trained(m, 0.02, p_value=0.4), "fine"),
    Case("trained_longer", "a loss after training on", lambda m: trained(m, -0.02), "fine"),
    Case("trained_longer", "a larger error after training on", lambda m: trained(m, 0.02, "mean_absolute_error"), "fine"),
    Case("trained_longer", "no training at all", lambda m: differing(m, 0.02, 0.6), "not applicable"),
    Case("trained_longer", "nothing to compare with", lambda m: Facts(QAT, m.measurement(), None, None), "not applicable"),
    Case("trained_longer", "a score that failed",
         lambda m: Facts(QAT, m.measurement(score=UNREADABLE), None, m.agreement()), "not applicable"),
]  # fmt: skip

each = pytest.mark.parametrize("rule", RULES, ids=list(BY_CODE))


def test_every_rule_is_the_function_of_its_code_and_they_stand_in_the_order_of_codes() -> None:
    assert [rule.check.__name__ for rule in RULES] == list(BY_CODE)
    assert list(BY_CODE) == sorted({rule.name for rule in RULES})
    assert len(BY_CODE) == len(RULES)


@each
def test_has_a_title_and_is_tried_in_all_three_ways(rule: Rule) -> None:
    assert rule.title
    says = {case.says for case in CASES if case.rule == rule.name}
    assert {"fine", "not applicable"} < says, "give a case where it detects, one that is fine, one that does not apply"


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule}-{case.name}" for case in CASES])
def test_rule_says_what_it_should(case: Case, made: Made) -> None:
    told = BY_CODE[case.rule].check(case.facts(made))
    if case.says == "not applicable":
        assert told is NOT_APPLICABLE
    elif case.says == "fine":
        assert told is None
    else:
        assert isinstance(told, str)
        assert case.says in told
        assert told.endswith(".")


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule}-{case.name}" for case in CASES])
def test_a_warning_appears_exactly_where_its_rule_detects(case: Case, made: Made) -> None:
    warned = {warning.code: warning for warning in warnings_of(case.facts(made))}
    assert (case.rule in warned) == (case.says not in ("fine", "not applicable"))
    assert all(warning.title == BY_CODE[code].title for code, warning in warned.items())


def test_a_variant_that_is_well_has_no_warning(made: Made) -> None:
    facts = Facts(INT8, made.measurement(1000), made.measurement(4000), made.agreement(difference=0.0))
    assert warnings_of(facts) == ()
