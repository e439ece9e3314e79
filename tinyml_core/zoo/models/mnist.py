"""The small convolutional network of the TensorFlow quantization tutorials, for 28x28 digits."""

from functools import partial
from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model, Student, TrainingRecipe


def build(channels: int = 12) -> Any:
    """One convolution, one pooling, one dense layer; ends in logits. The student has a third of the channels."""
    from tf_keras import Sequential, layers

    return Sequential([
        layers.InputLayer((28, 28, 1)),
        layers.Conv2D(channels, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(10),
    ])  # fmt: skip


MODEL = Model(
    name="mnist", title="MNIST digits (tutorial network)", order=2, task=Task.CLASSIFICATION,
    datasets=("mnist", "mnist_full"), input_shape=(28, 28, 1), outputs=10, parameters=20410, build=build,
    about="Reads one handwritten digit of 28x28 grey pixels: the network of TensorFlow's own quantization tutorials.",
    architecture="Conv 12 (3x3), max pooling, Dense 10",
    training=TrainingRecipe(epochs=16, batch_size=32, learning_rate=1e-3),
    fine_tuning=TrainingRecipe(epochs=2, batch_size=64, learning_rate=1e-4),
    student=Student(
        parameters=6810, build=partial(build, 4),
        architecture="Conv 4 (3x3), max pooling, Dense 10",
        training=TrainingRecipe(epochs=12, batch_size=32, learning_rate=2e-3),
    ),
)  # fmt: skip
