"""TFLM turns integer weights back to float with the wrong scales."""

from tinyml_core.outcome import Failure
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule


def check(facts: Facts) -> str | None | NotApplicable:
    """Integer weights behind DEQUANTIZE operators, executed by TFLM, with answers that differ from LiteRT's."""
    inspection, agreement = facts.measured.inspection, facts.measured.micro.agreement
    if isinstance(inspection, Failure) or agreement is None:
        return NOT_APPLICABLE
    if not any(operator.dtype.startswith("int8 computed in float") for operator in inspection.work):
        return NOT_APPLICABLE
    if agreement.equal_answers == agreement.samples and agreement.largest_difference < 1e-4:
        return None
    return (
        "TFLM runs this file and computes wrong answers: its DEQUANTIZE operator takes the first channel's scale for all "
        "channels, without a word. On a microcontroller use full integer (int8), or 8-bit weights with one scale a tensor "
        "(lq_w8_tensor)."
    )


RULE = Rule("weights_dequantized", "TFLM computes with wrong scales", check)
