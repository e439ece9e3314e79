"""Makes a brought model or brought data what the rest of the lab knows: a `Model`, a `Dataset`."""

from __future__ import annotations

from functools import partial
from typing import Any

from tinyml_core.dataset import Arrays, Dataset, Task
from tinyml_core.metrics import format_bytes
from tinyml_core.model import Model, TrainingRecipe
from tinyml_core.uploads.card import BroughtData, BroughtModel
from tinyml_core.uploads.facts import KIND_TITLES

UNKNOWN_LICENCE = "not stated: it was brought by a user and stays on this server"
FINE_TUNING_RATE = 1e-4
"""A tenth of Adam's usual step: the weights are trained already, by a recipe that the file does not tell."""


def as_model(card: BroughtModel) -> Model:
    """The model of a card."""
    facts = card.facts
    low, high = facts.inputs[0].low, facts.inputs[0].high
    return Model(
        name=card.name,
        title=card.title,
        order=0,
        task=Task(card.task),
        datasets=(card.dataset,) if card.dataset else (),
        input_shape=card.input_shape,
        outputs=card.facts.output_values,
        parameters=facts.parameters,
        about=f"Brought to this server: {KIND_TITLES[facts.kind]}, {format_bytes(card.size_bytes)}.",
        architecture=facts.architecture,
        build=partial(_build, facts.legacy_config),
        fine_tuning=_fine_tuning(card) if card.labels != "none" and facts.legacy_config else None,
        input_range=(0.0, 1.0) if low is None or high is None else (low, high),
        brought=card,
    )


def as_dataset(card: BroughtData) -> Dataset:
    """The data set of a card."""
    facts = card.facts
    return Dataset(
        name=card.name,
        title=card.title,
        task=Task(card.task),
        input_shape=facts.shape,
        classes=facts.classes,
        samples_train=facts.samples_train,
        samples_test=facts.samples_test,
        split=facts.split,
        licence=UNKNOWN_LICENCE,
        source="Brought to this server.",
        source_url="",
        load=_never,
        class_names=facts.class_names,
        kind_of_sample=_kind_of_sample(facts.shape),
        answer_tolerance=0.01 * (facts.high - facts.low) or 0.01 if card.task == Task.REGRESSION else None,
        brought=card,
    )


def _kind_of_sample(shape: tuple[int, ...]) -> Any:
    """How a sample is best drawn, by its shape alone."""
    if len(shape) == 3 and shape[-1] in (1, 3) and min(shape[:2]) >= 4:
        return "image"
    return "series" if len(shape) >= 2 or (len(shape) == 1 and shape[0] > 64) else "number"


def _fine_tuning(card: BroughtModel) -> TrainingRecipe:
    """How techniques that train go on from its weights. The loss follows from what its last layer gives."""
    if Task(card.task) is Task.REGRESSION:
        loss = "mean_squared_error"
    elif card.facts.output_values == 1:
        loss = "binary_crossentropy" if card.facts.last_activation == "sigmoid" else "binary_crossentropy_from_logits"
    elif card.facts.last_activation in ("softmax", "sigmoid"):
        loss = "sparse_categorical_crossentropy"
    else:
        loss = "sparse_categorical_crossentropy_from_logits"
    return TrainingRecipe(epochs=2, batch_size=32, learning_rate=FINE_TUNING_RATE, loss=loss)


def _build(legacy_config: str) -> Any:
    """Rebuild it with the Keras that techniques which train need; runs in an isolated worker."""
    from tinyml_core.uploads.rebuilding import rebuilt

    return rebuilt(legacy_config)


def _never(folder: str | None) -> Arrays:
    raise AssertionError("brought data are read when they are brought")
