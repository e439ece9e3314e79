"""TensorFlow's converter: trained Keras model -> SavedModel (once) -> `.tflite` bytes in each of its number formats."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinyml_core.compress.training.fit import clean_state
from tinyml_core.domain.dataset import Arrays, FetchedFile
from tinyml_core.domain.model import Model
from tinyml_core.domain.technique import Calibration, NumberFormat, Settings
from tinyml_core.engine.progress import timed
from tinyml_core.zoo.fetch import base_weights_folder, weights_path

if TYPE_CHECKING:
    import numpy as np


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
    import numpy as np

    packed = io.BytesIO()
    np.savez(packed, **{f"w{index:02d}": weight for index, weight in enumerate(keras_model.get_weights())})
    return packed.getvalue()


def set_packed_weights(keras_model: Any, packed: bytes) -> None:
    """Give a Keras model of the same architecture the weights of an `.npz`."""
    import numpy as np

    with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
        keras_model.set_weights([stored[f"w{index:02d}"] for index in range(len(stored.files))])


ANSWERING_BYTES = 10 * 1024**2
"""Inputs answered at once; a large network needs hundreds of times as much for what is between its layers."""


def answers(keras_model: Any, x: np.ndarray, x_scale: float) -> np.ndarray:
    """The Keras model's outputs for raw inputs, `(samples, values)`."""
    import numpy as np

    batch = max(1, ANSWERING_BYTES // (4 * int(np.prod(x.shape[1:]))))
    parts = (x[start : start + batch].astype("float32") * x_scale for start in range(0, len(x), batch))
    return np.concatenate([keras_model(part).numpy() for part in parts])


def export(keras_model: Any, one_at_a_time: bool = False, **options: Any) -> bytes:
    """The model as a zipped SavedModel: what every variant is converted from.

    Args:
        keras_model: Of either library.
        one_at_a_time: For one sample at a time, as a microcontroller has them. With an open batch Keras writes operators that
            work out its size while the model runs (SHAPE, STRIDED_SLICE, PACK).
        options: Keras's own, of its `export`.
    """
    with tempfile.TemporaryDirectory(prefix="tinyml-") as folder:
        with timed("convert_s"):
            if one_at_a_time or _trains_by_default(keras_model):
                _export_inference(keras_model, folder, 1 if one_at_a_time else None)
            else:
                keras_model.export(folder, **options)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(Path(folder).rglob("*")):
                if path.is_file():
                    archive.writestr(zipfile.ZipInfo(str(path.relative_to(folder))), path.read_bytes())
    return packed.getvalue()


def _trains_by_default(keras_model: Any) -> bool:
    """True if a layer does at inference what it does in training unless told otherwise: those that augment pictures."""
    layers = keras_model._flatten_layers(include_self=False, recursive=True)
    defaults = (inspect.signature(layer.call).parameters.get("training") for layer in layers)
    return any(default is not None and default.default is True for default in defaults)


def _export_inference(keras_model: Any, folder: str, batch: int | None) -> None:
    """Export what the model does at inference; for a fixed number of samples at once if one is given."""
    import tensorflow as tf

    if type(keras_model).__module__.startswith("tf_keras"):
        from tf_keras.src.export.export_lib import ExportArchive
    else:
        from keras.export import ExportArchive

    inputs = keras_model.inputs
    specs = [
        tf.TensorSpec([each.shape[0] or batch, *each.shape[1:]], getattr(each.dtype, "name", each.dtype), each.name)
        for each in inputs
    ]

    def serve(*given: Any) -> Any:
        return keras_model(given[0] if len(given) == 1 else list(given), training=False)

    archive = ExportArchive()
    archive.track(keras_model)
    archive.add_endpoint("serve", serve, input_signature=specs)
    with contextlib.redirect_stdout(io.StringIO()):
        archive.write_out(folder)


def calibration(arrays: Arrays, samples: int) -> Calibration:
    """The first `samples` of the training split as a representative dataset; never a held-out sample."""

    def yield_inputs() -> Iterator[list[np.ndarray]]:
        import numpy as np

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
            number_format.configure(converter, _as_taken(samples, folder), settings)
            content: bytes = converter.convert()
    return in_order_of_outputs(content)


NUMBERED = re.compile(r"output_(\d+)")


def in_order_of_outputs(content: bytes) -> bytes:
    """The file with its outputs in the model's own order.

    TensorFlow's converter sorts them otherwise, but keeps the names `output_0`, `output_1`, ... that an export numbers them by. A
    file with one output, or whose outputs have names of their own, comes back as it is.
    """
    from tinyml_core.measure.tflite import parse

    if content.count(b"output_1") == 0:
        return content  # the usual case, told without unpacking the file
    model = parse(content)
    graph, signatures = model.subgraphs[0], model.signatureDefs or []
    named = {one.name.decode(): int(one.tensorIndex) for one in (signatures[0].outputs if signatures else None) or []}
    numbers = {name: NUMBERED.fullmatch(name) for name in named}
    if len(named) < 2 or not all(numbers.values()) or {*named.values()} != {*map(int, graph.outputs)}:
        return content
    ordered = sorted(named, key=lambda name: int(name.removeprefix("output_")))
    if [named[name] for name in ordered] == [int(index) for index in graph.outputs]:
        return content
    graph.outputs = [named[name] for name in ordered]
    import flatbuffers  # type: ignore[import-untyped]

    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _as_taken(samples: Calibration, folder: str) -> Calibration:
    """The samples in the type of the SavedModel's input: token ids are whole numbers, and the converter casts nothing."""
    from tensorflow.python.saved_model.loader_impl import parse_saved_model

    signature = parse_saved_model(folder).meta_graphs[0].signature_def["serving_default"]
    inputs = list(signature.inputs.values())
    if len(inputs) != 1:
        return samples
    return in_type(samples, tf_type_name(inputs[0].dtype))


def tf_type_name(number: int) -> str:
    """NumPy's name of a type that TensorFlow writes as a number."""
    import tensorflow as tf

    return str(tf.dtypes.as_dtype(number).name)


def in_type(samples: Calibration, dtype: str) -> Calibration:
    """The samples cast to a type of whole numbers; others as they are, in float32."""
    if not dtype.startswith(("int", "uint")):
        return samples

    def yield_cast() -> Iterator[list[np.ndarray]]:
        for inputs in samples():
            yield [one.round().astype(dtype) for one in inputs]

    return yield_cast


# ---- number formats: how the converter is set up for each, in place -----------------------------------------------


def _float32(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Leave the converter as it is: it changes no number."""


def _float16(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Optimize, and allow no type but float16 for weights: a DEQUANTIZE operator stands before each use of them."""
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]


def _dynamic(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Optimize without a representative dataset, under the policy that the settings name: 8-bit weights, float activations."""
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize[settings.policy]]


def _int8_float_io(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Give the converter a representative dataset, and leave it free to keep operators, input and output in float."""
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = calibration


def _int8(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Allow no operator but the int8 ones; the representative dataset is demanded even after training for int8."""
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = calibration
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8


def _int16x8(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Ask for the operator set with 8-bit weights and 16-bit activations; the converter still calls it experimental."""
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = calibration
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
    ]
    converter.inference_input_type = tf.int16
    converter.inference_output_type = tf.int16


def _sparse32(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Ask for the sparse encoding, which leaves zeros out of the file and lists where the other weights belong.

    The converter uses it for tensors with enough zeros, and still calls it experimental.
    """
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.EXPERIMENTAL_SPARSITY]


FORMATS = (
    NumberFormat("float32", "float32", 1, 32, False, _float32),
    NumberFormat("float16", "float16", 2, 16, False, _float16),
    NumberFormat("dynamic", "Dynamic range", 3, 8, False, _dynamic, settings=("policy",), short="dynamic range"),
    NumberFormat("int8_float_io", "int8 with float in and out", 4, 8, True, _int8_float_io),
    NumberFormat("int8", "Full integer (int8)", 5, 8, True, _int8, short="int8"),
    NumberFormat("int16x8", "Integer 16x8", 6, 8, True, _int16x8, short="16x8"),
    NumberFormat("sparse32", "Sparse float32", 7, 32, False, _sparse32, short="sparse float32"),
)
"""Name, title, order, bits of a weight, whether it needs calibration, and how the converter is set up."""
