"""MobileNetV2 with a head of its own, built flat: for models that start from weights trained on ImageNet."""

from __future__ import annotations

from typing import Any

from tinyml_core.dataset import FetchedFile

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

    Flat: the layers of MobileNetV2 are layers of the model itself. Quantization-aware training refuses a model in a model.

    Args:
        side: Width and height of the input in pixels; a multiple of 32.
        classes: How many logits.
        width: MobileNetV2's multiplier of channels; ImageNet weights fit 1.0.
        frozen: Only the head is trained; all else keeps its weights and its statistics.
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
