"""Trains a model of the zoo by its recipe, from nothing; runs in a worker with TensorFlow."""

from __future__ import annotations

from typing import Any

from tinyml_core.compress.making import load_tensorflow
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Report
from tinyml_core.domain.technique import NumberFormat, Settings
from tinyml_core.engine.progress import timed


def train(
    model: Model, arrays: Arrays, number_format: NumberFormat, report: Report
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Train a model from a clean state; gives how well it does in Keras, its weights and its `.tflite`.

    Args:
        model: One that comes with data.
        arrays: What it is trained and scored on.
        number_format: Of the `.tflite`: float32.
        report: Takes what is being done.
    """
    from tinyml_core.compress import converter
    from tinyml_core.compress.training.fit import clean_state, fit
    from tinyml_core.measure.score import score_run

    load_tensorflow(report)
    recipe = model.training
    assert recipe is not None, "a model that has data has a recipe"
    clean_state(recipe.seed)
    keras_model = model.build()
    if model.base_weights is not None:
        report("loading the weights it starts from")
        converter.start_from_base(keras_model, model.base_weights)
    with timed("train_s"):
        fit(keras_model, recipe, arrays, recipe.epochs, recipe.seed, report)
    report("scoring")
    found = score_run(lambda x: converter.answers(keras_model, x, arrays.x_scale), arrays, model.task)
    facts = {
        "score": found.value,
        "low": found.low,
        "high": found.high,
        "metric": found.metric,
        "samples": found.samples,
    }
    how = {"epochs": recipe.epochs, "batch_size": recipe.batch_size, "learning_rate": recipe.learning_rate}
    weights = converter.packed_weights(keras_model)
    made = {"weights": weights, "tflite": _float_file(model, weights, number_format)}
    return facts | {"dataset": model.datasets[0], **how, "seed": recipe.seed}, made


def train_here(model: Model, arrays: Arrays, number_format: NumberFormat, report: Report) -> dict[str, Any]:
    """Train a model whose weights the lab does not ship, and keep them on this computer."""
    from tinyml_core.zoo.weights import keep_trained, new_record

    facts, made = train(model, arrays, number_format, report)
    keep_trained(model, new_record(facts, made["weights"], made["tflite"]), made["weights"], made["tflite"])
    return facts


def _float_file(model: Model, weights: bytes, float32: NumberFormat) -> bytes:
    """The float32 `.tflite` of trained weights: the very bytes that the float32 technique gives."""
    from tinyml_core.compress import converter

    clean_model = converter.built(model, seed=1)
    converter.set_packed_weights(clean_model, weights)
    return converter.to_tflite(converter.export(clean_model), float32, lambda: iter(()), Settings())
