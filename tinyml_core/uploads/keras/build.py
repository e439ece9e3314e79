"""Builds a brought Keras model with the library that can: Keras 3 or legacy Keras, both in one process."""

from __future__ import annotations

import contextlib
import copy
import importlib
import inspect
import io
import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyml_core.domain.brought import ModelKind
from tinyml_core.engine.call import Expected
from tinyml_core.uploads.keras import config as keras_config
from tinyml_core.uploads.keras.config import Config
from tinyml_core.uploads.keras.parts import KerasParts, packed
from tinyml_core.uploads.refusal import refuse

LIBRARIES: dict[ModelKind, str] = {"keras 3": "keras", "legacy keras": "tf_keras"}
TITLES: dict[ModelKind, str] = {"keras 3": "Keras 3", "legacy keras": "legacy Keras"}

SPARE_VALUES = 1_000
"""Weights that a layer may make beyond those in the file: counters of random streams."""

MOST_OUTPUT_VALUES = 32 * 1024**2
"""Of one layer for one sample; no microcontroller holds a hundredth of it."""


@dataclass(frozen=True, slots=True)
class Built:
    """A Keras model with its weights, and what built it."""

    keras_model: Any
    kind: ModelKind


def build(parts: KerasParts, config: Config) -> Built:
    """Build the model and give it its weights, with the library that wrote the file or else with the other.

    Raises:
        Expected: Neither can, or the model is larger than its file says.
    """
    errors: list[str] = []
    for kind in _order(parts):
        try:
            return Built(build_with(kind, parts, config), kind)
        except Expected:
            raise
        except Exception as error:  # the libraries raise nearly any kind on a configuration that does not fit them
            errors.append(f"{TITLES[kind]}: {type(error).__name__}: {error}")
    first = " ".join(errors[0].split())
    refuse(
        f"Neither Keras 3 nor legacy Keras can build the model. {first[:200]}",
        "Load the model where it was made, and save it again with a recent Keras or as a .tflite file.",
        "\n".join(errors),
    )


def build_with(kind: ModelKind, parts: KerasParts, config: Config) -> Any:
    """Build with one library.

    Raises:
        Expected: The model is larger than its file says.
        Exception: Whatever the library raises.
    """
    library = importlib.import_module(LIBRARIES[kind])
    library.backend.clear_session()
    with tempfile.TemporaryDirectory(prefix="tinyml-") as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder) / f"model{parts.form}"
        path.write_bytes(packed(parts, config))
        with _most_weights(library.layers.Layer, parts.values + SPARE_VALUES):
            keras_model = library.models.load_model(str(path), compile=False, safe_mode=True)
    _check_outputs(keras_model)
    return keras_model


def _order(parts: KerasParts) -> tuple[ModelKind, ModelKind]:
    if parts.keras_version.startswith("3"):
        return "keras 3", "legacy keras"
    return "legacy keras", "keras 3"


@contextlib.contextmanager
def _most_weights(layer_class: Any, most: int) -> Iterator[None]:
    """Stop a model that makes more weights than its file holds before the memory for them is taken."""
    add_weight = layer_class.add_weight
    signature = inspect.signature(add_weight)
    made = 0

    def counting(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal made
        shape = signature.bind(self, *args, **kwargs).arguments.get("shape")
        made += _values_of(shape)
        if made > most:
            raise _TooLarge
        return add_weight(self, *args, **kwargs)

    layer_class.add_weight = counting
    try:
        yield
    except Exception as error:
        if made <= most:
            raise
        refuse(
            f"The model's layers need more weights than the {most - SPARE_VALUES:,} in the file.",
            "Save the whole model again with model.save().",
            str(error),
        )
    finally:
        layer_class.add_weight = add_weight


class _TooLarge(Exception):
    pass


def _values_of(shape: Any) -> int:
    """Numbers in a weight of this shape; what is no shape is left to the library to complain of."""
    try:
        return math.prod(int(axis) for axis in (shape if shape is not None else ()))
    except (TypeError, ValueError):
        return 0


def _check_outputs(keras_model: Any) -> None:
    """Refuse what would take gigabytes to run once."""
    for layer in layers_of(keras_model):
        for output in _tensors(getattr(layer, "output", None)):
            if math.prod(axis or 1 for axis in axes_of(output)[1:]) > MOST_OUTPUT_VALUES:
                refuse(
                    f"The layer '{layer.name}' gives more than {MOST_OUTPUT_VALUES:,} numbers for one input.",
                    "Bring a smaller model.",
                )


def layers_of(keras_model: Any) -> Iterator[Any]:
    """All layers, also those of models inside."""
    for layer in keras_model.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from layers_of(layer)


def axes_of(tensor: Any) -> tuple[int | None, ...]:
    """The shape of a symbolic tensor of either library, with the batch axis."""
    return tuple(tensor.shape)


def _tensors(output: Any) -> list[Any]:
    if output is None:
        return []
    return list(output) if isinstance(output, list | tuple) else [output]


# ---- The input's shape in the configuration of a Keras model: it is changed there, and the model built anew --------


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


MIXED = ("mixed_float16", "mixed_bfloat16")
"""Policies that keep weights in float32 and compute in half of it, which TensorFlow's converter cannot write."""


def in_full_precision(config: Config) -> tuple[Config, tuple[str, ...]]:
    """The same model computing in float32 where it was trained in mixed precision, and a note if it was."""
    found: set[str] = set()
    changed = _without_mixed(copy.deepcopy(config), found)
    told = (
        f"It was trained in {' and '.join(sorted(found))}: weights in float32, half of it between them. Here all is computed in "
        "float32, as the weights are kept.",
    )
    return changed, told if found else ()


def _without_mixed(value: Any, found: set[str]) -> Any:
    """Replaces the names of mixed policies where they stand for a type, at any depth; the depth was checked before."""
    if isinstance(value, list):
        return [_without_mixed(held, found) for held in value]
    if not isinstance(value, dict):
        return value
    policy = value.get("class_name") in keras_config.NUMBER_POLICIES
    for key, held in value.items():
        if key == "dtype" and held in MIXED:
            found.add(held)
            value[key] = "float32"
        elif policy and key == "config" and isinstance(held, dict) and held.get("name") in MIXED:
            found.add(held["name"])
            held["name"] = "float32"
        else:
            value[key] = _without_mixed(held, found)
    return value


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
    if not stating and layers and layers[0].get("class_name") in keras_config.MODELS:
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
