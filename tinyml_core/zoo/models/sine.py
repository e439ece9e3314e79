"""The regressor of TensorFlow Lite Micro's hello-world example."""

from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model, TrainingRecipe


def build() -> Any:
    """Two hidden dense layers of 16; one number in, one number out."""
    from tf_keras import Sequential, layers

    return Sequential([
        layers.InputLayer((1,)),
        layers.Dense(16, activation="relu"),
        layers.Dense(16, activation="relu"),
        layers.Dense(1),
    ])  # fmt: skip


MODEL = Model(
    name="sine", title="Sine (hello world)", order=3, task=Task.REGRESSION, datasets=("sine",), input_shape=(1,),
    outputs=1, parameters=321, build=build,
    about="Computes a sine from an angle: the hello-world model of TensorFlow Lite Micro. So small that the file's own "
    "structure outweighs its weights, and quantization hardly shrinks it.",
    architecture="Dense 16, Dense 16, Dense 1",
    training=TrainingRecipe(epochs=120, batch_size=32, learning_rate=3e-3, loss="mean_squared_error"),
    fine_tuning=TrainingRecipe(epochs=2, batch_size=8, learning_rate=2e-4, loss="mean_squared_error"),
)  # fmt: skip
