"""MLPerf Tiny's anomaly detection: a dense autoencoder for the sound of machines, as an architecture without data."""

from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model

INPUT_RANGE = (-60.0, 20.0)
"""Log-mel energies in decibels."""


def build() -> Any:
    """640 values in and out, four layers of 128 on either side of a neck of 8; random weights."""
    from tf_keras import Sequential, layers

    from tinyml_core.zoo.architectures import randomize

    stack = [layers.InputLayer((640,))]
    for width in (128, 128, 128, 128, 8, 128, 128, 128, 128):
        stack += [layers.Dense(width), layers.BatchNormalization(), layers.ReLU()]
    return randomize(Sequential([*stack, layers.Dense(640)]), INPUT_RANGE)


MODEL = Model(
    name="mlperf_ad",
    title="MLPerf Tiny: anomaly detection",
    order=30,
    task=Task.ANOMALY,
    datasets=(),
    input_shape=(640,),
    outputs=640,
    parameters=269992,
    about="Copies five frames of a machine's sound through a narrow neck; a poor copy means an unusual sound. A reference "
    "architecture of MLPerf Tiny. Random weights: sizes, memory and speed are real, answers mean nothing.",
    architecture="Dense 640-128x4-8-128x4-640, batch norm and ReLU after each layer but the last",
    build=build,
    input_range=INPUT_RANGE,
)
