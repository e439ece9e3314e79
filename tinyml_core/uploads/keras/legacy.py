"""A model that holds other models, as one flat graph of layers: TensorFlow's optimization tool cannot train on nested ones."""

from __future__ import annotations

import copy
import inspect
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyml_core.uploads.keras import config as keras_config
from tinyml_core.uploads.keras.build import layers_of
from tinyml_core.uploads.keras.config import Config, read_config

End = list[Any]
"""Where a layer's input comes from: `[layer, call, output, further arguments]`."""


def flat(config: Config) -> Config:
    """A configuration in legacy Keras's form with all layers of the models inside at the top; as it is if there are none.

    Raises:
        NotRebuilt: A model inside is called several times, has several inputs or outputs, or two layers have one name.
    """
    if not any(entry["class_name"] in keras_config.MODELS for entry in config["config"]["layers"]):
        return config
    graph = _graph(copy.deepcopy(config))
    twice = [name for name, times in Counter(entry["name"] for entry in graph.layers).items() if times > 1]
    if twice:
        raise _same_name(twice[0])
    start = next(entry for entry in graph.layers if entry["class_name"] == "InputLayer")
    ends = {"input_layers": [[start["name"], 0, 0]], "output_layers": [graph.output[:3]]}
    return {"class_name": "Functional", "config": {"name": config["config"]["name"], "layers": graph.layers, **ends}}


@dataclass(slots=True)
class _Graph:
    layers: list[Config]
    output: End


def _graph(model: Config) -> _Graph:
    """The layers of a model with one input and one output, those of models inside put in their place."""
    layers: list[Config] = []
    moved: dict[str, End] = {}
    if model["class_name"] == "Sequential":
        _chain(model["config"])
    for entry in model["config"]["layers"]:
        if entry["class_name"] not in keras_config.MODELS:
            layers.append(entry)
            continue
        calls = entry["inbound_nodes"]
        if len(calls) != 1 or len(calls[0]) != 1:
            raise NotRebuilt(f"The model holds another model ('{entry['name']}') that is used several times.")
        inner = _graph(entry)
        start = [held for held in inner.layers if held["class_name"] == "InputLayer"]
        if len(start) != 1:
            raise NotRebuilt(f"The model holds another model ('{entry['name']}') that has not exactly one input.")
        inner.layers.remove(start[0])
        given, where = start[0]["name"], calls[0][0][:3]
        _redirect(inner.layers, lambda end, given=given, where=where: where if end[0] == given else end)  # type: ignore[misc]
        moved[entry["name"]] = where if inner.output[0] == given else inner.output
        layers.extend(inner.layers)
    for entry in layers:
        if entry["name"] in moved:
            raise _same_name(entry["name"])
    ends = model["config"]["output_layers"]
    if len(ends) != 1:
        raise NotRebuilt("The model holds another model with several outputs.")
    _redirect(layers, lambda end: _followed(end, moved))
    return _Graph(layers, _followed(ends[0][:3], moved))


def _same_name(name: str) -> NotRebuilt:
    return NotRebuilt(f"The model holds another model, and the name '{name}' is given in both.")


def _chain(config: Config) -> None:
    """Write a sequential model as a graph, in place."""
    before: End | None = None
    for entry in config["layers"]:
        entry["name"] = entry["config"]["name"]
        entry["inbound_nodes"] = [[[*before, {}]]] if before else []
        before = [entry["name"], 0, 0]
    config["output_layers"] = [before]


def _redirect(layers: list[Config], to: Callable[[End], End]) -> None:
    """Let what came from a model inside, or from its input, come from where it is now."""
    for entry in layers:
        for call in entry["inbound_nodes"]:
            for place, end in enumerate(call):
                call[place] = [*to(end[:3]), *end[3:]]


def _followed(end: End, moved: dict[str, End]) -> End:
    """Where an output is found now; it has moved more than once if a model inside passes its input on."""
    for _ in range(len(moved) + 1):
        if end[0] not in moved:
            return end
        end = moved[end[0]]
    raise _same_name(end[0])


# ---- A Keras 3 model's configuration in the words of legacy Keras --------------------------------------------------


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
    made = _model(entry) if name in keras_config.MODELS else _object(entry)
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
    elif name in keras_config.LAYERS:
        known = _settings_of(name)
        settings = {key: value for key, value in settings.items() if key in known}
    elif name in keras_config.INITIALIZERS:
        settings = {key: value for key, value in settings.items() if key not in ("input_axes", "output_axes")}
    return {"class_name": name, "config": {key: _value(value) for key, value in settings.items()}}


def _value(value: Any) -> Any:
    if isinstance(value, dict) and "class_name" in value:
        return value["config"]["name"] if value["class_name"] in keras_config.NUMBER_POLICIES else _object(value)
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
