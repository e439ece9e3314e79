"""Reads a brought `.keras`, `.h5` or `.hdf5` file: checked, built, converted to float32, and in legacy Keras if that can be had."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Sequence
from typing import Any

from tinyml_core.compress import techniques
from tinyml_core.outcome import Report
from tinyml_core.uploads.building import MOST_OUTPUT_VALUES, Built, axes_of, build, build_with
from tinyml_core.uploads.facts import ModelFacts
from tinyml_core.uploads.keras_config import Config
from tinyml_core.uploads.keras_facts import dtype_of, facts_of
from tinyml_core.uploads.keras_parts import KerasParts, read_parts
from tinyml_core.uploads.keras_shapes import keeps_state, with_input
from tinyml_core.uploads.legacy_form import NotRebuilt
from tinyml_core.uploads.rebuilding import as_legacy
from tinyml_core.uploads.refusal import refuse


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
    config = with_input(parts.config, None, batch=1 if stateful else None)
    built = build(parts, config)
    asked = _open_shape(built.keras_model)
    if asked is not None:
        if input_shape is None:
            return facts_of(built, stateful, open_shape=asked), {}
        _check_answer(tuple(input_shape), asked)
        config = with_input(config, tuple(input_shape), batch=1 if stateful else None)
        built = build(parts, config)
        if _open_shape(built.keras_model) is not None:
            refuse("The shape of the input cannot be set in this file.", "Save the model with a fixed input shape.")
    return _with_files(built, parts, config, stateful, report)


def _with_files(
    built: Built, parts: KerasParts, config: Config, stateful: bool, report: Report
) -> tuple[ModelFacts, dict[str, bytes]]:
    from tinyml_core.compress import converter

    built, files = _converted(built, parts, config, report)
    report("rebuilding the model for training techniques")
    try:
        legacy = as_legacy(built.keras_model, from_keras_3=built.kind == "keras 3")
    except NotRebuilt as reason:
        return facts_of(built, stateful, not_rebuilt=str(reason)), files
    files["weights"] = converter.packed_weights(legacy)
    return facts_of(built, stateful, legacy_config=legacy.to_json()), files


def _converted(built: Built, parts: KerasParts, config: Config, report: Report) -> tuple[Built, dict[str, bytes]]:
    """The model as SavedModel and float32 `.tflite`; recurrent layers convert for one sample at a time only.

    Raises:
        Expected: TensorFlow's converter refuses both.
    """
    try:
        return built, _files(built, report)
    except Exception as error:  # the converter raises nearly any kind
        first = error
    try:
        single = Built(build_with(built.kind, parts, with_input(config, None, batch=1)), built.kind)
        return single, _files(single, report)
    except Exception:
        words = " ".join(str(first).split())
        refuse(
            f"TensorFlow cannot convert the model to .tflite ({type(first).__name__}): {words[:200]}",
            "Build it from layers that TensorFlow Lite has operators for.",
            str(first),
        )


def _files(built: Built, report: Report) -> dict[str, bytes]:
    from tinyml_core.compress import converter
    from tinyml_core.values import Settings

    report("exporting the model")
    with contextlib.redirect_stdout(io.StringIO()):
        saved_model = converter.export(built.keras_model, **_fixed_batch(built))
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
