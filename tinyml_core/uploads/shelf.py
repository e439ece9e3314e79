"""Where what people bring lies on disk: each by content, its card beside it; removed when nobody has used it for long."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import cattrs

from tinyml_core import fingerprint
from tinyml_core.call import Blob
from tinyml_core.store import default_folder
from tinyml_core.uploads.card import DATA_PREFIX, MODEL_PREFIX, BroughtData, BroughtModel
from tinyml_core.whole_file import write_whole

VARIABLE = "TINYML_UPLOADS"
UNUSED_DAYS = 7.0
"""What nobody has looked at for so long is removed (`TINYML_UPLOADS_DAYS`)."""
LIMIT_BYTES = 2 * 1024**3
"""All that was brought together takes no more than this on disk (`TINYML_UPLOADS_LIMIT_MB`); the least recently used goes first."""
NAME = re.compile(rf"({MODEL_PREFIX}|{DATA_PREFIX})[0-9a-f]{{16}}")

Card = TypeVar("Card", BroughtModel, BroughtData)


def shelf_folder() -> Path:
    """Where the environment says (`TINYML_UPLOADS`), or a folder in the store's."""
    return Path(os.environ.get(VARIABLE) or default_folder() / "uploads")


class Shelf:
    """Cards and files by name. A name is a hash, so the same thing brought twice lies there once.

    Where several machines share a shelf, another processor may make a file of the same upload whose last digits differ. So
    each file has its content in its name: the card that was written last counts, and whoever still has another one finds
    the bytes that belong to it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Open a shelf; its folder is made with the first write."""
        self.folder = folder or shelf_folder()

    def keep(self, card: BroughtModel | BroughtData, files: Mapping[str, Blob]) -> None:
        """Put something on the shelf.

        Args:
            card: What it is.
            files: Its bytes, by the names that the card has hashes for.

        Raises:
            OSError: The disk is full, or the folder cannot be written.
        """
        self.tidy()
        place = self.folder / card.name
        for name, sha256 in card.blobs.items():
            assert files[name].sha256 == sha256, name  # of this very card, whatever lies there already
            write_whole(self._file(card, name), files[name].read())
        # Last: what has a card is whole.
        write_whole(place / "card.json", json.dumps(cattrs.unstructure(card)).encode())

    def model(self, name: str) -> BroughtModel | None:
        """The card of a model; None if it was never brought here, or forgotten."""
        return self._card(name, MODEL_PREFIX, BroughtModel)

    def data(self, name: str) -> BroughtData | None:
        """The card of data; None if they were never brought here, or forgotten."""
        return self._card(name, DATA_PREFIX, BroughtData)

    def _card(self, name: str, prefix: str, kind: type[Card]) -> Card | None:
        if not name.startswith(prefix) or not NAME.fullmatch(name):
            return None
        path = self.folder / name / "card.json"
        try:
            card = cattrs.structure(json.loads(path.read_bytes()), kind)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, cattrs.BaseValidationError):
            return None  # damaged, or of an older version: as if it were not there
        with contextlib.suppress(OSError):
            os.utime(path)
        return card

    def blob(self, card: BroughtModel | BroughtData, name: str) -> Blob | None:
        """One of its files; None if it has none of that name, or it is gone."""
        if name not in card.blobs:
            return None
        path = self._file(card, name)
        return Blob(card.blobs[name], path=str(path), origin=card.name) if path.is_file() else None

    def _file(self, card: BroughtModel | BroughtData, name: str) -> Path:
        return self.folder / card.name / f"{name}-{card.blobs[name][:16]}"

    def forget(self, name: str) -> None:
        """Take something off the shelf, with all its bytes; nothing happens if it is not there."""
        if NAME.fullmatch(name):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def tidy(self, now: float | None = None) -> list[str]:
        """Remove what nobody has used for long, and the oldest while all together is too large; gives their names."""
        days = _number("TINYML_UPLOADS_DAYS", UNUSED_DAYS)
        limit = _number("TINYML_UPLOADS_LIMIT_MB", LIMIT_BYTES / 1024**2) * 1024**2
        found = sorted(self.entries(), reverse=True)
        removed, total = [], 0
        for used, size_bytes, name in found:
            total += size_bytes
            if total > limit or (now or time.time()) - used > days * 86400:
                self.forget(name)
                removed.append(name)
        return removed

    def entries(self) -> list[tuple[float, int, str]]:
        """Last use, size in bytes and name of all that lies there, whole or not."""
        found = []
        for place in self.folder.glob("*"):
            if not NAME.fullmatch(place.name):
                continue
            with contextlib.suppress(OSError):
                used = (place / "card.json" if (place / "card.json").exists() else place).stat().st_mtime
                found.append((used, sum(path.stat().st_size for path in place.iterdir()), place.name))
        return found


def named(prefix: str, identity: Mapping[str, object]) -> str:
    """A name by content: 64 bits of a hash are enough to tell things apart, and too many to guess."""
    return prefix + fingerprint.of(identity)[:16]


def _number(variable: str, otherwise: float) -> float:
    text = os.environ.get(variable, "")
    return float(text) if text.isdigit() else otherwise
