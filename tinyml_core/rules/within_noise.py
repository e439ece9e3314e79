"""A difference in score that chance alone explains."""

from tinyml_core.metrics import format_difference, format_score
from tinyml_core.outcome import Score
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule


def check(facts: Facts) -> str | None | NotApplicable:
    """The scores differ, but the paired test does not tell them apart."""
    score = facts.measured.score
    if facts.agreement is None or not isinstance(score, Score) or facts.agreement.difference == 0:
        return NOT_APPLICABLE
    if facts.agreement.beyond_chance:
        return None
    shown = format_difference(score.metric, facts.agreement.difference)
    return (
        f"The difference to float32 ({shown}, to {format_score(score.metric, score.value)}) is within noise: on {score.samples:,} "
        f"samples so uneven a change happens by chance in {100 * facts.agreement.p_value:.0f} of 100 cases."
    )


RULE = Rule("within_noise", "Difference within noise", check)
