"""Some weights became smaller numbers, others did not."""

from tinyml_core.outcome import Failure
from tinyml_core.requantizing import layer_name
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule
from tinyml_core.rules.nothing_quantized import BLOCKS, SMALL, UNQUANTIZED

WHY = {
    "lq_mixed": "that is what mixed precision asks for: the layers that suffer most were kept in float32",
    "lq_w4": "the LiteRT quantizer has no 4-bit form for the others (depthwise convolutions)",
    "lq_w2": "the LiteRT quantizer has no form of 4 bits or fewer for the others (depthwise convolutions)",
} | dict.fromkeys(BLOCKS, "the LiteRT quantizer stores only fully connected layers in blocks")
"""By number format, why weights stay float32; the converter's reason where none is named."""
FEW = 5
"""More layers than these are not named."""
CONVERTER = "the converter leaves weights below 1,024 elements in float32 when it quantizes only weights"


def check(facts: Facts) -> str | None | NotApplicable:
    """From the census of weight types: small and float32 weights side by side."""
    inspection = facts.measured.inspection
    if facts.technique is None or facts.technique.number_format in UNQUANTIZED or isinstance(inspection, Failure):
        return NOT_APPLICABLE
    left = inspection.weights_census.get("float32", 0)
    total = sum(inspection.weights_census.values())
    if not left or not SMALL & inspection.weights_census.keys():
        return None
    names = dict.fromkeys(layer_name(layer.name) for layer in inspection.weight_layers if layer.dtype == "float32")
    still = f" (still float32: {', '.join(names)})" if 0 < len(names) <= FEW else ""
    why = WHY.get(facts.technique.number_format, CONVERTER)
    return f"{total - left} of {total} weight tensors {'was' if total - left == 1 else 'were'} quantized{still}; {why}."


RULE = Rule("partly_quantized", "Only a part was quantized", check)
