"""The score is no better than a guess that looks at no input."""

from tinyml_core.metrics import format_score, gain
from tinyml_core.outcome import Score
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule


def check(facts: Facts) -> str | None | NotApplicable:
    """The interval of the score reaches the score of a blind guess."""
    score = facts.measured.score
    if not isinstance(score, Score):
        return NOT_APPLICABLE
    # Of the two ends of the interval the worse one.
    worst, chance = min(gain(score.metric, end) for end in (score.low, score.high)), gain(score.metric, score.chance)
    if worst > chance:
        return None
    return (
        f"A score of {format_score(score.metric, score.value)} is no better than a blind guess "
        f"({format_score(score.metric, score.chance)}). Something is broken: look at the calibration and at the scale "
        "of the inputs."
    )


RULE = Rule("at_chance", "No better than chance", check)
