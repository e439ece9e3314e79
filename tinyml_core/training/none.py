"""No training stage: the trained model is converted as it is."""

from typing import Any

from tinyml_core.training_stage import Report, TrainingStage
from tinyml_core.values import Arrays, Model, Settings


def apply(keras_model: Any, model: Model, arrays: Arrays, settings: Settings, report: Report) -> Any:
    """The same model."""
    return keras_model


STAGE = TrainingStage("none", apply)
