"""The weights lie behind the flatbuffer, where TFLM does not look."""

from tinyml_core.outcome import Failure
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule


def check(facts: Facts) -> str | None | NotApplicable:
    """The file keeps weights outside of its flatbuffer, as the LiteRT quantizer does from 256 KB of them on."""
    inspection = facts.measured.inspection
    if isinstance(inspection, Failure):
        return NOT_APPLICABLE
    if not inspection.external_weights:
        return None
    return (
        "The weights of this file lie behind its flatbuffer. LiteRT reads them there; TFLM does not, takes them for "
        "activations and computes with whatever lies in its arena, without a word. Write the file with all weights inside: "
        "the LiteRT quantizer does so below 256 KB, and this lab always."
    )


RULE = Rule("external_weights", "TFLM does not find the weights", check)
