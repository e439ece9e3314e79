"""The input's shape in the configuration of a Keras model: it is changed there, and the model built anew."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from tinyml_core.uploads import allowed
from tinyml_core.uploads.keras_config import Config

SHAPE_KEYS = ("batch_shape", "batch_input_shape")
"""As Keras 3 and legacy Keras call it."""


def with_input(config: Config, shape: tuple[int, ...] | None, batch: int | None) -> Config:
    """The same model for inputs of this shape, and of so many samples at once.

    Args:
        config: As `read_config` gives it.
        shape: Of one sample; None leaves it as it is.
        batch: None for any number, as a model of the zoo has it.
    """
    changed = copy.deepcopy(config)
    for settings, key in _inputs(changed):
        stated = settings[key]
        axes = stated.get("items", []) if isinstance(stated, dict) else stated
        if isinstance(axes, list) and axes:
            settings[key] = [batch, *(axes[1:] if shape is None else shape)]
            _forget_built(changed, settings[key])
    return changed


def keeps_state(config: Config) -> bool:
    """True if a layer keeps state from one call to the next."""
    return any(
        isinstance(value, dict) and value.get("stateful") is True
        for layer in _layers(config)
        for value in _settings(layer)
    )


def _inputs(config: Config) -> Iterator[tuple[dict[str, Any], str]]:
    """The settings that state an input's shape, with the key of it."""
    layers = _layers(config)
    stating = [layer for layer in layers if layer.get("class_name") == "InputLayer"]
    if not stating and layers and layers[0].get("class_name") in allowed.MODELS:
        yield from _inputs(layers[0])
        return
    for layer in stating or layers[:1]:
        settings = layer.get("config")
        if isinstance(settings, dict):
            yield from ((settings, key) for key in SHAPE_KEYS if key in settings)


def _layers(config: Config) -> list[Config]:
    """The layers of a model; the oldest files of sequential models hold a bare list."""
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else inner
    return [layer for layer in layers if isinstance(layer, dict)] if isinstance(layers, list) else []


def _settings(layer: Config) -> Iterator[Any]:
    settings = layer.get("config")
    yield settings
    if isinstance(settings, dict):
        yield from (held.get("config") for held in settings.values() if isinstance(held, dict))


def _forget_built(config: Config, shape: list[int | None]) -> None:
    """What a sequential model says of the shape that it was built for."""
    config.pop("build_config", None)
    inner = config.get("config")
    if isinstance(inner, dict) and "build_input_shape" in inner:
        inner["build_input_shape"] = shape
