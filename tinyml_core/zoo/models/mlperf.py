"""The four reference networks of MLPerf Tiny, with random weights: their work and their sizes are real, their answers mean nothing."""

from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model
from tinyml_core.zoo.architectures import randomize

AD_RANGE = (-60.0, 20.0)
"""Log-mel energies in decibels."""


def build_ad() -> Any:
    """640 values in and out, four layers of 128 on either side of a neck of 8; random weights."""
    from tf_keras import Sequential, layers

    stack = [layers.InputLayer((640,))]
    for width in (128, 128, 128, 128, 8, 128, 128, 128, 128):
        stack += [layers.Dense(width), layers.BatchNormalization(), layers.ReLU()]
    return randomize(Sequential([*stack, layers.Dense(640)]), AD_RANGE)


MLPERF_AD = Model(
    name="mlperf_ad", title="MLPerf Tiny: anomaly detection", order=30, task=Task.ANOMALY, datasets=(),
    input_shape=(640,), outputs=640, parameters=269992,
    about="Copies five frames of a machine's sound through a narrow neck; a poor copy means an unusual sound. A reference "
    "architecture of MLPerf Tiny. Random weights: sizes, memory and speed are real, answers mean nothing.",
    architecture="Dense 640-128x4-8-128x4-640, batch norm and ReLU after each layer but the last",
    build=build_ad, input_range=AD_RANGE,
)  # fmt: skip


# ---- MLPerf Tiny's image classification: ResNet-8 for 32x32 colour pictures, as an architecture without data -------

IC_RANGE = (0.0, 255.0)
"""Pixels as they come."""


def build_ic() -> Any:
    """A first convolution and three residual blocks of 16, 32 and 64 channels; random weights."""
    import tf_keras
    from tf_keras import layers

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
    return randomize(tf_keras.Model(given, layers.Dense(10, activation="softmax")(x)), IC_RANGE)


MLPERF_IC = Model(
    name="mlperf_ic", title="MLPerf Tiny: image classification", order=31, task=Task.CLASSIFICATION, datasets=(),
    input_shape=(32, 32, 3), outputs=10, parameters=78666,
    about="Tells ten kinds of things apart on 32x32 colour pictures. A reference architecture of MLPerf Tiny. Random weights: "
    "sizes, memory and speed are real, answers mean nothing.",
    architecture="ResNet-8: Conv 16 (3x3), residual blocks of 16, 32 and 64 channels, average pooling, Dense 10",
    build=build_ic, input_range=IC_RANGE,
)  # fmt: skip


# ---- MLPerf Tiny's keyword spotting: a depthwise separable network for one second of speech, without data ----------

KWS_RANGE = (-100.0, 100.0)
"""Mel-frequency cepstral coefficients."""


def build_kws() -> Any:
    """A first convolution of 10x4 and four depthwise separable blocks of 64 channels; random weights."""
    from tf_keras import Sequential, layers

    stack = [layers.InputLayer((49, 10, 1)), layers.Conv2D(64, (10, 4), strides=2, padding="same")]
    stack += [layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.2)]
    for _ in range(4):
        stack += [layers.DepthwiseConv2D(3, padding="same"), layers.BatchNormalization(), layers.ReLU()]
        stack += [layers.Conv2D(64, 1, padding="same"), layers.BatchNormalization(), layers.ReLU()]
    stack += [layers.Dropout(0.4), layers.AveragePooling2D((25, 5)), layers.Flatten()]
    return randomize(Sequential([*stack, layers.Dense(12, activation="softmax")]), KWS_RANGE)


MLPERF_KWS = Model(
    name="mlperf_kws", title="MLPerf Tiny: keyword spotting", order=32, task=Task.CLASSIFICATION, datasets=(),
    input_shape=(49, 10, 1), outputs=12, parameters=24908,
    about="Hears ten words, silence or something else in one second of speech. A reference architecture of MLPerf Tiny. "
    "Random weights: sizes, memory and speed are real, answers mean nothing.",
    architecture="DS-CNN: Conv 64 (10x4), four depthwise separable blocks of 64 channels, average pooling, Dense 12",
    build=build_kws, input_range=KWS_RANGE,
)  # fmt: skip


# ---- MLPerf Tiny's visual wake words: MobileNetV1 of quarter width for 96x96 colour pictures, without data ---------

VWW_RANGE = (0.0, 1.0)
"""Pixels divided by 255."""


BLOCKS = ((16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *((128, 1),) * 5, (256, 2), (256, 1))
"""Output channels and stride of each depthwise separable block."""


def build_vww() -> Any:
    """A first convolution and thirteen depthwise separable blocks; random weights."""
    from tf_keras import Sequential, layers

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
    return randomize(Sequential(stack), VWW_RANGE)


MLPERF_VWW = Model(
    name="mlperf_vww", title="MLPerf Tiny: visual wake words", order=33, task=Task.CLASSIFICATION, datasets=(),
    input_shape=(96, 96, 3), outputs=2, parameters=221794,
    about="Tells whether there is a person in a 96x96 colour picture. A reference architecture of MLPerf Tiny. Random "
    "weights: sizes, memory and speed are real, answers mean nothing.",
    architecture="MobileNetV1 of width 0.25: Conv 8 (3x3), 13 depthwise separable blocks, average pooling, Dense 2",
    build=build_vww, input_range=VWW_RANGE,
)  # fmt: skip

MODELS = (MLPERF_AD, MLPERF_IC, MLPERF_KWS, MLPERF_VWW)
