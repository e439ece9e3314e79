"""Finds models, data sets, techniques, rules and charts: one file each, no list to edit."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import Any

from tinyml_core import as_it_is
from tinyml_core.dataset import Dataset
from tinyml_core.model import Model
from tinyml_core.number_format import NumberFormat
from tinyml_core.packing import Packing
from tinyml_core.training_stage import TrainingStage
from tinyml_core.values import Technique


class CatalogError(Exception):
    """A file of the catalog breaks its contract; the message names the file."""


@cache
def discover(package: str, constant: str) -> dict[str, Any]:
    """All members of a package: the value of `constant` in each of its modules, by name, in their order.

    Args:
        package: A package of the core, for example `tinyml_core.techniques`.
        constant: The name each module must define, for example `TECHNIQUE`; `TECHNIQUES` for a tuple of them.

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


def techniques() -> dict[str, Technique]:
    """The techniques that have a toggle, by name, in their fixed order."""
    return discover("tinyml_core.techniques", "TECHNIQUE")


def offered(member: Model) -> tuple[Technique, ...]:
    """The techniques that have a toggle for a model: all, or the one that leaves a finished file as it is."""
    if member.brought is not None and not member.brought.quantizable:
        return (as_it_is.TECHNIQUE,)
    return tuple(techniques().values())


def technique(name: str) -> Technique:
    """A technique by name: one with a toggle, or one that a person composed of stages.

    Raises:
        KeyError: The name is neither.
    """
    return techniques().get(name) or (as_it_is.TECHNIQUE if name == as_it_is.AS_IT_IS else composed(name))


@cache
def composed(name: str) -> Technique:
    """The technique that a name of the grammar says; see `composing`."""
    from tinyml_core.composing import compose

    return compose(name)


def stages() -> dict[str, TrainingStage]:
    """The training stages by name."""
    return discover("tinyml_core.training", "STAGE")


def number_formats() -> dict[str, NumberFormat]:
    """The number formats by name."""
    return discover("tinyml_core.number_formats", "FORMAT")


def packings() -> dict[str, Packing]:
    """The packings by name."""
    return discover("tinyml_core.packings", "PACKING")


DEFAULT_MODEL = "digits"
DEFAULT_TECHNIQUES = ("float32", "float16", "dynamic", "int8_float_io", "int8", "qat_int8")


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
