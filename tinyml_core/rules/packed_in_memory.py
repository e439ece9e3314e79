"""A packed file takes less flash and more working memory."""

from tinyml_core.measure.tflite_file import DECODE, STORED_BITS
from tinyml_core.metrics import format_bytes
from tinyml_core.outcome import Failure
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule


def check(facts: Facts) -> str | None | NotApplicable:
    """What the tables save in flash, and what unfolding them costs in the arena."""
    ours = facts.measured.inspection
    if isinstance(ours, Failure) or DECODE not in ours.operators:
        return NOT_APPLICABLE
    whole = sum(layer.elements * STORED_BITS[layer.dtype] // 8 for layer in ours.weight_layers)
    stored = sum(layer.stored_bytes for layer in ours.weight_layers)
    if stored >= whole:
        return None
    told = f"Packed, its weights take {format_bytes(stored)} of flash instead of {format_bytes(whole)}"
    told += "; in return TFLM unfolds the weights of a layer in working memory before it runs"
    arena = facts.measured.micro.arena_minimum_bytes
    before = facts.reference.micro.arena_minimum_bytes if facts.reference else None
    if arena and before:
        told += f": {format_bytes(arena)} of arena, against {format_bytes(before)} for float32"
    return f"{told}. How long that takes nobody has published."


RULE = Rule("packed_in_memory", "Less flash, more working memory", check)
