"""How a reader of Keras files says no: one sentence on what was given, one on what to do."""

from __future__ import annotations

from typing import NoReturn

from tinyml_core.call import Expected
from tinyml_core.outcome import Failure

STAGE = "reading the model"
SHOWN_CHARACTERS = 60


def refuse(reason: str, advice: str = "", detail: str = "") -> NoReturn:
    """End the reading.

    Raises:
        Expected: Always; asking again would fail again.
    """
    raise Expected(Failure(stage=STAGE, reason=reason, advice=advice, detail=detail[:4000], lasting=True))


def damaged(what: str, error: Exception | None = None) -> NoReturn:
    """End the reading of a file that is not what it should be."""
    words = f"{type(error).__name__}: {error}" if error else ""
    refuse(
        f"{what} cannot be read: it is damaged or cut short.", "Save the model again, and bring the whole file.", words
    )


def shown(text: object) -> str:
    """A stranger's text for a sentence: short, on one line, without invisible characters."""
    words = " ".join(str(text).split())
    plain = "".join(character for character in words if character.isprintable())
    return plain if len(plain) <= SHOWN_CHARACTERS else f"{plain[:SHOWN_CHARACTERS]}…"
