"""A difference in score that chance alone explains."""

from tinyml_core.metrics import format_difference, format_score
from tinyml_core.outcome import Score
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule

TESTS = {
    "accuracy": "McNemar's exact test",
    "mean_absolute_error": "a paired randomisation test",
    "roc_auc": "DeLong's paired test",
}


def check(facts: Facts) -> str | None | NotApplicable:
    """The scores differ, but the paired test does not tell them apart."""
    score = facts.measured.score
    agreement = facts.agreement
    if agreement is None or not isinstance(score, Score) or not agreement.changed or agreement.difference == 0:
        return NOT_APPLICABLE
    if agreement.beyond_chance:
        return None
    shown = format_difference(score.metric, agreement.difference)
    often = round(100 * agreement.p_value)
    chance = f"in {often} of 100 cases" if often < 100 else "nearly always"
    return (
        f"The difference to float32 ({shown}, to {format_score(score.metric, score.value)}) is within noise: {TESTS[score.metric]} "
        f"on {score.samples:,} samples says that so uneven a change happens by chance {chance}."
    )


RULE = Rule("within_noise", "Difference within noise", check)
