"""The usual way: one script as in the TensorFlow tutorials, which converts and scores all seven variants of `mnist`.

It shares with the lab what makes the comparison fair (architecture, trained weights, data, split, settings) and
nothing else: one process, `from_keras_model` for each variant, an interpreter fed sample by sample.

    python -m benchmarks.usual_way

The last line it prints is a JSON object with the accuracy and the size of each variant.
"""

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # tensorflow-model-optimization needs the older Keras
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_model_optimization as tfmot
import tf_keras

import tinyml_core
from tinyml_core.domain.technique import Settings
from tinyml_core.zoo.datasets.mnist import MNIST
from tinyml_core.zoo.models.mnist import MODEL

warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated.*")
tf_keras.utils.set_random_seed(1)

arrays = MNIST.load(None)
train_images = arrays.x[arrays.train].astype(np.float32) / 255.0
train_labels = arrays.y[arrays.train]
test_images = arrays.x[arrays.test].astype(np.float32) / 255.0
test_labels = arrays.y[arrays.test]

model = MODEL.build()
with np.load(Path(tinyml_core.__file__).parent / "zoo" / "models" / "mnist.npz") as stored:
    model.set_weights([stored[name] for name in sorted(stored.files)])


def representative_data_gen() -> Iterator[list[Any]]:
    """The calibration samples, one by one."""
    for value in tf.data.Dataset.from_tensor_slices(train_images).batch(1).take(Settings().calibration_samples):
        yield [value]


def evaluate(tflite_model: bytes) -> float:
    """Accuracy on the held-out images, sample by sample."""
    interpreter = tf.lite.Interpreter(model_content=tflite_model)
    interpreter.allocate_tensors()
    input_details = interpreter.get_input_details()[0]
    output_details = interpreter.get_output_details()[0]
    right = 0
    for image, label in zip(test_images, test_labels, strict=True):
        if input_details["dtype"] != np.float32:
            scale, zero_point = input_details["quantization"]
            limits = np.iinfo(input_details["dtype"])
            image = np.clip(np.round(image / scale) + zero_point, limits.min, limits.max)
        interpreter.set_tensor(input_details["index"], np.expand_dims(image, axis=0).astype(input_details["dtype"]))
        interpreter.invoke()
        right += int(np.argmax(interpreter.get_tensor(output_details["index"])[0]) == label)
    return right / len(test_labels)


def convert(keras_model: Any, technique: str) -> bytes:
    """One variant, as the converter's guide says for each technique."""
    converter = tf.lite.TFLiteConverter.from_keras_model(keras_model)
    if technique != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if technique == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if technique in ("int8_float_io", "int8", "int16x8", "qat_int8"):
        converter.representative_dataset = representative_data_gen
    if technique in ("int8", "qat_int8"):
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    if technique == "int16x8":
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
        converter.inference_input_type = converter.inference_output_type = tf.int16
    return bytes(converter.convert())


def trained_on() -> Any:
    """Quantization-aware training with the lab's epochs, batch size and learning rate."""
    quantized = tfmot.quantization.keras.quantize_model(model)
    recipe = MODEL.fine_tuning
    quantized.compile(
        optimizer=tf_keras.optimizers.Adam(recipe.learning_rate),
        loss=tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    epochs = Settings().fine_tuning_epochs
    quantized.fit(train_images, train_labels, batch_size=recipe.batch_size, epochs=epochs, verbose=0)
    return quantized


results = {}
for name in ("float32", "float16", "dynamic", "int8_float_io", "int8", "int16x8", "qat_int8"):
    content = convert(trained_on() if name == "qat_int8" else model, name)
    results[name] = {"score": evaluate(content), "bytes": len(content)}
    print(f"{name}: accuracy {results[name]['score']:.4f}, {results[name]['bytes']} bytes")
print(json.dumps(results))
