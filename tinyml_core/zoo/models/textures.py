"""Tells brick, grass and gravel apart with depthwise separable convolutions."""

from functools import partial
from typing import Any

from tinyml_core.domain.dataset import Task
from tinyml_core.domain.model import Model, Student, TrainingRecipe


def build(first: int = 16, blocks: tuple[tuple[int, int], ...] = ((32, 1), (48, 2), (48, 1))) -> Any:
    """A first convolution in steps of 2, depthwise separable blocks, pooling over all places, one dense layer; logits.

    `first` has the channels of the first convolution, `blocks` output channels and stride of each block.
    """
    from tf_keras import Sequential, layers

    def normalized() -> list[Any]:
        # 18 batches an epoch are too few for averages that remember 100 batches, as is Keras's usual momentum of 0.99.
        return [layers.BatchNormalization(momentum=0.9), layers.ReLU()]

    stack = [layers.InputLayer((32, 32, 1)), layers.Conv2D(first, 3, strides=2, padding="same"), *normalized()]
    side = 16
    for channels, strides in blocks:
        stack += [layers.DepthwiseConv2D(3, strides=strides, padding="same"), *normalized()]
        stack += [layers.Conv2D(channels, 1, padding="same"), *normalized()]
        side //= strides
    return Sequential([*stack, layers.AveragePooling2D(side), layers.Flatten(), layers.Dense(3)])


MODEL = Model(
    name="textures", title="Textures: brick, grass or gravel", order=10, task=Task.CLASSIFICATION,
    datasets=("textures",), input_shape=(32, 32, 1), outputs=3, parameters=6707, build=build,
    about="Tells what ground a camera looks at, from 32x32 grey pixels, with the depthwise separable convolutions of "
    "MobileNet. It is scored on places it has never seen, of the same three photographs: other bricks may look different.",
    architecture="Conv 16 (3x3), depthwise separable blocks of 32, 48 and 48 channels with batch norm, average pooling, Dense 3",
    training=TrainingRecipe(epochs=40, batch_size=32, learning_rate=2e-3),
    fine_tuning=TrainingRecipe(epochs=2, batch_size=32, learning_rate=2e-4),
    student=Student(
        parameters=1643, build=partial(build, 8, ((24, 1), (24, 2))),
        architecture="Conv 8 (3x3), depthwise separable blocks of 24 and 24 channels with batch norm, average pooling, Dense 3",
        training=TrainingRecipe(epochs=40, batch_size=32, learning_rate=2e-3),
    ),
)  # fmt: skip
