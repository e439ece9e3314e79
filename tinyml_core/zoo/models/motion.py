"""Recognizes shoulder exercises from a smartwatch's motion sensor."""

from functools import partial
from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model, Student, TrainingRecipe


def build(first: int = 16, others: int = 32, dropout: float = 0.3) -> Any:
    """Three convolutions along time, one pooling over the rest of it, one dense layer; ends in logits.

    Kernels are of height 1 on inputs of height 1: what a Conv1D computes, in the form that can be quantized while training.
    The student has half the channels and no dropout.
    """
    from tf_keras import Sequential, layers

    return Sequential([
        layers.InputLayer((1, 100, 6)),
        layers.Conv2D(first, (1, 7), strides=(1, 2), padding="same", activation="relu"),
        layers.Conv2D(others, (1, 5), strides=(1, 2), padding="same", activation="relu"),
        layers.Conv2D(others, (1, 5), strides=(1, 2), padding="same", activation="relu"),
        layers.AveragePooling2D((1, 13)),
        layers.Flatten(),
        *([layers.Dropout(dropout)] if dropout else []),
        layers.Dense(7),
    ])  # fmt: skip


MODEL = Model(
    name="motion", title="Motion: shoulder exercises", order=8, task=Task.CLASSIFICATION, datasets=("motion",),
    input_shape=(1, 100, 6), outputs=7, parameters=8663, build=build,
    about="Tells which of seven shoulder exercises a person does, from two seconds of a smartwatch's acceleration and "
    "rotation. It is scored on persons it has never seen, which is harder than new movements of known ones.",
    architecture="Conv 16 (1x7), Conv 32 (1x5), Conv 32 (1x5), each in steps of 2, average pooling, Dense 7",
    training=TrainingRecipe(epochs=24, batch_size=32, learning_rate=2e-3),
    fine_tuning=TrainingRecipe(epochs=2, batch_size=32, learning_rate=2e-4),
    student=Student(
        parameters=2415, build=partial(build, 8, 16, dropout=0.0),
        architecture="Conv 8 (1x7), Conv 16 (1x5), Conv 16 (1x5), each in steps of 2, average pooling, Dense 7",
        training=TrainingRecipe(epochs=24, batch_size=32, learning_rate=2e-3),
    ),
)  # fmt: skip
