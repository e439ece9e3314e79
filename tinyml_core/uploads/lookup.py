"""Finds what was brought by its name: on the shelf, or, in a worker, among the cards that came with the call."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import cattrs

from tinyml_core.call import Blob
from tinyml_core.dataset import Dataset
from tinyml_core.model import Model
from tinyml_core.outcome import Failure
from tinyml_core.uploads.card import DATA_PREFIX, MODEL_PREFIX, BroughtData, BroughtModel
from tinyml_core.uploads.members import as_dataset, as_model
from tinyml_core.uploads.shelf import Shelf

_lent: dict[str, BroughtModel | BroughtData] = {}
"""Cards that came with a call; an isolated worker cannot see the shelf."""


def find_model(name: str) -> Model | None:
    """A brought model; None if there is none of that name."""
    if not name.startswith(MODEL_PREFIX):
        return None
    card = _lent.get(name) or Shelf().model(name)
    return _model(card) if isinstance(card, BroughtModel) else None


def find_dataset(name: str) -> Dataset | None:
    """Brought data; None if there are none of that name."""
    if not name.startswith(DATA_PREFIX):
        return None
    card = _lent.get(name) or Shelf().data(name)
    return _dataset(card) if isinstance(card, BroughtData) else None


@lru_cache(maxsize=64)
def _model(card: BroughtModel) -> Model:
    return as_model(card)


@lru_cache(maxsize=64)
def _dataset(card: BroughtData) -> Dataset:
    return as_dataset(card)


def brought_file(member: Model | Dataset, name: str) -> Blob | Failure:
    """What was made of a model or of data when they were brought: `tflite`, `saved_model`, `weights`, `arrays`."""
    card = member.brought
    assert card is not None, f"{member.name} is the lab's own"
    blob = Shelf().blob(card, name)
    return blob or Failure("opening what was brought", f"{card.title} is no longer here.", "Bring it again.")


def lend(cards: Mapping[str, Any]) -> None:
    """Make known, in a worker, what a call is about; what an earlier call was about is forgotten."""
    _lent.clear()
    for name, card in cards.items():
        kind: type[Any] = BroughtModel if name.startswith(MODEL_PREFIX) else BroughtData
        _lent[name] = cattrs.structure(card, kind)
