"""Small MobileNetV2 for photographs of flowers: trained from a published start, whole or its last layer alone."""

from dataclasses import replace
from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model, TrainingRecipe
from tinyml_core.zoo.architectures import BASE_WEIGHTS, mobilenet_v2


def build() -> Any:
    """For photographs of 160x160 pixels; random weights."""
    return mobilenet_v2(side=160, classes=5)


def build_frozen() -> Any:
    """The same, of which only the head is trained."""
    return mobilenet_v2(side=160, classes=5, frozen=True)


FLOWERS = Model(
    name="flowers", title="Flowers (MobileNetV2, all layers trained)", order=15, task=Task.CLASSIFICATION,
    datasets=("flowers",), input_shape=(160, 160, 3), outputs=5, parameters=2916421, build=build,
    about="Names one of five kinds of flowers on a photograph. Starts from weights trained on ImageNet, and all layers are "
    "trained on. The weights are made on this computer, on request.",
    architecture="MobileNetV2 of width 1.0 without its top, global average pooling, Dense 512, dropout 0.5, Dense 5",
    training=TrainingRecipe(epochs=10, batch_size=32, learning_rate=1e-4),
    fine_tuning=TrainingRecipe(epochs=1, batch_size=32, learning_rate=1e-5),
    input_range=(-1.0, 1.0), base_weights=BASE_WEIGHTS, trained_by_user=True, time_limit_s=4 * 3600.0,
)  # fmt: skip

FLOWERS_FROZEN = replace(
    FLOWERS, name="flowers_frozen", title="Flowers (MobileNetV2, only the head trained)", order=16, build=build_frozen,
    about="Names one of five kinds of flowers on a photograph: classic transfer learning, where all layers but the head keep "
    "the weights of ImageNet, so that it trains much faster. The head is made on this computer, on request.",
    training=TrainingRecipe(epochs=10, batch_size=32, learning_rate=1e-3),
)  # fmt: skip

MODELS = (FLOWERS, FLOWERS_FROZEN)
