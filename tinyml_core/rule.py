"""What a warning is: a small rule with a code, checked against the facts of one variant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tinyml_core import catalog
from tinyml_core.outcome import Agreement, Measurement
from tinyml_core.values import Technique


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may look at.

    Attributes:
        technique: None for a file that somebody brought.
        measured: The variant.
        reference: float32 of the same model, if it was measured.
        agreement: The variant against float32, if both have a score.
    """

    technique: Technique | None
    measured: Measurement
    reference: Measurement | None
    agreement: Agreement | None


class NotApplicable:
    """The answer of a rule that has nothing to say about these facts."""


NOT_APPLICABLE: Final = NotApplicable()


@dataclass(frozen=True, slots=True)
class Rule:
    """One warning.

    Attributes:
        name: Its code in JSON and links.
        title: A few words.
        check: The sentence to show, None if all is well, or `NOT_APPLICABLE`.
    """

    name: str
    title: str
    check: Callable[[Facts], str | None | NotApplicable]


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning that a rule gave."""

    code: str
    title: str
    text: str


def rules() -> dict[str, Rule]:
    """All rules by code."""
    return catalog.discover("tinyml_core.rules", "RULE")


def warnings_of(facts: Facts) -> tuple[Warned, ...]:
    """What the rules have to say, in the order of their codes."""
    found = ((rule, rule.check(facts)) for rule in rules().values())
    return tuple(Warned(rule.name, rule.title, text) for rule, text in found if isinstance(text, str))
