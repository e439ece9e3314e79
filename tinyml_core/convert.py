"""Trained Keras model -> SavedModel (once) -> `.tflite` bytes. Runs in a worker with TensorFlow."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tinyml_core.dataset import Arrays, FetchedFile
from tinyml_core.fetched import base_weights_folder, weights_path
from tinyml_core.fitting import clean_state
from tinyml_core.model import Model
from tinyml_core.number_format import Calibration, NumberFormat
from tinyml_core.stopwatch import timed
from tinyml_core.values import Settings


def built(model: Model, seed: int) -> Any:
    """The Keras model built in a clean state: untrained, or with its random weights if no data comes with it."""
    clean_state(seed)
    return model.build()


def trained(model: Model, seed: int) -> Any:
    """The Keras model with its weights, built in a clean state: trained ones, or random ones if no data comes with it.

    Raises:
        FileNotFoundError: The model has no trained weights yet; `tinyml train NAME` makes them.
    """
    keras_model = built(model, seed)
    if model.datasets:
        set_packed_weights(keras_model, weights_path(model).read_bytes())
    return keras_model


def start_from_base(keras_model: Any, base: FetchedFile) -> None:
    """Give the layers of a flat model the weights of the same names in a Keras weights file.

    Raises:
        ValueError: The file has weights that no layer of the model takes; Keras itself would pass over them in silence.
    """
    import h5py  # type: ignore[import-untyped]

    path = base_weights_folder() / base.name
    with h5py.File(path) as file:
        group = file.get("model_weights", file)
        named = {str(name) for name in group if len(group[name].attrs.get("weight_names", ()))}
    missing = named - {layer.name for layer in keras_model.layers}
    if missing or not named:
        raise ValueError(
            f"{base.name} does not fit the model: {', '.join(sorted(missing)[:3]) or 'it holds no weights'}"
        )
    keras_model.load_weights(path, by_name=True)


def packed_weights(keras_model: Any) -> bytes:
    """All weights of a Keras model, in its own order, as an uncompressed `.npz`."""
    packed = io.BytesIO()
    np.savez(packed, **{f"w{index:02d}": weight for index, weight in enumerate(keras_model.get_weights())})
    return packed.getvalue()


def set_packed_weights(keras_model: Any, packed: bytes) -> None:
    """Give a Keras model of the same architecture the weights of an `.npz`."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
        keras_model.set_weights([stored[f"w{index:02d}"] for index in range(len(stored.files))])


ANSWERING_BYTES = 10 * 1024**2
"""Inputs answered at once; a large network needs hundreds of times as much for what is between its layers."""


def answers(keras_model: Any, x: np.ndarray, x_scale: float) -> np.ndarray:
    """The Keras model's outputs for raw inputs, `(samples, values)`."""
    batch = max(1, ANSWERING_BYTES // (4 * int(np.prod(x.shape[1:]))))
    parts = (x[start : start + batch].astype("float32") * x_scale for start in range(0, len(x), batch))
    return np.concatenate([keras_model(part).numpy() for part in parts])


def export(keras_model: Any, **options: Any) -> bytes:
    """The model as a zipped SavedModel: what every variant is converted from. The options are Keras's own."""
    with tempfile.TemporaryDirectory(prefix="tinyml-") as folder:
        with timed("convert_s"):
            keras_model.export(folder, **options)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(Path(folder).rglob("*")):
                if path.is_file():
                    archive.writestr(zipfile.ZipInfo(str(path.relative_to(folder))), path.read_bytes())
    return packed.getvalue()


def calibration(arrays: Arrays, samples: int) -> Calibration:
    """The first `samples` of the training split as a representative dataset; never a held-out sample."""

    def yield_inputs() -> Iterator[list[np.ndarray]]:
        for index in arrays.train[:samples]:
            yield [arrays.x[index : index + 1].astype(np.float32) * np.float32(arrays.x_scale)]

    return yield_inputs


def to_tflite(saved_model: bytes, number_format: NumberFormat, samples: Calibration, settings: Settings) -> bytes:
    """Convert a zipped SavedModel to `.tflite` bytes.

    Raises:
        Exception: Whatever TensorFlow's converter raises; the step turns it into a `Failure`.
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory(prefix="tinyml-") as folder:
        with zipfile.ZipFile(io.BytesIO(saved_model)) as archive:
            archive.extractall(folder)
        with timed("convert_s"):
            converter = tf.lite.TFLiteConverter.from_saved_model(folder)
            assert number_format.configure is not None, f"{number_format.name} is not written by the converter"
            number_format.configure(converter, samples, settings)
            content: bytes = converter.convert()
    return content
