"""What passes between reading a file of data and comparing it with the model: the data as it came, and what the model takes."""

from __future__ import annotations

from typing import NoReturn

from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Expected


def sizes(shape: tuple[int | None, ...]) -> str:
    """A shape as people write it: 28×28×1; `one number` for the shape of a single number."""
    return "×".join("?" if size is None else str(size) for size in shape) or "one number"


def counted(number: int, thing: str, things: str = "") -> str:
    """A number with its noun: `1 file`, `1,200 files`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def several(names: list[str], most: int = 3) -> str:
    """The first few of some names: `a, b, c and 4 more`."""
    told = ", ".join(names[:most])
    return told if len(names) <= most else f"{told} and {len(names) - most:,} more"


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
