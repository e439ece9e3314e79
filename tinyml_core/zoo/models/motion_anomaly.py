"""Notices unusual movements of an arm: an autoencoder that has learned to copy the usual ones."""

from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model, TrainingRecipe


def build() -> Any:
    """600 values through layers of 32, 8 and 32 and out again.

    It has no student: the teacher's softened answers, which a student learns from, are those of a classifier.
    """
    from tf_keras import Sequential, layers

    return Sequential([
        layers.InputLayer((1, 100, 6)),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(8, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(600),
    ])  # fmt: skip


MODEL = Model(
    name="motion_anomaly", title="Motion: unusual movements", order=9, task=Task.ANOMALY,
    datasets=("motion_anomaly",), input_shape=(1, 100, 6), outputs=600, parameters=39584, build=build,
    about="Copies two seconds of a smartwatch's motion through a narrow neck. It has only ever seen rotations of the "
    "shoulder, so it copies other exercises badly, and the size of that error tells them apart. No label is needed. It is an "
    "easy task: the mean posture of the wrist alone would separate these exercises (ROC AUC 1.000), the strength of the "
    "movement would not (0.471). What it shows is what shrinking does to an autoencoder.",
    architecture="Autoencoder: Dense 600-32-8-32-600",
    training=TrainingRecipe(epochs=50, batch_size=32, learning_rate=1e-3, loss="reconstruction_error"),
    fine_tuning=TrainingRecipe(epochs=2, batch_size=32, learning_rate=1e-4, loss="reconstruction_error"),
)  # fmt: skip
