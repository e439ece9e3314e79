"""A format promises weights of few bits, and the file holds none of them."""

from tinyml_core.outcome import Failure
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule
from tinyml_core.rules.nothing_quantized import SMALL

PROMISED = {
    "lq_int8_conv4": ("int4", "Only convolutions take 4 bits here, and the model has none (or depthwise ones alone)"),
    "lq_w4": ("int4", "The LiteRT quantizer has no 4-bit form of these layers"),
}
"""By number format, the type that it promises and why there may be none."""


def check(facts: Facts) -> str | None | NotApplicable:
    """From the census of weight types: small weights, but not one of the promised type."""
    inspection = facts.measured.inspection
    if facts.technique is None or facts.technique.number_format not in PROMISED or isinstance(inspection, Failure):
        return NOT_APPLICABLE
    promised, why = PROMISED[facts.technique.number_format]
    found = SMALL & inspection.weights_census.keys()
    if not found or promised in found:
        return None
    return f"No weight of this file is {promised}; they are {', '.join(sorted(found))}. {why}."


RULE = Rule("none_of_that_width", "No weights of the promised width", check)
