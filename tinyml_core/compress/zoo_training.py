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
    """Train a model that comes with data, from a clean state.

    Gives how well it does in Keras, its weights, and its `.tflite` in the number format float32.
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
    facts = {name: getattr(found, name) for name in ("low", "high", "metric", "samples")}
    how = {name: getattr(recipe, name) for name in ("epochs", "batch_size", "learning_rate")}
    weights = converter.packed_weights(keras_model)
    # The very bytes that the float32 technique gives come of a clean model.
    clean_model = converter.built(model, seed=1)
    converter.set_packed_weights(clean_model, weights)
    content = converter.to_tflite(converter.export(clean_model), number_format, lambda: iter(()), Settings())
    told = {"score": found.value, **facts, "dataset": model.datasets[0], **how, "seed": recipe.seed}
    return told, {"weights": weights, "tflite": content}


def train_here(model: Model, arrays: Arrays, number_format: NumberFormat, report: Report) -> dict[str, Any]:
    """Train a model whose weights the lab does not ship, and keep them on this computer."""
    from tinyml_core.zoo.weights import keep_trained, new_record

    facts, made = train(model, arrays, number_format, report)
    keep_trained(model, new_record(facts, made["weights"], made["tflite"]), made["weights"], made["tflite"])
    return facts
