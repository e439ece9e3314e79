"""TFLM and LiteRT give different answers for the same file and the same inputs."""

from tinyml_core.outcome import Score
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule
from tinyml_core.rules.micro_differs import largest_words


def check(facts: Facts) -> str | None | NotApplicable:
    """Any answer differs."""
    agreement = facts.measured.micro.agreement
    if agreement is None:
        return NOT_APPLICABLE
    different = agreement.samples - agreement.equal_answers
    if different == 0:
        return None
    scored = "The score above is LiteRT's; on" if isinstance(facts.measured.score, Score) else "On"
    return (
        f"TFLM and LiteRT (reference kernels) differ in {different} of {agreement.samples:,} answers; "
        f"{largest_words(agreement)}. {scored} the board expect TFLM's."
    )


RULE = Rule("micro_disagrees", "TFLM and LiteRT disagree", check)
