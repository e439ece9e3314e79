"""A small convolutional network for the 28x28 pictures of Fashion-MNIST."""

from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model, Student, TrainingRecipe


def build_student() -> Any:
    """One convolution with stride 2 of half the channels, one dense layer; ends in logits."""
    from tf_keras import Sequential, layers

    return Sequential([
        layers.InputLayer((28, 28, 1)),
        layers.Conv2D(8, 3, strides=2, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(10),
    ])  # fmt: skip


def build() -> Any:
    """Two convolutions, each with pooling, and one dense layer; ends in logits."""
    from tf_keras import Sequential, layers

    return Sequential([
        layers.InputLayer((28, 28, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(10),
    ])  # fmt: skip


MODEL = Model(
    name="fashion", title="Fashion-MNIST clothes", order=14, task=Task.CLASSIFICATION, datasets=("fashion",),
    input_shape=(28, 28, 1), outputs=10, parameters=12810, build=build,
    about="Names one of ten kinds of clothes on 28x28 grey pixels: the usual next step after digits, and harder than they.",
    architecture="Conv 16 (3x3), max pooling, Conv 32 (3x3), max pooling, Dense 10",
    training=TrainingRecipe(epochs=8, batch_size=64, learning_rate=1e-3),
    student=Student(
        parameters=2970, build=build_student,
        architecture="Conv 8 (3x3, stride 2), max pooling, Dense 10",
        training=TrainingRecipe(epochs=8, batch_size=64, learning_rate=2e-3),
    ),
    fine_tuning=TrainingRecipe(epochs=1, batch_size=128, learning_rate=1e-4),
    time_limit_s=3600.0,
)  # fmt: skip
