"""A small convolutional network for 8x8 digits: the default model."""

from functools import partial
from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model, Student, TrainingRecipe


def build(first: int = 16, second: int = 32, dense: int = 40) -> Any:
    """Two convolutions, one pooling, two dense layers; ends in logits (softmax changes no answer).

    The student has half the channels and two fifths of the dense layer.
    """
    from tf_keras import Sequential, layers

    return Sequential([
        layers.InputLayer((8, 8, 1)),
        layers.Conv2D(first, 3, padding="same", activation="relu"),
        layers.Conv2D(second, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(dense, activation="relu"),
        layers.Dense(10),
    ])  # fmt: skip


MODEL = Model(
    name="digits", title="Handwritten digits", order=1, task=Task.CLASSIFICATION, datasets=("digits",),
    input_shape=(8, 8, 1), outputs=10, parameters=25730, build=build,
    about="Reads one handwritten digit of 8x8 grey pixels. Small enough that every variant is measured in seconds.",
    architecture="Conv 16 (3x3), Conv 32 (3x3), max pooling, Dense 40, Dense 10",
    training=TrainingRecipe(epochs=12, batch_size=32, learning_rate=1e-3),
    fine_tuning=TrainingRecipe(epochs=2, batch_size=32, learning_rate=1e-4),
    student=Student(
        parameters=5530, build=partial(build, 8, 16, 16),
        architecture="Conv 8 (3x3), Conv 16 (3x3), max pooling, Dense 16, Dense 10",
        training=TrainingRecipe(epochs=15, batch_size=32, learning_rate=2e-3),
    ),
)  # fmt: skip
