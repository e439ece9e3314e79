"""MLPerf Tiny's visual wake words: MobileNetV1 of quarter width for 96x96 colour pictures, without data."""

from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model

INPUT_RANGE = (0.0, 1.0)
"""Pixels divided by 255."""


BLOCKS = ((16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *((128, 1),) * 5, (256, 2), (256, 1))
"""Output channels and stride of each depthwise separable block."""


def build() -> Any:
    """A first convolution and thirteen depthwise separable blocks; random weights."""
    from tf_keras import Sequential, layers

    from tinyml_core.zoo.architectures import randomize

    stack = [layers.InputLayer((96, 96, 3)), layers.Conv2D(8, 3, strides=2, padding="same")]
    stack += [layers.BatchNormalization(), layers.ReLU()]
    for channels, strides in BLOCKS:
        stack += [
            layers.DepthwiseConv2D(3, strides=strides, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
        ]
        stack += [layers.Conv2D(channels, 1, padding="same"), layers.BatchNormalization(), layers.ReLU()]
    stack += [layers.AveragePooling2D(3), layers.Flatten(), layers.Dense(2, activation="softmax")]
    return randomize(Sequential(stack), INPUT_RANGE)


MODEL = Model(
    name="mlperf_vww",
    title="MLPerf Tiny: visual wake words",
    order=33,
    task=Task.CLASSIFICATION,
    datasets=(),
    input_shape=(96, 96, 3),
    outputs=2,
    parameters=221794,
    about="Tells whether there is a person in a 96x96 colour picture. A reference architecture of MLPerf Tiny. Random "
    "weights: sizes, memory and speed are real, answers mean nothing.",
    architecture="MobileNetV1 of width 0.25: Conv 8 (3x3), 13 depthwise separable blocks, average pooling, Dense 2",
    build=build,
    input_range=INPUT_RANGE,
)
