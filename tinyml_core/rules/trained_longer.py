"""A gain that may come from training on, not from the technique."""

from tinyml_core.metrics import gain
from tinyml_core.outcome import Score
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule
from tinyml_core.score_words import is_error


def check(facts: Facts) -> str | NotApplicable | None:
    """The technique trains, and its score is better beyond chance than that of float32, which was not trained on."""
    score = facts.measured.score
    if facts.technique is None or facts.technique.training == "none" or facts.agreement is None:
        return NOT_APPLICABLE
    if not isinstance(score, Score):
        return NOT_APPLICABLE
    if gain(score.metric, facts.agreement.difference) <= 0 or not facts.agreement.beyond_chance:
        return None
    gained = "Its error is smaller than float32's" if is_error(score.metric) else "It scores higher than float32"
    return (
        f"{gained}, but it was also trained for more epochs than float32 was. The gain may come from "
        "training on, not from the technique."
    )


RULE = Rule("trained_longer", "It was trained longer", check)
