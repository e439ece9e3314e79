"""What there is, by name: models, data sets and charts, a file each and no list to edit; and what suits what."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import Any

from tinyml_core.compress import techniques as compress_techniques
from tinyml_core.compress.techniques import DEFAULT_TECHNIQUES, every_name, technique, techniques
from tinyml_core.domain.brought import MODEL_PREFIX
from tinyml_core.domain.dataset import Dataset
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure
from tinyml_core.domain.technique import AS_BROUGHT, UNCHANGED, Technique
from tinyml_core.uploads import library


class CatalogError(Exception):
    """A file of the catalog breaks its contract; the message names the file."""


@cache
def discover(package: str, constant: str) -> dict[str, Any]:
    """All members of a package: the value of `constant` in each of its modules, by name, in their order.

    Each module of a package like `tinyml_core.zoo.models` must define a constant like `MODEL`, or `MODELS` for a tuple.

    Raises:
        CatalogError: A module lacks the constant, or two share a name.
    """
    found: dict[str, Any] = {}
    for info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if info.name == "base":
            continue  # says what a member is, and is none
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
    return discover("tinyml_core.zoo.models", "MODEL")


def datasets() -> dict[str, Dataset]:
    """The data sets by name."""
    return discover("tinyml_core.zoo.datasets", "DATASET")


def model(name: str) -> Model:
    """A model by name: one of the zoo, or one that somebody brought.

    Raises:
        KeyError: There is no such model, or it was forgotten.
    """
    found = models().get(name) or library.find_model(name)
    if found is None:
        raise KeyError(name)
    return found


def is_model(name: str) -> bool:
    """True for a model of the zoo, and for one that was brought and not forgotten."""
    return name in models() or library.find_model(name) is not None


def dataset(name: str) -> Dataset:
    """A data set by name: one of the lab's, or data that somebody brought.

    Raises:
        KeyError: There is no such data set, or it was forgotten.
    """
    found = datasets().get(name) or library.find_dataset(name)
    if found is None:
        raise KeyError(name)
    return found


def dataset_or_none(name: str | None) -> Dataset | None:
    """A data set by name; None for an empty name: the model comes without data."""
    return dataset(name) if name else None


def offered(member: Model) -> tuple[Technique, ...]:
    """The techniques that have a toggle for a model: all, or the one that leaves a finished file as it is."""
    if member.brought is not None and not member.brought.quantizable:
        return (AS_BROUGHT,)
    return tuple(techniques().values())


def is_technique(name: str) -> bool:
    """True for a technique with a toggle and for a name that the grammar allows."""
    try:
        return bool(technique(name))
    except KeyError:
        return False


def impossible(technique: Technique, member: Model) -> Failure | None:
    """Why a technique cannot be applied to a model, as far as that is known before anything is run; None if it may be."""
    found = not_for(technique, member)
    if found is not None or technique.name == UNCHANGED:
        return found
    stage = compress_techniques.stages()[technique.training]
    if technique.training != "none" and not member.datasets:
        reason = f"Training needs labelled data, and no data set comes with the model {member.title}."
        advice = "Choose a technique that needs no labels, or a model that comes with data."
        return Failure("training", reason, advice, lasting=True)
    if stage.builds_student and member.student is None:
        reason = f"The model {member.title} names no student: a smaller network for the same task."
        return Failure("training", reason, "Choose a model that names one, or another technique.", lasting=True)
    return compress_techniques.apart(technique)


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


# ---- Makes a checked question of names that a person or a link gives -----------------------------------------------


def usual_techniques(name: str) -> tuple[str, ...]:
    """The techniques that are chosen if nobody chooses: without data none that trains on."""
    member = model(name)
    brought = member.brought
    if brought is not None and not brought.quantizable:
        return (UNCHANGED,)
    if brought is not None and brought.facts.kind == "tflite":
        return ("float32", "lq_dynamic", "lq_w8", "lq_int8", "lq_int16x8")
    can_train = brought.labels != "none" and brought.facts.legacy_config if brought else member.datasets
    return tuple(each for each in DEFAULT_TECHNIQUES if can_train or techniques()[each].training == "none")


@cache
def _possible(model: Model) -> tuple[str, ...]:
    """Names of all compositions that a model may be asked for."""
    return tuple(name for name in every_name() if impossible(technique(name), model) is None)


def no_model(name: str) -> str:
    """One sentence for the name of a model that is not there."""
    if name.startswith(MODEL_PREFIX):
        return f"The model {name[:40]} was not brought to this server, or it has been removed since. Bring it again."
    return near(name, list(models()), "model")


# ---- Which techniques have something to do on a model that was brought ---------------------------------------------


def not_for(technique: Technique, model: Model) -> Failure | None:
    """Why a technique has nothing to do on a brought model, or nothing to do it with; None if it may be tried."""
    brought = model.brought
    if technique.name == UNCHANGED:
        if brought is not None and not brought.quantizable:
            return None
        return _failure(
            "This is for .tflite files that hold integers already.", "Choose float32 for the model as it is."
        )
    if brought is None:
        return None
    if not brought.quantizable:
        return _failure(
            f"{model.title} is not in float32 throughout, so it can only be measured as it is.",
            "Bring the Keras model, or a float32 .tflite, to try techniques on it.",
        )
    if technique.training != "none" and not brought.facts.legacy_config:
        return _failure(
            brought.facts.not_rebuilt or f"The file {model.title} does not hold layers that can be trained on.",
            "Choose a technique that needs no training.",
        )
    if technique.training != "none" and brought.labels == "none":
        return _failure(
            "This technique trains on labelled data, and no labels came with this model.",
            "Choose a technique that needs no labels, or bring labelled data with the model.",
        )
    number_format = compress_techniques.number_formats()[technique.number_format]
    if number_format.needs_calibration and len(brought.facts.inputs) > 1:
        return _failure(
            f"Calibration takes samples for one input, and {model.title} has {len(brought.facts.inputs)}.",
            "Choose a technique that needs no calibration, or quantize it where it was made and bring the .tflite.",
        )
    by_converter = number_format.requantize is None
    if by_converter and technique.number_format != "float32" and brought.facts.kind == "tflite":
        return _failure(
            "TensorFlow's converter starts from a Keras model or a SavedModel, and this is a .tflite.",
            "Choose a technique of the LiteRT quantizer, which starts from a float32 .tflite.",
        )
    return None


def _failure(reason: str, advice: str) -> Failure:
    return Failure("preparing", reason, advice, lasting=True)
