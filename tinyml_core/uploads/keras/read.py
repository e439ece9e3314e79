"""What is told of a brought Keras model, once it is built."""

from __future__ import annotations

import contextlib
import io
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tinyml_core.compress import techniques
from tinyml_core.domain.brought import Activation, ModelFacts, Port, several_inputs
from tinyml_core.domain.outcome import Report
from tinyml_core.uploads.keras.build import (
    MOST_OUTPUT_VALUES,
    Built,
    axes_of,
    build,
    build_with,
    in_full_precision,
    keeps_state,
    layers_of,
    with_input,
)
from tinyml_core.uploads.keras.config import Config
from tinyml_core.uploads.keras.legacy import NotRebuilt, as_legacy
from tinyml_core.uploads.keras.parts import KerasParts, read_parts
from tinyml_core.uploads.refusal import refuse

SHOWN_LAYERS = 8

SILENT_LAYERS = frozenset({"InputLayer", "Dropout", "Activation", "ReLU", "BatchNormalization", "Flatten", "Reshape"})
"""Left out where the architecture is told in few words."""


def facts_of(
    built: Built,
    stateful: bool,
    open_shape: tuple[int | None, ...] | None = None,
    legacy_config: str = "",
    not_rebuilt: str = "",
    one_at_a_time: bool = False,
    told: Sequence[str] = (),
) -> ModelFacts:
    """What a built model is, besides what else is known of it."""
    keras_model = built.keras_model
    # Whole numbers among the weights are counters, of seen samples or of random streams: no number of the model's answers.
    weights = {name for weight in keras_model.weights if "float" in (name := dtype_of(weight))}
    notes = []
    if len(keras_model.inputs) > 1:
        notes.append(several_inputs(len(keras_model.inputs)))
    if len(keras_model.outputs) > 1:
        notes.append(f"The model has {len(keras_model.outputs)} outputs: the first one is scored.")
    if stateful:
        notes.append("The model keeps state from one call to the next; each sample is measured as a call of its own.")
    if weights - {"float32"}:
        notes.append(f"Its weights are kept as {', '.join(sorted(weights))}.")
    notes += told
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
        one_at_a_time=one_at_a_time,
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


def read_keras(
    content: bytes, file_name: str, input_shape: Sequence[int] | None, report: Report
) -> tuple[ModelFacts, dict[str, bytes]]:
    """Read a Keras model of unknown origin. Call it in an isolated process only.

    Args:
        content: The file.
        file_name: As the person calls it; only for messages.
        input_shape: Of one sample, if the file leaves some of it open and the person was asked.
        report: Takes what is being done.

    Returns:
        The facts, and the files `tflite`, `saved_model` and, if it could be rebuilt, `weights`; no file if the input's shape has
        to be asked for first.

    Raises:
        Expected: The file is damaged, too large, holds code, or cannot be built or converted.
    """
    from tinyml_core.compress.making import load_tensorflow

    report("checking the file")
    parts = read_parts(content)
    load_tensorflow(report)
    report("building the model")
    stateful = keeps_state(parts.config)
    in_float32, told = in_full_precision(parts.config)
    config = with_input(in_float32, None, batch=1 if stateful else None)
    built = build(parts, config)
    asked = _open_shape(built.keras_model)
    if asked is not None:
        if input_shape is None:
            return facts_of(built, stateful, open_shape=asked, told=told), {}
        _check_answer(tuple(input_shape), asked)
        config = with_input(config, tuple(input_shape), batch=1 if stateful else None)
        built = build(parts, config)
        if _open_shape(built.keras_model) is not None:
            refuse("The shape of the input cannot be set in this file.", "Save the model with a fixed input shape.")
    return _with_files(built, parts, config, stateful, told, report)


def _with_files(
    built: Built, parts: KerasParts, config: Config, stateful: bool, told: Sequence[str], report: Report
) -> tuple[ModelFacts, dict[str, bytes]]:
    from tinyml_core.compress import converter

    built, files, single = _converted(built, parts, config, report)
    report("rebuilding the model for training techniques")
    try:
        legacy = as_legacy(built.keras_model, from_keras_3=built.kind == "keras 3")
    except NotRebuilt as reason:
        return facts_of(built, stateful, not_rebuilt=str(reason), one_at_a_time=single, told=told), files
    if built.kind == "keras 3" and LONG_WINDED & _operators(files["tflite"]):
        report("converting the rebuilt model")
        rebuilt = _files(Built(legacy, "legacy keras"), report, one_at_a_time=True)
        if not LONG_WINDED & _operators(rebuilt["tflite"]):
            files, single = rebuilt, True
            told = (*told, FROM_LEGACY)
    files["weights"] = converter.packed_weights(legacy)
    facts = facts_of(built, stateful, legacy_config=legacy.to_json(), one_at_a_time=single, told=told)
    return facts, files


LONG_WINDED = frozenset({"WHILE", "SELECT", "SELECT_V2"})
"""How Keras 3 writes recurrent layers (loops) and Embedding (numbers below zero counted from the end); legacy Keras does not."""

FROM_LEGACY = (
    "It is converted as legacy Keras writes it, which was proven to give the same answers: without the loops and selections of "
    "Keras 3 it is smaller, and more of it runs on a microcontroller."
)

BATCH_OPERATORS = frozenset({"SHAPE"})
"""What works out the size of an open batch while the model runs begins with it."""


def _converted(built: Built, parts: KerasParts, config: Config, report: Report) -> tuple[Built, dict[str, bytes], bool]:
    """The model as SavedModel and float32 `.tflite`, and whether it is exported for one sample at a time.

    Recurrent layers convert for one sample at a time only; others are so where an open batch would leave operators in the file
    that work out its size, which no microcontroller needs.

    Raises:
        Expected: TensorFlow's converter refuses both.
    """
    try:
        files = _files(built, report)
    except Exception as error:  # the converter raises nearly any kind
        first = error
    else:
        if not BATCH_OPERATORS & _operators(files["tflite"]):
            return built, files, False
        single_files = _files(built, report, one_at_a_time=True)
        better = not BATCH_OPERATORS & _operators(single_files["tflite"])
        return (built, single_files, True) if better else (built, files, False)
    with contextlib.suppress(Exception):
        return built, _files(built, report, one_at_a_time=True), True
    try:
        single = Built(build_with(built.kind, parts, with_input(config, None, batch=1)), built.kind)
        return single, _files(single, report), True
    except Exception:
        words = " ".join(str(first).split())
        refuse(
            f"TensorFlow cannot convert the model to .tflite ({type(first).__name__}): {words[:200]}",
            "Build it from layers that TensorFlow Lite has operators for.",
            str(first),
        )


def _operators(tflite: bytes) -> set[str]:
    """Names of all operators of a file."""
    from tinyml_core.measure.tflite import operator_names, parse

    return {name for graph in operator_names(parse(tflite)) for name in graph}


def _files(built: Built, report: Report, one_at_a_time: bool = False) -> dict[str, bytes]:
    from tinyml_core.compress import converter
    from tinyml_core.domain.technique import Settings

    report("exporting the model")
    with contextlib.redirect_stdout(io.StringIO()):
        saved_model = converter.export(built.keras_model, one_at_a_time, **_fixed_batch(built))
    report("converting to float32")
    float32 = techniques.number_formats()["float32"]
    return {
        "saved_model": saved_model,
        "tflite": converter.to_tflite(saved_model, float32, lambda: iter(()), Settings()),
    }


def _fixed_batch(built: Built) -> dict[str, Any]:
    """What Keras 3 must be told to export a model for the number of samples that it was built for."""
    inputs = built.keras_model.inputs
    if built.kind != "keras 3" or inputs[0].shape[0] is None:
        return {}
    import keras

    specs = [keras.InputSpec(shape=axes_of(tensor), dtype=dtype_of(tensor), name=tensor.name) for tensor in inputs]
    return {"input_signature": specs if len(specs) == 1 else [specs]}


def _open_shape(keras_model: Any) -> tuple[int | None, ...] | None:
    """The input's shape if some of it is open.

    Raises:
        Expected: It has no stated input, or several of which one is open: those are not asked for.
    """
    if not getattr(keras_model, "inputs", None):
        refuse(
            "The file does not say which shape the model's input has.",
            "Call the model once on data, and save it again.",
        )
    shapes = [axes_of(tensor)[1:] for tensor in keras_model.inputs]
    if all(None not in shape for shape in shapes):
        return None
    if len(shapes) > 1:
        refuse("The model has several inputs, and the shape of some is open.", "Save it with fixed input shapes.")
    return shapes[0]


def _check_answer(answer: tuple[int, ...], asked: tuple[int | None, ...]) -> None:
    fits = len(answer) == len(asked) and all(
        axis > 0 and stated in (None, axis) for axis, stated in zip(answer, asked, strict=True)
    )
    if not fits or math.prod(answer) > MOST_OUTPUT_VALUES:
        wanted = " x ".join("any" if axis is None else str(axis) for axis in asked)
        refuse(
            f"The input shape {' x '.join(map(str, answer))} does not fit the model, which takes {wanted}.",
            "Give another one.",
        )
