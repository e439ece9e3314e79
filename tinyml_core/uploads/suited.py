"""Which techniques have something to do on a model that was brought."""

from __future__ import annotations

from tinyml_core.as_it_is import AS_IT_IS
from tinyml_core.compress import techniques
from tinyml_core.model import Model
from tinyml_core.outcome import Failure
from tinyml_core.values import Technique


def not_for(technique: Technique, model: Model) -> Failure | None:
    """Why a technique has nothing to do on a brought model, or nothing to do it with; None if it may be tried."""
    card = model.brought
    if technique.name == AS_IT_IS:
        if card is not None and not card.quantizable:
            return None
        return _failure(
            "This is for .tflite files that hold integers already.", "Choose float32 for the model as it is."
        )
    if card is None:
        return None
    if not card.quantizable:
        return _failure(
            f"{model.title} is not in float32 throughout, so it can only be measured as it is.",
            "Bring the Keras model, or a float32 .tflite, to try techniques on it.",
        )
    if technique.training != "none" and not card.facts.legacy_config:
        return _failure(
            card.facts.not_rebuilt or f"The file {model.title} does not hold layers that can be trained on.",
            "Choose a technique that needs no training.",
        )
    if technique.training != "none" and card.labels == "none":
        return _failure(
            "This technique trains on labelled data, and no labels came with this model.",
            "Choose a technique that needs no labels, or bring labelled data with the model.",
        )
    number_format = techniques.number_formats()[technique.number_format]
    if number_format.needs_calibration and len(card.facts.inputs) > 1:
        return _failure(
            f"Calibration takes samples for one input, and {model.title} has {len(card.facts.inputs)}.",
            "Choose a technique that needs no calibration, or quantize it where it was made and bring the .tflite.",
        )
    by_converter = number_format.requantize is None
    if by_converter and technique.number_format != "float32" and card.facts.kind == "tflite":
        return _failure(
            "TensorFlow's converter starts from a Keras model or a SavedModel, and this is a .tflite.",
            "Choose a technique of the LiteRT quantizer, which starts from a float32 .tflite.",
        )
    return None


def usual_for(model: Model) -> tuple[str, ...] | None:
    """The techniques chosen for a brought model if nobody chooses; None for a model of the zoo."""
    card = model.brought
    if card is None:
        return None
    if not card.quantizable:
        return (AS_IT_IS,)
    if card.facts.kind == "tflite":
        return ("float32", "lq_dynamic", "lq_w8", "lq_int8", "lq_int16x8")
    return tuple(
        name
        for name in techniques.DEFAULT_TECHNIQUES
        if techniques.techniques()[name].training == "none" or (card.labels != "none" and card.facts.legacy_config)
    )


def _failure(reason: str, advice: str) -> Failure:
    return Failure("preparing", reason, advice, lasting=True)
