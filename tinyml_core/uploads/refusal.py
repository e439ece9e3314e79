"""How a file that somebody brought is turned down: what was given, what was expected, what to do."""

from __future__ import annotations

from typing import NoReturn

from tinyml_core.call import Expected
from tinyml_core.outcome import Failure

STAGE = "reading the file"


def refused(reason: str, advice: str = "", detail: str = "") -> Expected:
    """To be raised: the file is not taken, and would not be if it came again."""
    return Expected(Failure(STAGE, reason, advice, lasting=True, detail=detail[:2000]))


def refuse(reason: str, advice: str = "", detail: str = "") -> NoReturn:
    """End the reading.

    Raises:
        Expected: Always; asking again would fail again.
    """
    raise refused(reason, advice, detail)


def damaged(what: str, error: Exception | None = None) -> NoReturn:
    """End the reading of a file that is not what it should be."""
    words = f"{type(error).__name__}: {error}" if error else ""
    refuse(
        f"{what} cannot be read: it is damaged or cut short.", "Save the model again, and bring the whole file.", words
    )


def bare(text: object, longest: int = 60) -> str:
    """A stranger's text inside a sentence that quotes it itself: short, on one line, without invisible characters."""
    words = "".join(character for character in " ".join(str(text).split()) if character.isprintable())
    return words if len(words) <= longest else f"{words[:longest]}…"


def shown(name: str, longest: int = 80) -> str:
    """A name out of a stranger's file as a sentence may hold it: short, in quotes, nothing in it but what can be seen."""
    visible = "".join(character if character.isprintable() else "?" for character in name)
    return f"“{visible if len(visible) <= longest else visible[: longest - 1] + '…'}”"
