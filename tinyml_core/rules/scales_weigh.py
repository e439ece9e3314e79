"""Scales and zero points, one for each output channel, that take much of the file."""

from tinyml_core.metrics import format_bytes
from tinyml_core.outcome import Failure
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule

MUCH = 0.15
"""Share of the file from which it is worth a word."""


def check(facts: Facts) -> str | None | NotApplicable:
    """How much of a quantized file is no weights but scales."""
    inspection = facts.measured.inspection
    if isinstance(inspection, Failure) or not inspection.scale_bytes:
        return NOT_APPLICABLE
    share = inspection.scale_bytes / inspection.sizes.tflite_bytes
    if share < MUCH:
        return None
    return (
        f"{format_bytes(inspection.scale_bytes)} of this file ({100 * share:.0f} %) are no weights but scales and zero points: one "
        "for each output channel, and once more for each bias. A file with one for each layer is smaller for that reason alone, "
        "and so is its working memory."
    )


RULE = Rule("scales_weigh", "Scales take much of the file", check)
