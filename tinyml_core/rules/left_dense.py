"""Layers that a training stage could not prune or cluster."""

from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule


def check(facts: Facts) -> str | None | NotApplicable:
    """The layers with weights that the stage left as they were."""
    if facts.technique is None or facts.technique.training == "none":
        return NOT_APPLICABLE
    left = facts.measured.training.dense_layers
    if not left:
        return None
    names = ", ".join(left)
    return (
        f"Left with all their weights, because TensorFlow's tool cannot change layers of their kind or shape: {names}."
    )


RULE = Rule("left_dense", "Some layers were left as they were", check)
