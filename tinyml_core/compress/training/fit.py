"""Trains a Keras model by a recipe; the same seed gives the same weights on the same machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any

from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.model import Model, TrainingRecipe
from tinyml_core.domain.outcome import Report
from tinyml_core.domain.technique import Settings

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Goal:
    """What training aims at.

    Attributes:
        targets: One row for each sample of the training split.
        loss: A Keras loss of targets and outputs, or its name.
    """

    targets: np.ndarray
    loss: Any


@dataclass(frozen=True, slots=True)
class Pace:
    """How a stage's fine-tuning differs from the model's usual one.

    Attributes:
        longer: Multiplies the epochs that the settings say.
        as_fast_as_at_first: Take the learning rate with which the model was trained, not the smaller one of fine-tuning.
    """

    longer: int = 1
    as_fast_as_at_first: bool = False


USUAL = Pace()
RECONSTRUCTION = "reconstruction_error"
"""The name that recipes of autoencoders give their loss: the inputs are the targets."""


def clean_state(seed: int) -> None:
    """Start from a clean Keras: layer names count from one again, all random streams begin at the seed.

    Without it a warm process names its layers on (`conv2d_1`), the names go into the file, and the bytes differ.
    """
    import tensorflow as tf
    import tf_keras

    tf_keras.backend.clear_session()
    tf_keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def fit(
    keras_model: Any,
    recipe: TrainingRecipe,
    arrays: Arrays,
    epochs: int,
    seed: int,
    report: Report,
    callbacks: Sequence[Any] = (),
    goal: Goal | None = None,
) -> None:
    """Train in place on the training split, shuffled by the seed; reports each epoch.

    Args:
        keras_model: Built, not compiled.
        recipe: Loss, batch size and learning rate.
        arrays: The data; only its training split is used.
        epochs: Overrides the recipe's, because it is a setting.
        seed: Of shuffling and of all other random numbers.
        report: Takes `training epoch 2 of 4`.
        callbacks: Keras callbacks besides the one that reports.
        goal: Other targets and another loss than the labels and the recipe's.
    """
    import tensorflow as tf
    import tf_keras

    tf_keras.utils.set_random_seed(seed)
    goal = goal or own_goal(recipe, arrays)
    keras_model.compile(optimizer=tf_keras.optimizers.Adam(recipe.learning_rate), loss=goal.loss)
    # With all its variables made beforehand Keras traces the training step once instead of twice.
    keras_model.optimizer.build(keras_model.trainable_variables)
    # Bytes become numbers batch by batch: all photographs at once as float32 would take a gigabyte.
    x, targets = tf.constant(arrays.x[arrays.train]), tf.constant(goal.targets)
    scale = tf.constant(arrays.x_scale, tf.float32)

    def batch_of(positions: Any) -> Any:
        return tf.cast(tf.gather(x, positions), tf.float32) * scale, tf.gather(targets, positions)

    class Progress(tf_keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            report(f"training epoch {epoch + 1} of {epochs}")

    positions = tf.data.Dataset.range(len(arrays.train)).shuffle(len(arrays.train), seed=seed)
    data = positions.batch(recipe.batch_size).map(batch_of)
    keras_model.fit(data, epochs=epochs, verbose=0, callbacks=[*callbacks, Progress()])


def fine_tune(
    keras_model: Any,
    model: Model,
    arrays: Arrays,
    settings: Settings,
    report: Report,
    pace: Pace = USUAL,
    callbacks: Sequence[Any] = (),
) -> None:
    """Train a model of the zoo on, by its own recipe for that, for as many epochs as the pace and the settings say."""
    recipe = fine_tuning_of(model)
    if pace.as_fast_as_at_first and model.training is not None:
        recipe = replace(recipe, learning_rate=model.training.learning_rate)
    epochs = pace.longer * settings.fine_tuning_epochs
    fit(keras_model, recipe, arrays, epochs, settings.seed, report, callbacks)


def fine_tuning_of(model: Model) -> TrainingRecipe:
    """How a model with data is trained on."""
    assert model.fine_tuning is not None, "a model that has data says how to train on"
    return model.fine_tuning


def fine_tuning_steps(model: Model, arrays: Arrays, settings: Settings, pace: Pace) -> int:
    """Steps (mini-batches) that `fine_tune` takes in all."""
    batches = ceil(len(arrays.train) / fine_tuning_of(model).batch_size)
    return batches * pace.longer * settings.fine_tuning_epochs


def own_goal(recipe: TrainingRecipe, arrays: Arrays) -> Goal:
    """What a recipe itself aims at: the labels, or for an autoencoder its own inputs."""
    if recipe.loss != RECONSTRUCTION:
        return Goal(arrays.y[arrays.train], keras_loss(recipe.loss))
    inputs = arrays.x[arrays.train].astype("float32") * arrays.x_scale
    return Goal(inputs.reshape(len(inputs), -1), keras_loss(recipe.loss))


def keras_loss(name: str) -> Any:
    """The loss that a recipe names, in Keras's terms."""
    import tf_keras

    if name == RECONSTRUCTION:
        return tf_keras.losses.MeanSquaredError()
    if name == "sparse_categorical_crossentropy_from_logits":
        return tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if name == "binary_crossentropy_from_logits":
        return tf_keras.losses.BinaryCrossentropy(from_logits=True)
    return name
