"""Composes techniques of stages: `[training_]format[_packing]`, and says which pairs cannot be before anything is run."""

from __future__ import annotations

import itertools

from tinyml_core import catalog
from tinyml_core.as_it_is import AS_IT_IS
from tinyml_core.model import Model
from tinyml_core.number_format import NumberFormat
from tinyml_core.outcome import Failure
from tinyml_core.uploads.suited import not_for
from tinyml_core.values import Needs, Technique

FIRST_ORDER = 1000
"""Composed techniques stand behind all that have a toggle."""

MOST_COMPOSED = 8
"""More of them a link does not hold, and a page does not show side by side; the palette has a colour for each."""


def name_of(training: str, number_format: str, packing: str = "none") -> str:
    """The name of a technique, by its stages.

    >>> name_of("prune75", "int8"), name_of("none", "float32"), name_of("cluster16", "int8", "lut")
    ('prune75_int8', 'float32', 'cluster16_int8_lut')
    """
    parts = ("" if training == "none" else training, number_format, "" if packing == "none" else packing)
    return "_".join(part for part in parts if part)


def title_of(training: str, number_format: str, packing: str = "none") -> str:
    """The title of a technique, by its stages; one that a preset has too is the preset's.

    >>> title_of("none", "int8"), title_of("prune75", "int8"), title_of("cluster16", "int8", "lut")
    ('Full integer (int8)', 'Pruned to 75 %, int8', 'Clustered to 16 values, int8, packed')
    """
    written = catalog.number_formats()[number_format]
    if training == packing == "none":
        return written.title
    titles = [] if training == "none" else [catalog.stages()[training].title]
    titles.append(written.short_title)
    return ", ".join(titles if packing == "none" else [*titles, catalog.packings()[packing].short_title])


def stages_of(name: str) -> tuple[str, str, str]:
    """Training stage, number format and packing that a name says.

    Raises:
        KeyError: It says no stages that exist.
    """
    packing = next((known for known in catalog.packings() if name.endswith(f"_{known}")), "none")
    rest = name if packing == "none" else name.removesuffix(f"_{packing}")
    if rest in catalog.number_formats():
        return "none", rest, packing
    training, _, number_format = rest.partition("_")
    if training == "none" or training not in catalog.stages() or number_format not in catalog.number_formats():
        raise KeyError(name)
    return training, number_format, packing


def compose(name: str) -> Technique:
    """The technique of a name; one with a toggle keeps its own card, any other gets one made of its stages' titles.

    Raises:
        KeyError: The name says no stages that exist.
    """
    training, number_format, packing = stages_of(name)
    packings = list(catalog.packings())
    title = title_of(training, number_format, packing)
    place = (list(catalog.stages()).index(training) * 100 + list(catalog.number_formats()).index(number_format)) * 10
    return Technique(
        name=name,
        title=title,
        order=FIRST_ORDER + place + (packings.index(packing) + 1 if packing != "none" else 0),
        idea=f"Composed of stages: {title.replace(', ', ', then ')}.",
        needs=needs_of(training, catalog.number_formats()[number_format]),
        promised="no promise is published",
        hardware=(),
        number_format=number_format,
        training=training,
        packing=packing,
        group="Composed",
    )


def every_name() -> list[str]:
    """All names that the grammar allows, those with a toggle first; some of them are impossible."""
    trainings, packings = list(catalog.stages()), ["none", *catalog.packings()]
    composed = (name_of(*stages) for stages in itertools.product(trainings, catalog.number_formats(), packings))
    return list(dict.fromkeys((*catalog.techniques(), *composed)))


def needs_of(training: str, number_format: NumberFormat) -> Needs:
    """The data that stages ask of their user."""
    if training != "none":
        return Needs.TRAINING_DATA
    return Needs.CALIBRATION if number_format.needs_calibration else Needs.NOTHING


def is_technique(name: str) -> bool:
    """True for a technique with a toggle and for a name that the grammar allows."""
    try:
        catalog.technique(name)
    except KeyError:
        return False
    return True


def impossible(technique: Technique, model: Model) -> Failure | None:
    """Why a technique cannot be applied to a model, as far as that is known before anything is run; None if it may be."""
    if model.brought is not None or technique.name == AS_IT_IS:
        found = not_for(technique, model)
        if found is not None or technique.name == AS_IT_IS:
            return found
    stage = catalog.stages()[technique.training]
    if technique.training != "none" and not model.datasets:
        return _failure(
            "training",
            f"Training needs labelled data, and no data set comes with the model {model.title}.",
            "Choose a technique that needs no labels, or a model that comes with data.",
        )
    if stage.builds_student and model.student is None:
        return _failure(
            "training",
            f"The model {model.title} names no student: a smaller network for the same task.",
            "Choose a model that names one, or another technique.",
        )
    return apart(technique)


def apart(technique: Technique) -> Failure | None:
    """Why a technique's stages go together with no model at all; None if they do with some."""
    stage = catalog.stages()[technique.training]
    written = catalog.number_formats()[technique.number_format]
    if stage.formats and technique.number_format not in stage.formats:
        formats = " or ".join(catalog.number_formats()[name].short_title for name in stage.formats)
        return _failure(
            "training",
            f"{stage.title} prepares the weights for {formats}, not for {written.short_title}.",
            f"Write it as {formats}.",
        )
    if technique.packing == "none":
        return None
    packing = catalog.packings()[technique.packing]
    if not stage.clustered:
        return _failure(
            "packing",
            f"{packing.title} needs few distinct weights, and without clustering nearly every weight is another.",
            "Choose a clustering stage before it.",
        )
    if technique.number_format not in packing.formats:
        formats = " or ".join(catalog.number_formats()[name].short_title for name in packing.formats)
        return _failure(
            "packing",
            f"{packing.title} cannot pack {written.short_title}.",
            f"Write it as {formats}, which TFLM runs.",
        )
    return None


def _failure(stage: str, reason: str, advice: str) -> Failure:
    return Failure(stage, reason, advice, lasting=True)
