"""No training stage: the trained model is converted as it is."""

from typing import Any

from tinyml_core.dataset import Arrays
from tinyml_core.model import Model
from tinyml_core.training_stage import Report, Trained, TrainingStage
from tinyml_core.values import Settings


def apply(keras_model: Any, model: Model, arrays: Arrays, settings: Settings, report: Report) -> Trained:
    """The same model."""
    return Trained(keras_model)


STAGE = TrainingStage("none", "As trained", 0, apply, settings=())
