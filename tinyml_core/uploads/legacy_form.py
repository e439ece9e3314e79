"""A Keras 3 model's configuration in the words of legacy Keras."""

from __future__ import annotations

import inspect
from typing import Any

from tinyml_core.uploads import allowed
from tinyml_core.uploads.keras_config import Config

ALWAYS_TAKEN = ("name", "trainable", "dtype")


class NotRebuilt(Exception):
    """Why legacy Keras cannot have the same model, in one sentence."""


def legacy_config_of(keras_model: Any) -> Config:
    """The configuration of a Keras 3 model as legacy Keras writes it.

    Raises:
        NotRebuilt: Legacy Keras has no words for it.
    """
    sequential = type(keras_model).__name__ == "Sequential"
    config = {"class_name": "Sequential" if sequential else "Functional", "config": keras_model.get_config()}
    made = _model(config)
    layers = made["config"]["layers"]
    if sequential and layers[0]["class_name"] != "InputLayer":
        layers.insert(0, _input_layer(keras_model))
    return made


def _model(entry: Config) -> Config:
    config = entry["config"]
    made: Config = {"name": config["name"], "layers": [_layer(inner) for inner in config["layers"]]}
    if entry["class_name"] != "Sequential":
        made |= {key: _ends(config[key]) for key in ("input_layers", "output_layers")}
    return {"class_name": entry["class_name"], "config": made}


def _input_layer(keras_model: Any) -> Config:
    settings = {"batch_input_shape": list(keras_model.input_shape), "dtype": "float32", "name": "input"}
    return {"class_name": "InputLayer", "config": settings}


def _ends(ends: Any) -> list[Any]:
    """`[name, node, tensor]` of the inputs or outputs, always as a list of them."""
    return [ends] if ends and isinstance(ends[0], str) else list(ends)


def _layer(entry: Config) -> Config:
    name = entry["class_name"]
    if entry.get("module", "").startswith("keras.src.ops"):
        raise NotRebuilt(f"Legacy Keras has no layer for the operation {name} ('{entry['config'].get('name')}').")
    made = _model(entry) if name in allowed.MODELS else _object(entry)
    if "inbound_nodes" in entry:
        made["name"] = entry["name"]
        made["inbound_nodes"] = [_node(node, entry["name"]) for node in entry["inbound_nodes"]]
    return made


def _object(entry: Config) -> Config:
    """A layer, initialiser or the like with the settings that legacy Keras knows of."""
    name, settings = entry["class_name"], dict(entry["config"])
    if "batch_shape" in settings:
        settings["batch_input_shape"] = settings.pop("batch_shape")
        settings.pop("optional", None)
    elif name in allowed.LAYERS:
        known = _settings_of(name)
        settings = {key: value for key, value in settings.items() if key in known}
    elif name in allowed.INITIALIZERS:
        settings = {key: value for key, value in settings.items() if key not in ("input_axes", "output_axes")}
    return {"class_name": name, "config": {key: _value(value) for key, value in settings.items()}}


def _value(value: Any) -> Any:
    if isinstance(value, dict) and "class_name" in value:
        return value["config"]["name"] if value["class_name"] in allowed.NUMBER_POLICIES else _object(value)
    if isinstance(value, list | tuple):
        return [_value(held) for held in value]
    return value


def _settings_of(layer: str) -> set[str]:
    """What legacy Keras's layer of this name can be told: the arguments of the first class in line that has any."""
    import tf_keras

    found = getattr(tf_keras.layers, layer, None)
    if found is None:
        raise NotRebuilt(f"Legacy Keras has no layer {layer}.")
    initialiser = next(kind.__init__ for kind in found.__mro__ if "__init__" in vars(kind))
    return {*inspect.signature(initialiser).parameters, *ALWAYS_TAKEN}


def _node(node: Config, name: str) -> list[Any]:
    """One call of a layer: `[[name, node, tensor, {}], ...]`."""
    tensors = _tensors(node["args"])
    others = {key: value for key, value in node["kwargs"].items() if value is not None and key != "training"}
    if tensors is None or others:
        raise NotRebuilt(f"The layer '{name}' is called with more than the outputs of other layers.")
    return [[*tensor["config"]["keras_history"], {}] for tensor in tensors]


def _tensors(args: list[Any]) -> list[Config] | None:
    """The outputs of other layers with which a layer is called: one, or one list of them; None for anything else."""
    if len(args) != 1:
        return None
    tensors = list(args[0]) if isinstance(args[0], list | tuple) else [args[0]]
    are = all(isinstance(tensor, dict) and tensor.get("class_name") == "__keras_tensor__" for tensor in tensors)
    return tensors if are else None
