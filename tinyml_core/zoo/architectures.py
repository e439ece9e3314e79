"""MobileNetV2 with a head of its own, built flat: for models that start from weights trained on ImageNet."""

from __future__ import annotations

from math import sqrt
from typing import Any

from tinyml_core.domain.dataset import FetchedFile

BASE_WEIGHTS = FetchedFile(
    name="mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_160_no_top.h5",
    address="https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
    "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_160_no_top.h5",
    size_bytes=9406464,
    sha256=None,
    published_by="the size that Keras tells while it downloads; nobody publishes a SHA-256",
)

HEAD_UNITS = 512
DROPOUT = 0.5


def mobilenet_v2(side: int, classes: int, width: float = 1.0, frozen: bool = False) -> Any:
    """The network with random weights; ends in logits.

    Flat: the layers of MobileNetV2 are layers of the model itself. Quantization-aware training refuses a model in a
    model. `side` is a multiple of 32 pixels, `width` MobileNetV2's multiplier of channels; ImageNet weights fit 1.0.
    With `frozen` only the head is trained; all else keeps its weights and its statistics.
    """
    import tf_keras
    from tf_keras import layers

    base = tf_keras.applications.MobileNetV2(input_shape=(side, side, 3), alpha=width, include_top=False, weights=None)
    for layer in base.layers:
        layer.trainable = not frozen
    x = layers.GlobalAveragePooling2D()(base.output)
    x = layers.Dense(HEAD_UNITS, activation="relu")(x)
    x = layers.Dropout(DROPOUT)(x)
    return tf_keras.Model(base.input, layers.Dense(classes)(x))


SEED = 1


def randomize(keras_model: Any, input_range: tuple[float, float]) -> Any:
    """Give a Keras model random weights and batch-norm statistics in place; gives the model.

    Weights are normal with the deviation that keeps activations of one size through ReLU layers, square root of 2 / fan-in
    (He et al. 2015), so that every int8 tensor has a range to fill and no channel is dead. Biases, and the means and
    variances of batch norm, are small random numbers rather than 0 and 1, so that folding them into weights changes these.
    Layers of the built model are visited in order; the first divides by the mean square of an input, whose lowest and
    highest value are `input_range`.
    """
    import numpy as np

    random = np.random.RandomState(SEED)
    low, high = input_range
    input_size = sqrt((low * low + low * high + high * high) / 3)
    first = True
    for layer in keras_model.layers:
        made = []
        for weight in layer.weights:
            shape = tuple(weight.shape)
            kind = weight.name.rsplit("/", 1)[-1].split(":")[0]
            if kind in ("kernel", "depthwise_kernel"):
                fan_in = int(np.prod(shape[:2] if kind == "depthwise_kernel" else shape[:-1]))
                values = random.normal(0.0, sqrt(2 / fan_in), shape) / (input_size if first else 1.0)
                first = False
            elif kind in ("gamma", "moving_variance"):
                values = random.uniform(0.7, 1.4, shape)
            else:  # biases, and beta and moving mean of batch norm
                values = random.normal(0.0, 0.1, shape)
            made.append(values.astype(np.float32))
        layer.set_weights(made)
    return keras_model
