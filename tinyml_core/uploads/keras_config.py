"""The configuration of a brought Keras model, parsed and held against the allow-list without Keras."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from tinyml_core.uploads import allowed
from tinyml_core.uploads.refusal import bare, damaged, refuse

MOST_CHARACTERS = 4_000_000
MOST_VALUES = 300_000
MOST_DEPTH = 100
"""A model inside a model is seven levels deeper."""

MOST_LAYERS = 1_500
ADVICE = "Build the model from Keras's built-in layers, or bring it as a .tflite file."
NOT_LOADED = frozenset({"compile_config"})
"""What trained the model: losses, metrics, optimizers. Left out at every depth before anything looks at it."""

Config = dict[str, Any]


def read_config(text: str) -> Config:
    """Parse a model's configuration; what comes back names built-in parts only.

    Raises:
        Expected: It is no configuration of a model, too large, or names something that is not on the allow-list.
    """
    if len(text) > MOST_CHARACTERS:
        refuse(f"The model's configuration is longer than {MOST_CHARACTERS:,} characters.", "Bring a smaller model.")
    try:
        config: Config = json.loads(text, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        damaged("The model's configuration", error)
    named = config.get("class_name") if isinstance(config, dict) else None
    if not isinstance(named, str):
        damaged("The model's configuration")
    if named not in allowed.MODELS:
        _refuse_class(named, "")
    check(config)
    return config


def _once_each(pairs: list[tuple[str, Any]]) -> Config:
    """Two readers may take different ones of two equal names, so there must not be any."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name is given twice")
    return {name: value for name, value in pairs if name not in NOT_LOADED}


def check(config: Config) -> None:
    """Hold everything that a configuration names, at any depth, against the allow-list.

    Raises:
        Expected: Something is not on it.
    """
    layers = 0
    for count, (key, value, layer) in enumerate(_values(config)):
        if count > MOST_VALUES:
            refuse(f"The model's configuration has more than {MOST_VALUES:,} values.", "Bring a smaller model.")
        if isinstance(value, dict) and "class_name" in value:
            _check_class(value, layer)
            layers += value["class_name"] in allowed.LAYERS
            if layers > MOST_LAYERS:
                refuse(f"The model has more than {MOST_LAYERS:,} layers.", "Bring a smaller model.")
        elif isinstance(value, str):
            _check_word(key, value, layer)


def _values(config: Config) -> Iterator[tuple[str, Any, str]]:
    """All values with the key under which they stand (in lists: the list's) and the name of the layer round them.

    Goes through them without recursion: a stranger decides how deep they lie.
    """
    waiting: list[tuple[str, Any, str, int]] = [("", config, "", 0)]
    while waiting:
        key, value, layer, depth = waiting.pop()
        if depth > MOST_DEPTH:
            refuse(f"The model's configuration is nested more than {MOST_DEPTH} levels deep.", ADVICE)
        if isinstance(value, dict):
            layer = _name(value) or layer
            is_function = value.get("class_name") == "function"
            inner = ((name, held) for name, held in value.items() if not (is_function and name == "config"))
            waiting.extend((name, held, layer, depth + 1) for name, held in inner)
        elif isinstance(value, list):
            waiting.extend((key, held, layer, depth + 1) for held in value)
        yield key, value, layer


def _name(value: Config) -> str:
    """The name of a layer, if the value is one."""
    config = value.get("config")
    named = config.get("name") if isinstance(config, dict) else None
    named = named if isinstance(named, str) else value.get("name")
    return named if isinstance(named, str) and "class_name" in value else ""


def _check_class(value: Mapping[str, Any], layer: str) -> None:
    name, module = value["class_name"], value.get("module")
    if not isinstance(name, str) or not isinstance(module, str | None):
        damaged("The model's configuration")
    registered = value.get("registered_name")
    if name == "function":
        function = value.get("config")
        if not isinstance(function, str) or function not in allowed.ACTIVATIONS:
            _refuse_word("function", function, layer)
        if module is not None and module not in allowed.FUNCTION_MODULES:
            _refuse_origin(function, module, layer)
        if registered not in (None, "function", function):
            _refuse_origin(function, registered, layer)
        return
    kinds = [kind for kind in allowed.KINDS if name in kind.names]
    if not kinds:
        _refuse_class(name, layer)
    if module is not None and not any(module in kind.modules for kind in kinds):
        _refuse_origin(name, module, layer)
    if registered not in (None, name):
        _refuse_origin(name, registered, layer)


def _check_word(key: str, value: str, layer: str) -> None:
    if key == "class_name":
        return  # looked at with its object
    kind = key.rsplit("_", 1)[-1]
    if kind in allowed.WORDS and value not in allowed.WORDS[kind]:
        _refuse_word(kind if kind != "dtype" else "number type", value, layer)


def _refuse_class(name: str, layer: str) -> NoReturn:
    where = f" ('{bare(layer)}')" if layer else ""
    if name in allowed.CODE:
        refuse(f"The layer {name}{where} holds code of its own, which is never run here.", ADVICE)
    if name in allowed.READERS:
        refuse(
            f"The layer {name}{where} reads text or a vocabulary, which no model for a microcontroller does.", ADVICE
        )
    refuse(f"{bare(name)}{where} is not one of the built-in parts of Keras that are loaded here.", ADVICE)


def _refuse_origin(name: object, origin: object, layer: str) -> NoReturn:
    where = f" ('{bare(layer)}')" if layer else ""
    refuse(f"{bare(name)}{where} comes from '{bare(origin)}', which is code outside of Keras's built-in parts.", ADVICE)


def _refuse_word(kind: str, value: object, layer: str) -> NoReturn:
    where = f" of '{bare(layer)}'" if layer else ""
    refuse(f"The {kind} '{bare(value)}'{where} is not one of Keras's built-in ones.", ADVICE)
