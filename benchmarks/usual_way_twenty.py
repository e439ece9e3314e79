"""The usual way with twenty techniques: one script as in the tutorials of TensorFlow's model optimization, for `digits`.

It shares with the lab what makes the comparison fair (architecture, trained weights, data, split, epochs, learning rates)
and nothing else: one process, one technique after the other, an interpreter fed sample by sample. What one technique has
trained, the next one uses where a careful author would do so (the model pruned to 50 % is pruned once).

    python -m benchmarks.usual_way_twenty

The last line it prints is a JSON object with the accuracy and the size of each variant.
"""

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # tensorflow-model-optimization needs the older Keras
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import json
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_model_optimization as tfmot
import tf_keras
from tensorflow_model_optimization.python.core.clustering.keras.experimental.cluster import cluster_weights

import tinyml_core
from benchmarks.twenty import TWENTY
from tinyml_core.compress.training.prune import PACE
from tinyml_core.domain.technique import Settings
from tinyml_core.zoo.datasets.digits import DATASET
from tinyml_core.zoo.models.digits import MODEL

warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated.*")
tf_keras.utils.set_random_seed(1)

arrays = DATASET.load(None)
train_images = arrays.x[arrays.train].astype(np.float32) / 16.0
train_labels = arrays.y[arrays.train]
test_images = arrays.x[arrays.test].astype(np.float32) / 16.0
test_labels = arrays.y[arrays.test]
settings = Settings()
combine = tfmot.experimental.combine


def trained_model() -> Any:
    """The trained network, built anew: what pruning and clustering are given, they may change."""
    model = MODEL.build()
    with np.load(Path(tinyml_core.__file__).parent / "zoo" / "models" / "digits.npz") as stored:
        model.set_weights([stored[name] for name in sorted(stored.files)])
    return model


def fit(model: Any, epochs: int, rate: float, *callbacks: Any) -> Any:
    """Compile and train."""
    loss = tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=tf_keras.optimizers.Adam(rate), loss=loss)
    size = MODEL.fine_tuning.batch_size
    model.fit(train_images, train_labels, batch_size=size, epochs=epochs, verbose=0, callbacks=list(callbacks))
    return model


def tune(model: Any) -> Any:
    """Fine-tune as the lab does."""
    return fit(model, settings.fine_tuning_epochs, MODEL.fine_tuning.learning_rate)


def pruned(**how: Any) -> Any:
    """Prune all layers, with as many epochs as the lab takes for it."""
    model = tfmot.sparsity.keras.prune_low_magnitude(trained_model(), **how)
    epochs = PACE.longer * settings.fine_tuning_epochs
    fit(model, epochs, MODEL.training.learning_rate, tfmot.sparsity.keras.UpdatePruningStep())
    return tfmot.sparsity.keras.strip_pruning(model)


@cache
def pruned_to(sparsity: float) -> Any:
    """Prune to a share of zeros."""
    steps = len(train_images) // MODEL.fine_tuning.batch_size * PACE.longer * settings.fine_tuning_epochs
    end = 2 * steps // 3
    schedule = tfmot.sparsity.keras.PolynomialDecay(
        0.0, sparsity, begin_step=0, end_step=end, frequency=max(1, end // 20)
    )
    return pruned(pruning_schedule=schedule)


def pruned_in_blocks() -> Any:
    """Prune 2:4 those layers that have blocks of four input channels: all but the first."""

    def wrap(layer: Any) -> Any:
        suits = isinstance(layer, (tf_keras.layers.Conv2D, tf_keras.layers.Dense)) and layer.kernel.shape[-2] >= 4
        return tfmot.sparsity.keras.prune_low_magnitude(layer, sparsity_m_by_n=(2, 4)) if suits else layer

    model = tf_keras.models.clone_model(trained_model(), clone_function=wrap)
    epochs = PACE.longer * settings.fine_tuning_epochs
    fit(model, epochs, MODEL.training.learning_rate, tfmot.sparsity.keras.UpdatePruningStep())
    return tfmot.sparsity.keras.strip_pruning(model)


@cache
def clustered(centroids: int, sparse: bool = False) -> Any:
    """Cluster the trained network, or the pruned one with its zeros kept."""
    start = tfmot.clustering.keras.CentroidInitialization.KMEANS_PLUS_PLUS
    base = trained_model()
    if sparse:
        base.set_weights(pruned_to(0.5).get_weights())
    model = cluster_weights(base, centroids, start, preserve_sparsity=sparse)
    return tfmot.clustering.keras.strip_clustering(tune(model))


def aware(base: Any, scheme: Any = None) -> Any:
    """Quantization-aware training, with a scheme that keeps zeros or centroids."""
    annotated = tfmot.quantization.keras.quantize_annotate_model(base)
    quantize = tfmot.quantization.keras.quantize_apply
    return tune(quantize(annotated) if scheme is None else quantize(annotated, scheme))


def student() -> Any:
    """The student alone."""
    assert MODEL.student is not None
    tf_keras.utils.set_random_seed(1)
    return fit(MODEL.student.build(), MODEL.student.training.epochs, MODEL.student.training.learning_rate)


def distilled() -> Any:
    """The student with its teacher's softened answers."""
    assert MODEL.student is not None
    tf_keras.utils.set_random_seed(1)
    recipe, model, share, heat = (
        MODEL.student.training,
        MODEL.student.build(),
        settings.soft_weight,
        settings.temperature,
    )
    answers = trained_model().predict(train_images, verbose=0)

    def loss(targets: Any, outputs: Any) -> Any:
        hard = tf_keras.losses.sparse_categorical_crossentropy(targets[:, 0], outputs, from_logits=True)
        soft = tf_keras.losses.kl_divergence(tf.nn.softmax(targets[:, 1:] / heat), tf.nn.softmax(outputs / heat))
        return (1 - share) * hard + share * heat**2 * soft

    model.compile(optimizer=tf_keras.optimizers.Adam(recipe.learning_rate), loss=loss)
    targets = np.concatenate([train_labels[:, None], answers], axis=1).astype(np.float32)
    model.fit(train_images, targets, batch_size=recipe.batch_size, epochs=recipe.epochs, verbose=0)
    return model


MADE: dict[str, Callable[[], Any]] = {
    "none": trained_model,
    "qat": lambda: aware(trained_model()),
    "prune50": lambda: pruned_to(0.5),
    "prune75": lambda: pruned_to(0.75),
    "prune90": lambda: pruned_to(0.9),
    "prune24": pruned_in_blocks,
    "cluster8": lambda: clustered(8),
    "cluster16": lambda: clustered(16),
    "cluster32": lambda: clustered(32),
    "pqat": lambda: aware(pruned_to(0.5), combine.Default8BitPrunePreserveQuantizeScheme()),
    "cqat": lambda: combine.strip_clustering_cqat(
        aware(clustered(16), combine.Default8BitClusterPreserveQuantizeScheme(preserve_sparsity=False))
    ),
    "pcqat": lambda: combine.strip_clustering_cqat(
        aware(clustered(16, sparse=True), combine.Default8BitClusterPreserveQuantizeScheme(preserve_sparsity=True))
    ),
    "distil": distilled,
    "small": student,
}


def representative_data_gen() -> Iterator[list[Any]]:
    """The calibration samples, one by one."""
    for value in tf.data.Dataset.from_tensor_slices(train_images).batch(1).take(settings.calibration_samples):
        yield [value]


def convert(keras_model: Any, number_format: str) -> bytes:
    """One variant, as the converter's guide says for each number format."""
    converter = tf.lite.TFLiteConverter.from_keras_model(keras_model)
    if number_format != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if number_format == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if number_format in ("int8_float_io", "int8", "int16x8"):
        converter.representative_dataset = representative_data_gen
    if number_format == "int8":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    if number_format == "int16x8":
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
        converter.inference_input_type = converter.inference_output_type = tf.int16
    return bytes(converter.convert())


def evaluate(tflite_model: bytes) -> float:
    """Accuracy on the held-out images, sample by sample."""
    interpreter = tf.lite.Interpreter(model_content=tflite_model)
    interpreter.allocate_tensors()
    put, get = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    right = 0
    for image, label in zip(test_images, test_labels, strict=True):
        if put["dtype"] != np.float32:
            scale, zero_point = put["quantization"]
            limits = np.iinfo(put["dtype"])
            image = np.clip(np.round(image / scale) + zero_point, limits.min, limits.max)
        interpreter.set_tensor(put["index"], np.expand_dims(image, axis=0).astype(put["dtype"]))
        interpreter.invoke()
        right += int(np.argmax(interpreter.get_tensor(get["index"])[0]) == label)
    return right / len(test_labels)


results = {}
for name, (training, number_format) in TWENTY.items():
    content = convert(MADE[training](), number_format)
    results[name] = {"score": evaluate(content), "bytes": len(content)}
    print(f"{name}: accuracy {results[name]['score']:.4f}, {results[name]['bytes']} bytes")
print(json.dumps(results))
