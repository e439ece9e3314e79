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
    return (
        f"It is {format_bytes(grown)} larger than float32. In so small a model the scales, zero points and extra operators "
        "outweigh what the weights save."
    )


RULE = Rule("size_grew", "The size grew", check)
