"""What is told of a brought Keras model, once it is built."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tinyml_core.uploads.building import Built, axes_of, layers_of
from tinyml_core.uploads.facts import Activation, ModelFacts, Port, several_inputs

SHOWN_LAYERS = 8
SILENT_LAYERS = frozenset({"InputLayer", "Dropout", "Activation", "ReLU", "BatchNormalization", "Flatten", "Reshape"})
"""Left out where the architecture is told in few words."""


def facts_of(
    built: Built,
    stateful: bool,
    open_shape: tuple[int | None, ...] | None = None,
    legacy_config: str = "",
    not_rebuilt: str = "",
) -> ModelFacts:
    """What a built model is, besides what else is known of it."""
    keras_model = built.keras_model
    weights = {dtype_of(weight) for weight in keras_model.weights}
    notes = []
    if len(keras_model.inputs) > 1:
        notes.append(several_inputs(len(keras_model.inputs)))
    if len(keras_model.outputs) > 1:
        notes.append(f"The model has {len(keras_model.outputs)} outputs: the first one is scored.")
    if stateful:
        notes.append("The model keeps state from one call to the next; each sample is measured as a call of its own.")
    if weights - {"float32"}:
        notes.append(f"Its weights are kept as {', '.join(sorted(weights))}.")
    return ModelFacts(
        kind=built.kind,
        inputs=tuple(_port(tensor, index, "input") for index, tensor in enumerate(keras_model.inputs)),
        outputs=tuple(_port(tensor, index, "output") for index, tensor in enumerate(keras_model.outputs)),
        parameters=int(keras_model.count_params()),
        architecture=_architecture(keras_model),
        float_weights=weights <= {"float32"},
        open_shape=open_shape,
        last_activation=_last_activation(keras_model),
        legacy_config=legacy_config,
        not_rebuilt=not_rebuilt,
        notes=tuple(notes),
    )


def dtype_of(tensor: Any) -> str:
    """The number type of a weight or symbolic tensor of either library."""
    return str(getattr(tensor.dtype, "name", tensor.dtype))


def _port(tensor: Any, index: int, word: str) -> Port:
    maker = _maker(tensor)
    name = maker.name if maker is not None else f"{word}_{index}"
    return Port(name, axes_of(tensor)[1:], dtype_of(tensor))


def _maker(tensor: Any) -> Any:
    """The layer or operation that gives a symbolic tensor."""
    history = getattr(tensor, "_keras_history", None)
    return history[0] if history else None


def _last_activation(keras_model: Any) -> Activation:
    last = _maker(keras_model.outputs[0])
    while hasattr(last, "layers"):
        last = last.layers[-1]
    name = type(last).__name__
    if name in ("Softmax", "Sigmoid"):
        return "softmax" if name == "Softmax" else "sigmoid"
    activation = getattr(last, "activation", None)
    if activation is None:
        return "unknown"
    named = getattr(activation, "__name__", type(activation).__name__).lower()
    if named == "softmax":
        return "softmax"
    return "sigmoid" if named == "sigmoid" else "other"


def _architecture(keras_model: Any) -> str:
    """The layers in few words: one by one, or counted where they are many."""
    layers = [layer for layer in layers_of(keras_model) if not hasattr(layer, "layers")]
    telling = [layer for layer in layers if type(layer).__name__ not in SILENT_LAYERS] or layers
    if len(telling) <= SHOWN_LAYERS:
        return ", ".join(_words(layer) for layer in telling)
    counted = Counter(type(layer).__name__ for layer in telling)
    return ", ".join(f"{count} {name}" for name, count in counted.most_common(SHOWN_LAYERS))


def _words(layer: Any) -> str:
    width = getattr(layer, "filters", None) or getattr(layer, "units", None)
    return f"{type(layer).__name__} {width}" if isinstance(width, int) else type(layer).__name__
