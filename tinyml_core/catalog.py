"""What there is, by name: models, data sets and charts, a file each and no list to edit; and what suits what."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import Any

from tinyml_core import as_it_is
from tinyml_core.compress import techniques
from tinyml_core.dataset import Dataset
from tinyml_core.model import Model
from tinyml_core.outcome import Failure
from tinyml_core.uploads.suited import not_for
from tinyml_core.values import Technique


class CatalogError(Exception):
    """A file of the catalog breaks its contract; the message names the file."""


@cache
def discover(package: str, constant: str) -> dict[str, Any]:
    """All members of a package: the value of `constant` in each of its modules, by name, in their order.

    Args:
        package: A package of the core, for example `tinyml_core.models`.
        constant: The name each module must define, for example `MODEL`; `MODELS` for a tuple of them.

    Raises:
        CatalogError: A module lacks the constant, or two share a name.
    """
    found: dict[str, Any] = {}
    for info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        module = importlib.import_module(f"{package}.{info.name}")
        member = getattr(module, constant, None)
        members = getattr(module, f"{constant}S", ()) if member is None else (member,)
        if not members:
            raise CatalogError(f"{module.__file__} defines no {constant}; every file of {package} must.")
        for member in members:
            if member.name in found:
                raise CatalogError(f"{module.__file__} takes the name {member.name!r}, which another file already has.")
            found[member.name] = member
    return dict(sorted(found.items(), key=lambda item: (getattr(item[1], "order", 0), item[0])))


def models() -> dict[str, Model]:
    """The models of the zoo by name."""
    return discover("tinyml_core.models", "MODEL")


def datasets() -> dict[str, Dataset]:
    """The data sets by name."""
    return discover("tinyml_core.datasets", "DATASET")


def model(name: str) -> Model:
    """A model by name: one of the zoo, or one that somebody brought.

    Raises:
        KeyError: There is no such model, or it was forgotten.
    """
    found = models().get(name) or lookup().find_model(name)
    if found is None:
        raise KeyError(name)
    return found


def is_model(name: str) -> bool:
    """True for a model of the zoo, and for one that was brought and not forgotten."""
    return name in models() or lookup().find_model(name) is not None


def dataset(name: str) -> Dataset:
    """A data set by name: one of the lab's, or data that somebody brought.

    Raises:
        KeyError: There is no such data set, or it was forgotten.
    """
    found = datasets().get(name) or lookup().find_dataset(name)
    if found is None:
        raise KeyError(name)
    return found


def dataset_or_none(name: str | None) -> Dataset | None:
    """A data set by name; None for an empty name: the model comes without data."""
    return dataset(name) if name else None


def lookup() -> Any:
    """Where what was brought is found; imported late, because it knows models and data sets, not they it."""
    return importlib.import_module("tinyml_core.uploads.lookup")


def offered(member: Model) -> tuple[Technique, ...]:
    """The techniques that have a toggle for a model: all, or the one that leaves a finished file as it is."""
    if member.brought is not None and not member.brought.quantizable:
        return (as_it_is.TECHNIQUE,)
    return tuple(techniques.techniques().values())


def is_technique(name: str) -> bool:
    """True for a technique with a toggle and for a name that the grammar allows."""
    try:
        techniques.technique(name)
    except KeyError:
        return False
    return True


def impossible(technique: Technique, member: Model) -> Failure | None:
    """Why a technique cannot be applied to a model, as far as that is known before anything is run; None if it may be."""
    if member.brought is not None or technique.name == as_it_is.AS_IT_IS:
        found = not_for(technique, member)
        if found is not None or technique.name == as_it_is.AS_IT_IS:
            return found
    stage = techniques.stages()[technique.training]
    if technique.training != "none" and not member.datasets:
        return _untrainable(
            f"Training needs labelled data, and no data set comes with the model {member.title}.",
            "Choose a technique that needs no labels, or a model that comes with data.",
        )
    if stage.builds_student and member.student is None:
        return _untrainable(
            f"The model {member.title} names no student: a smaller network for the same task.",
            "Choose a model that names one, or another technique.",
        )
    return techniques.apart(technique)


def _untrainable(reason: str, advice: str) -> Failure:
    return Failure("training", reason, advice, lasting=True)


DEFAULT_MODEL = "digits"

FEW = 12
"""More names than this are too many for one sentence."""

LISTED = ("model", "technique", "board", "dataset")
"""Kinds of names that have a command of their own which lists them."""


def near(given: str, known: list[str], kind: str, composed: Sequence[str] = ()) -> str:
    """One sentence for an unknown name, with the near matches, also among those that can be composed.

    >>> near("int9", ["int8", "float32"], "technique")
    "There is no technique 'int9'; near matches: int8. Known: int8, float32."
    """
    close = difflib.get_close_matches(given.lower()[:60], list(dict.fromkeys([*known, *composed])), n=3, cutoff=0.5)
    hint = f"; near matches: {', '.join(close)}" if close else ""
    shown = given if len(given) <= 40 else given[:37] + "..."
    listing = f" (tinyml {kind}s lists them)" if kind in LISTED else ""
    all_known = ", ".join(known) if len(known) <= FEW or not listing else f"{len(known)}{listing}"
    return f"There is no {kind} {shown!r}{hint}. Known: {all_known}."
