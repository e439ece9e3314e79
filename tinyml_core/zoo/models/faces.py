"""Tells faces from background in 25x25 grey pixels."""

from functools import partial
from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model, Student, TrainingRecipe


def build(first: int = 8, second: int = 16, dense: int = 16) -> Any:
    """Two convolutions in steps of 2, two dense layers; ends in logits. The student has half of everything."""
    from tf_keras import Sequential, layers

    return Sequential([
        layers.InputLayer((25, 25, 1)),
        layers.Conv2D(first, 3, strides=2, activation="relu"),
        layers.Conv2D(second, 3, strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dense(dense, activation="relu"),
        layers.Dense(2),
    ])  # fmt: skip


MODEL = Model(
    name="faces", title="Faces: is there one?", order=11, task=Task.CLASSIFICATION, datasets=("faces",),
    input_shape=(25, 25, 1), outputs=2, parameters=7698, build=build,
    about="Tells whether 25x25 grey pixels show a face. Only 200 pictures are there, 60 of them to score on: the intervals "
    "are wide, and small differences between techniques cannot be told.",
    architecture="Conv 8 (3x3), Conv 16 (3x3), each in steps of 2, Dense 16, Dense 2",
    training=TrainingRecipe(epochs=30, batch_size=16, learning_rate=1e-3),
    fine_tuning=TrainingRecipe(epochs=2, batch_size=16, learning_rate=1e-4),
    student=Student(
        parameters=1962, build=partial(build, 4, 8, 8),
        architecture="Conv 4 (3x3), Conv 8 (3x3), each in steps of 2, Dense 8, Dense 2",
        training=TrainingRecipe(epochs=40, batch_size=16, learning_rate=2e-3),
    ),
)  # fmt: skip
