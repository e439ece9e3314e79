"""Wraps those layers of a Keras model for which a way of training is made, and names the ones it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure

QUICK_MOMENTUM = 0.9
"""Of batch normalization while weights are forced to change: with Keras's 0.99 its means and variances would lag hundreds
of steps behind the weights, longer than the fine-tuning lasts, and the model would fail on statistics of weights long gone."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A copy of a model, some of whose layers are wrapped.

    Attributes:
        keras_model: Built, with the weights of the model it was made from.
        layers: Names of the layers that are wrapped.
        dense_layers: Names of the layers with weights of two axes and more that are not.
    """

    keras_model: Any
    layers: tuple[str, ...]
    dense_layers: tuple[str, ...]


def fresh_copy(keras_model: Any) -> Any:
    """The same model with variables of its own, so that training it changes nobody else's weights."""
    import tf_keras

    copy = tf_keras.models.clone_model(keras_model)
    copy.set_weights(keras_model.get_weights())
    return copy


def wrap_layers(keras_model: Any, suits: Callable[[Any], bool], wrap: Callable[[Any], Any]) -> Wrapped:
    """Wrap the layers that suit; the others, activations and normalizations among them, train as they always do."""
    import tf_keras

    copy = fresh_copy(keras_model)
    for layer in copy.layers:
        if isinstance(layer, tf_keras.layers.BatchNormalization):
            layer.momentum = min(layer.momentum, QUICK_MOMENTUM)
    chosen = tuple(layer.name for layer in copy.layers if suits(layer))
    wrapped = tf_keras.models.clone_model(
        copy, clone_function=lambda layer: wrap(layer) if layer.name in chosen else layer
    )
    dense = tuple(layer.name for layer in copy.layers if layer.name not in chosen and has_weights(layer))
    return Wrapped(wrapped, chosen, dense)


def weight_names(registry: Any, layer: Any) -> list[str]:
    """The weights of a layer that one of tfmot's registries changes; none of recurrent and attention layers.

    tfmot reaches into those another way, which changes only a part of them.
    """
    try:
        return list(registry._weight_names(layer))
    except KeyError:
        return []


def no_layer(model: Model, done: str, advice: str) -> Failure:
    """Why a stage that wraps layers can do nothing for a model.

    Args:
        model: The model.
        done: What cannot be done to any of its layers: `pruned`.
        advice: What to do instead.
    """
    return Failure(
        stage="training",
        reason=f"No layer of {model.title} can be {done}: that takes dense layers or convolutions (not depthwise ones) with "
        "enough weights.",
        advice=advice,
        lasting=True,
    )


def has_weights(layer: Any) -> bool:
    """True if a layer has weights besides biases and the figures of a normalization: two axes or more."""
    return any(len(weight.shape) >= 2 for weight in layer.weights)
