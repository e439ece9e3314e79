"""Some weights became smaller numbers, others did not."""

from tinyml_core.outcome import Failure
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule
from tinyml_core.rules.nothing_quantized import SMALL, UNQUANTIZED


def check(facts: Facts) -> str | None | NotApplicable:
    """From the census of weight types: small and float32 weights side by side."""
    inspection = facts.measured.inspection
    if facts.technique is None or facts.technique.number_format in UNQUANTIZED or isinstance(inspection, Failure):
        return NOT_APPLICABLE
    left = inspection.weights_census.get("float32", 0)
    total = sum(inspection.weights_census.values())
    if not left or not SMALL & inspection.weights_census.keys():
        return None
    return (
        f"Only {total - left} of {total} weight tensors were quantized; the converter leaves weights below 1,024 elements "
        "in float32 when it quantizes only weights."
    )


RULE = Rule("partly_quantized", "Only a part was quantized", check)
