"""The technique asks for smaller numbers, but the file holds none."""

from tinyml_core.outcome import Failure
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule

UNQUANTIZED = ("float32", "sparse32")
"""Number formats that ask for no smaller numbers."""

SMALL = {"int8", "int16", "uint8", "int4", "int2", "float16"}
MIXED = ("lq_mixed", "lq_mixed16")
"""Formats in which a person says how many layers are kept."""
BLOCKS = ("lq_w4b32", "lq_w2b32")
"""Formats that store weights in blocks."""


def check(facts: Facts) -> str | None | NotApplicable:
    """From the census of weight types: not one small weight although one was asked for."""
    inspection = facts.measured.inspection
    if facts.technique is None or facts.technique.number_format in UNQUANTIZED or isinstance(inspection, Failure):
        return NOT_APPLICABLE
    weights = inspection.weights_census
    if not weights or SMALL & weights.keys():
        return None
    total, types = sum(weights.values()), ", ".join(weights)
    found = (
        f"All {total} weight tensors are still {types}." if total > 1 else f"The only weight tensor is still {types}."
    )
    if facts.technique.number_format in BLOCKS:
        return f"{found} The LiteRT quantizer stores only fully connected layers in blocks, and this model has none."
    if facts.technique.number_format in MIXED:
        return f"{found} Every layer that the LiteRT quantizer knows was kept: keep fewer of them, under Settings."
    if facts.technique.number_format.startswith("lq_"):
        return f"{found} The LiteRT quantizer knows none of this model's operators in this number format."
    return (
        f"{found} The converter leaves tensors below 1,024 elements alone when it quantizes only weights; a full integer "
        "technique has no such limit."
    )


RULE = Rule("nothing_quantized", "Nothing was quantized", check)
