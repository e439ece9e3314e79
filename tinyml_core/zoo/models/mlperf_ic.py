"""MLPerf Tiny's image classification: ResNet-8 for 32x32 colour pictures, as an architecture without data."""

from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model

INPUT_RANGE = (0.0, 255.0)
"""Pixels as they come."""


def build() -> Any:
    """A first convolution and three residual blocks of 16, 32 and 64 channels; random weights."""
    import tf_keras
    from tf_keras import layers

    from tinyml_core.zoo.architectures import randomize

    def convolved(x: Any, channels: int, strides: int = 1, kernel: int = 3) -> Any:
        return layers.Conv2D(channels, kernel, strides=strides, padding="same")(x)

    given = layers.Input((32, 32, 3))
    x = layers.ReLU()(layers.BatchNormalization()(convolved(given, 16)))
    for channels, strides in ((16, 1), (32, 2), (64, 2)):
        y = layers.ReLU()(layers.BatchNormalization()(convolved(x, channels, strides)))
        y = layers.BatchNormalization()(convolved(y, channels))
        x = x if strides == 1 else convolved(x, channels, strides, kernel=1)
        x = layers.ReLU()(layers.Add()([x, y]))
    x = layers.Flatten()(layers.AveragePooling2D(8)(x))
    return randomize(tf_keras.Model(given, layers.Dense(10, activation="softmax")(x)), INPUT_RANGE)


MODEL = Model(
    name="mlperf_ic",
    title="MLPerf Tiny: image classification",
    order=31,
    task=Task.CLASSIFICATION,
    datasets=(),
    input_shape=(32, 32, 3),
    outputs=10,
    parameters=78666,
    about="Tells ten kinds of things apart on 32x32 colour pictures. A reference architecture of MLPerf Tiny. Random weights: "
    "sizes, memory and speed are real, answers mean nothing.",
    architecture="ResNet-8: Conv 16 (3x3), residual blocks of 16, 32 and 64 channels, average pooling, Dense 10",
    build=build,
    input_range=INPUT_RANGE,
)
