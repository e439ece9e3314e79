"""Zeros and shared values make the compressed file smaller, not the file and not the flash."""

from tinyml_core import catalog
from tinyml_core.inspection import Inspection
from tinyml_core.metrics import format_bytes
from tinyml_core.outcome import Failure
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule

MANY_ZEROS = 0.2
CLEARLY_SMALLER = 0.8
"""A plain int8 file of the zoo compresses to 85 or 90 %."""


def check(facts: Facts) -> str | None | NotApplicable:
    """A pruned or clustered, unpacked file that compresses well: what became smaller, and where that helps.

    Only a float32 file is set against float32: what int8 saves is not the merit of zeros.
    """
    technique, ours = facts.technique, facts.measured.inspection
    if technique is None or technique.training == "none" or technique.packing != "none" or isinstance(ours, Failure):
        return NOT_APPLICABLE
    clustered = catalog.stages()[technique.training].clustered and _few_values(ours)
    pruned = (ours.weight_zeros or 0) >= MANY_ZEROS
    if not (clustered or pruned):
        return NOT_APPLICABLE
    if ours.sizes.gzip_bytes > CLEARLY_SMALLER * ours.sizes.tflite_bytes:
        return None
    few = [f"{100 * (ours.weight_zeros or 0):.0f} % of its weights are zero"] if pruned else []
    few += ["its weights share a few values"] if clustered else []
    sizes = (
        f"{format_bytes(ours.sizes.gzip_bytes)} compressed (gzip), {format_bytes(ours.sizes.tflite_bytes)} as a file"
    )
    told = f"{' and '.join(few)}: {sizes}{_against(ours, facts)}."
    told = told[0].upper() + told[1:]
    packed = " unless it is packed" if clustered else ""
    return f"{told} That helps updates over the air and compressed storage; flash stays as it is{packed}."


def _few_values(inspection: Inspection) -> bool:
    """False if the largest layer was left as it was: its weights are not clustered, whatever the technique is called."""
    largest = max(inspection.weight_layers, key=lambda layer: layer.elements, default=None)
    return largest is None or largest.few_values


def _against(ours: Inspection, facts: Facts) -> str:
    unquantized = facts.technique is not None and facts.technique.number_format == "float32"
    if not unquantized or facts.reference is None or isinstance(facts.reference.inspection, Failure):
        return ""
    return f"; float32 compresses to {format_bytes(facts.reference.inspection.sizes.gzip_bytes)}"


RULE = Rule("zeros_compress", "Smaller only when compressed", check)
