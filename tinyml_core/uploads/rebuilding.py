"""The same model in legacy Keras, proven to give the same answers: TensorFlow's optimization tool trains only such ones."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tinyml_core.uploads.building import layers_of
from tinyml_core.uploads.flattening import flat
from tinyml_core.uploads.keras_config import read_config
from tinyml_core.uploads.legacy_form import NotRebuilt, legacy_config_of

RELATIVE_TOLERANCE = 1e-4
PROOF_SAMPLES = 4


def rebuilt(legacy_config: str) -> Any:
    """The untrained legacy Keras model of a `ModelFacts.legacy_config`.

    Raises:
        Expected: The configuration names something that is not on the allow-list.
    """
    import tf_keras

    return tf_keras.models.model_from_json(json.dumps(read_config(legacy_config)))


def as_legacy(keras_model: Any, from_keras_3: bool) -> Any:
    """A legacy Keras model with the same layers, weights and answers.

    Raises:
        NotRebuilt: It cannot be had, or would not answer the same.
    """
    if len(keras_model.inputs) != 1 or len(keras_model.outputs) != 1:
        raise NotRebuilt("The model has several inputs or outputs, and is trained on only with one of each.")
    try:
        config = legacy_config_of(keras_model) if from_keras_3 else json.loads(keras_model.to_json())
        legacy = rebuilt(json.dumps(flat(config)))
        _give_weights(keras_model, legacy)
    except NotRebuilt:
        raise
    except Exception as error:  # the library raises nearly any kind on settings that it does not know
        words = " ".join(str(error).split())[:200]
        raise NotRebuilt(f"Legacy Keras cannot build the model ({type(error).__name__}): {words}") from error
    _prove_equal(keras_model, legacy)
    return legacy


def _give_weights(keras_model: Any, legacy: Any) -> None:
    for layer in layers_of(keras_model):
        if not hasattr(layer, "layers") and (weights := layer.get_weights()):
            legacy.get_layer(layer.name).set_weights(weights)


def _prove_equal(keras_model: Any, legacy: Any) -> None:
    """Compare the answers to random inputs of two sizes, seen as a whole."""
    shape = [axis or 1 for axis in tuple(keras_model.inputs[0].shape)[1:]]
    batch = keras_model.inputs[0].shape[0] or PROOF_SAMPLES
    random = np.random.default_rng(1)
    kind = str(getattr(keras_model.inputs[0].dtype, "name", keras_model.inputs[0].dtype))
    for high in (1.0, 255.0):
        inputs = random.uniform(0 if high > 1 else -1, high, (batch, *shape))
        # Every embedding has the indices 0 and 1.
        given = (inputs > high / 2).astype(kind) if "int" in kind else inputs.astype(kind)
        ours, theirs = (np.asarray(model(given, training=False)) for model in (legacy, keras_model))
        scale = max(float(np.abs(theirs).max(initial=0)), 1e-6)
        if ours.shape != theirs.shape or not np.abs(ours - theirs).max(initial=0) <= RELATIVE_TOLERANCE * scale:
            raise NotRebuilt("Legacy Keras gives other answers with the same layers and weights.")
