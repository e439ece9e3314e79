"""TFLM and LiteRT give the same answers for the same file and inputs, from outputs that differ more than by rounding."""

from tinyml_core.outcome import Failure, MicroAgreement
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule

MOST_STEPS = 2.0
MOST_RELATIVE = 1e-4
MOST_RELATIVE_MIXED = 2 / 255
"""Where integer layers lie before a last one in float: two of their steps, of 255 over the whole range."""


def check(facts: Facts) -> str | None | NotApplicable:
    """No answer differs, but outputs by more than 2 steps (integer), 1e-4 relative (float) or two of 255 (mixed)."""
    agreement = facts.measured.micro.agreement
    if agreement is None:
        return NOT_APPLICABLE
    most = MOST_STEPS if agreement.unit == "steps" else MOST_RELATIVE_MIXED if _mixed(facts) else MOST_RELATIVE
    if agreement.equal_answers < agreement.samples or agreement.largest_difference <= most:
        return None
    return (
        f"TFLM and LiteRT (reference kernels) give the same {agreement.samples:,} answers; {largest_words(agreement)}. "
        "That is more than rounding alone explains."
    )


def largest_words(agreement: MicroAgreement) -> str:
    """How far outputs are apart: `the largest difference of an output is 1 step`."""
    found = f"{agreement.largest_difference:.3g}"
    unit = "(relative)" if agreement.unit != "steps" else "step" if found == "1" else "steps"
    return f"the largest difference of an output is {found} {unit}"


def _mixed(facts: Facts) -> bool:
    """True if some multiplications are done in integers and others in float."""
    inspection = facts.measured.inspection
    if isinstance(inspection, Failure):
        return False
    types = {operator.dtype for operator in inspection.work if operator.macs}
    return "float32" in types and len(types) > 1


RULE = Rule("micro_differs", "Small numeric differences", check)
