"""MLPerf Tiny's keyword spotting: a depthwise separable network for one second of speech, without data."""

from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model

INPUT_RANGE = (-100.0, 100.0)
"""Mel-frequency cepstral coefficients."""


def build() -> Any:
    """A first convolution of 10x4 and four depthwise separable blocks of 64 channels; random weights."""
    from tf_keras import Sequential, layers

    from tinyml_core.zoo.architectures import randomize

    stack = [layers.InputLayer((49, 10, 1)), layers.Conv2D(64, (10, 4), strides=2, padding="same")]
    stack += [layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.2)]
    for _ in range(4):
        stack += [layers.DepthwiseConv2D(3, padding="same"), layers.BatchNormalization(), layers.ReLU()]
        stack += [layers.Conv2D(64, 1, padding="same"), layers.BatchNormalization(), layers.ReLU()]
    stack += [layers.Dropout(0.4), layers.AveragePooling2D((25, 5)), layers.Flatten()]
    return randomize(Sequential([*stack, layers.Dense(12, activation="softmax")]), INPUT_RANGE)


MODEL = Model(
    name="mlperf_kws",
    title="MLPerf Tiny: keyword spotting",
    order=32,
    task=Task.CLASSIFICATION,
    datasets=(),
    input_shape=(49, 10, 1),
    outputs=12,
    parameters=24908,
    about="Hears ten words, silence or something else in one second of speech. A reference architecture of MLPerf Tiny. "
    "Random weights: sizes, memory and speed are real, answers mean nothing.",
    architecture="DS-CNN: Conv 64 (10x4), four depthwise separable blocks of 64 channels, average pooling, Dense 12",
    build=build,
    input_range=INPUT_RANGE,
)
