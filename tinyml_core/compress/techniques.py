"""What techniques there are: the stages they are made of, and the grammar of their names, `[training_]format[_packing]`."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any, TypeVar

from tinyml_core.compress import converter, lut, mixed_precision, quantizer
from tinyml_core.compress.presets import PRESETS, QUANTIZATION, UNPROMISED, Preset
from tinyml_core.compress.training import cluster, distil, prune, quantization_aware
from tinyml_core.domain import technique as domain_technique
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure, Report
from tinyml_core.domain.technique import Needs, NumberFormat, Packing, Settings, Technique, Trained, TrainingStage

DEFAULT_TECHNIQUES = ("float32", "float16", "dynamic", "int8_float_io", "int8", "qat_int8")

FIRST_ORDER = 1000
"""Composed techniques stand behind all that have a toggle."""

MOST_COMPOSED = 8
"""More of them a link does not hold, and a page does not show side by side; the palette has a colour for each."""


# ---- stages ------------------------------------------------------------------------------------------------------


def _as_trained(keras_model: Any, model: Model, arrays: Arrays, settings: Settings, report: Report) -> Trained:
    """The same model."""
    return Trained(keras_model)


AS_TRAINED = TrainingStage("none", "As trained", 0, _as_trained, settings=())
"""No training stage: the trained model is converted as it is."""


T = TypeVar("T", TrainingStage, NumberFormat, Packing, Technique)


def _by_name(*families: tuple[T, ...]) -> dict[str, T]:
    members = sorted(itertools.chain(*families), key=lambda member: member.order)
    return {member.name: member for member in members}


@cache
def stages() -> dict[str, TrainingStage]:
    """The training stages by name."""
    return _by_name((AS_TRAINED,), prune.STAGES, cluster.STAGES, quantization_aware.STAGES, distil.STAGES)


@cache
def number_formats() -> dict[str, NumberFormat]:
    """The number formats by name."""
    return _by_name(converter.FORMATS, quantizer.FORMATS, mixed_precision.FORMATS)


@cache
def packings() -> dict[str, Packing]:
    """The packings by name."""
    return _by_name((lut.PACKING,))


# ---- techniques --------------------------------------------------------------------------------------------------


@cache
def techniques() -> dict[str, Technique]:
    """The techniques that have a toggle, by name, in their fixed order."""
    return _by_name(tuple(_made(preset) for preset in PRESETS))


def technique(name: str) -> Technique:
    """A technique by name: one with a toggle, or one that a person composed of stages.

    Raises:
        KeyError: The name is neither.
    """
    as_it_is = domain_technique.AS_BROUGHT if name == domain_technique.UNCHANGED else None
    return techniques().get(name) or as_it_is or composed(name)


@cache
def composed(name: str) -> Technique:
    """The technique of a name with a card made of its stages' titles; see `technique` for one that has its own.

    Raises:
        KeyError: The name says no stages that exist.
    """
    training, number_format, packing = stages_of(name)
    place = list(stages()).index(training) * 100 + list(number_formats()).index(number_format)
    order = FIRST_ORDER + place * 10 + (0 if packing == "none" else list(packings()).index(packing) + 1)
    idea = f"Composed of stages: {title_of(training, number_format, packing).replace(', ', ', then ')}."
    return _made(Preset(order, training, number_format, packing, "Composed", (), UNPROMISED, QUANTIZATION, idea))


def every_name() -> list[str]:
    """All names that the grammar allows, those with a toggle first; some of them are impossible."""
    all_stages = itertools.product(stages(), number_formats(), ["none", *packings()])
    return list(dict.fromkeys((*techniques(), *(name_of(*parts) for parts in all_stages))))


def _made(preset: Preset) -> Technique:
    """The technique of a row, with what follows from its stages."""
    parts = preset.training, preset.number_format, preset.packing
    needs = Needs.CALIBRATION if number_formats()[preset.number_format].needs_calibration else Needs.NOTHING
    return Technique(
        name_of(*parts), title_of(*parts), preset.order, preset.idea,
        needs if preset.training == "none" else Needs.TRAINING_DATA, preset.promised, preset.hardware,
        number_format=preset.number_format, training=preset.training, packing=preset.packing, group=preset.group,
        link=preset.link,
    )  # fmt: skip


# ---- the grammar -------------------------------------------------------------------------------------------------


def name_of(training: str, number_format: str, packing: str = "none") -> str:
    """The name of a technique, by its stages.

    >>> name_of("prune75", "int8"), name_of("none", "float32"), name_of("cluster16", "int8", "lut")
    ('prune75_int8', 'float32', 'cluster16_int8_lut')
    """
    parts = ("" if training == "none" else training, number_format, "" if packing == "none" else packing)
    return "_".join(part for part in parts if part)


def title_of(training: str, number_format: str, packing: str = "none") -> str:
    """The title of a technique, by its stages.

    >>> title_of("none", "int8"), title_of("prune75", "int8"), title_of("cluster16", "int8", "lut")
    ('Full integer (int8)', 'Pruned to 75 %, int8', 'Clustered to 16 values, int8, packed')
    """
    written = number_formats()[number_format]
    if training == packing == "none":
        return written.title
    titles = [] if training == "none" else [stages()[training].title]
    titles.append(written.short_title)
    return ", ".join(titles if packing == "none" else [*titles, packings()[packing].short_title])


def stages_of(name: str) -> tuple[str, str, str]:
    """Training stage, number format and packing that a name says.

    Raises:
        KeyError: It says no stages that exist.
    """
    packing = next((known for known in packings() if name.endswith(f"_{known}")), "none")
    rest = name if packing == "none" else name.removesuffix(f"_{packing}")
    if rest in number_formats():
        return "none", rest, packing
    training, _, number_format = rest.partition("_")
    if training == "none" or training not in stages() or number_format not in number_formats():
        raise KeyError(name)
    return training, number_format, packing


def apart(technique: Technique) -> Failure | None:
    """Why a technique's stages go together with no model at all; None if they do with some."""
    stage, written = stages()[technique.training], number_formats()[technique.number_format]
    if stage.formats and technique.number_format not in stage.formats:
        formats = _either(stage.formats)
        reason = f"{stage.title} prepares the weights for {formats}, not for {written.short_title}."
        return Failure("training", reason, f"Write it as {formats}.", lasting=True)
    if technique.packing == "none":
        return None
    packing = packings()[technique.packing]
    if not stage.clustered:
        reason = f"{packing.title} needs few distinct weights, and without clustering nearly every weight is another."
        return Failure("packing", reason, "Choose a clustering stage before it.", lasting=True)
    if technique.number_format not in packing.formats:
        reason = f"{packing.title} cannot pack {written.short_title}."
        return Failure("packing", reason, f"Write it as {_either(packing.formats)}, which TFLM runs.", lasting=True)
    return None


def _either(formats: tuple[str, ...]) -> str:
    return " or ".join(number_formats()[name].short_title for name in formats)
