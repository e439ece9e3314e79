"""How a file that somebody brought is turned down: what was given, what was expected, what to do."""

from __future__ import annotations

from tinyml_core.call import Expected
from tinyml_core.outcome import Failure

STAGE = "reading the file"


def refused(reason: str, advice: str = "", detail: str = "") -> Expected:
    """To be raised: the file is not taken, and would not be if it came again."""
    return Expected(Failure(STAGE, reason, advice, lasting=True, detail=detail[:2000]))


def shown(name: str, longest: int = 80) -> str:
    """A name out of a stranger's file as a sentence may hold it: short, in quotes, nothing in it but what can be seen."""
    visible = "".join(character if character.isprintable() else "?" for character in name)
    return f"“{visible if len(visible) <= longest else visible[: longest - 1] + '…'}”"
