"""Quantization-aware training with tensorflow-model-optimization."""

from typing import Any

from tinyml_core.fitting import fit
from tinyml_core.training_stage import Report, Trained, TrainingStage
from tinyml_core.values import Arrays, Model, Settings


def apply(keras_model: Any, model: Model, arrays: Arrays, settings: Settings, report: Report) -> Trained:
    """The model with int8 rounding simulated in every layer, trained on with labelled data."""
    from tensorflow_model_optimization.quantization.keras import quantize_model

    assert model.fine_tuning is not None, "a model that has data says how to train on"
    quantized = quantize_model(keras_model)
    fit(quantized, model.fine_tuning, arrays, settings.fine_tuning_epochs, settings.seed, report)
    return Trained(quantized)


STAGE = TrainingStage("qat", "Quantization-aware training", 1, apply, formats=("int8", "int8_float_io"))
