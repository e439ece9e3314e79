"""TFLM and LiteRT give different answers for the same file and the same inputs."""

from tinyml_core.outcome import Failure
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule

MOST_STEPS = 2.0
MOST_RELATIVE = 1e-4
MOST_RELATIVE_MIXED = 2 / 255
"""Where integer layers lie before a last one in float: two of their steps, of 255 over the whole range."""


def check(facts: Facts) -> str | None | NotApplicable:
    """Any answer differs, or the outputs differ by more than 2 steps (integer), 1e-4 relative (float) or two of 255 (mixed)."""
    agreement = facts.measured.micro.agreement
    if agreement is None:
        return NOT_APPLICABLE
    most = MOST_STEPS if agreement.unit == "steps" else MOST_RELATIVE_MIXED if _mixed(facts) else MOST_RELATIVE
    different = agreement.samples - agreement.equal_answers
    if different == 0 and agreement.largest_difference <= most:
        return None
    return (
        f"TFLM and LiteRT (reference kernels) differ in {different} of {agreement.samples:,} answers; the largest difference "
        f"of an output is {agreement.largest_difference:.3g} {'steps' if agreement.unit == 'steps' else '(relative)'}. "
        "The score above is LiteRT's; on the board expect TFLM's."
    )


def _mixed(facts: Facts) -> bool:
    """True if some multiplications are done in integers and others in float."""
    inspection = facts.measured.inspection
    if isinstance(inspection, Failure):
        return False
    types = {operator.dtype for operator in inspection.work if operator.macs}
    return "float32" in types and len(types) > 1


RULE = Rule("micro_disagrees", "TFLM and LiteRT disagree", check)
