"""The variant takes more flash than float32."""

from tinyml_core.metrics import format_bytes
from tinyml_core.outcome import Failure
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule


def check(facts: Facts) -> str | None | NotApplicable:
    """Flash of this variant against float32's."""
    ours, reference = facts.measured.inspection, facts.reference
    if isinstance(ours, Failure) or reference is None or isinstance(reference.inspection, Failure):
        return NOT_APPLICABLE
    grown = ours.sizes.flash_bytes - reference.inspection.sizes.flash_bytes
    if grown <= 0:
        return None
    larger = f"It is {format_bytes(grown)} larger than float32."
    if facts.technique is not None and facts.technique.number_format == "lq_mixed":
        return f"{larger} The layers that were kept in float32 hold nearly all weights; what the others save is less than the scales."
    return f"{larger} In so small a model the scales, zero points and extra operators outweigh what the weights save."


RULE = Rule("size_grew", "The size grew", check)
