"""Trains a Keras model by a recipe; the same seed gives the same weights on the same machine."""

from __future__ import annotations

from typing import Any

from tinyml_core.training_stage import Report
from tinyml_core.values import Arrays, TrainingRecipe


def clean_state(seed: int) -> None:
    """Start from a clean Keras: layer names count from one again, all random streams begin at the seed.

    Without it a warm process names its layers on (`conv2d_1`), the names go into the file, and the bytes differ.
    """
    import tensorflow as tf
    import tf_keras

    tf_keras.backend.clear_session()
    tf_keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def fit(keras_model: Any, recipe: TrainingRecipe, arrays: Arrays, epochs: int, seed: int, report: Report) -> None:
    """Train in place on the training split, shuffled by the seed; reports each epoch.

    Args:
        keras_model: Built, not compiled.
        recipe: Loss, batch size and learning rate.
        arrays: The data; only its training split is used.
        epochs: Overrides the recipe's, because it is a setting.
        seed: Of shuffling and of all other random numbers.
        report: Takes `training epoch 2 of 4`.
    """
    import tensorflow as tf
    import tf_keras

    tf_keras.utils.set_random_seed(seed)
    loss: Any = recipe.loss
    if loss == "sparse_categorical_crossentropy_from_logits":
        loss = tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    keras_model.compile(optimizer=tf_keras.optimizers.Adam(recipe.learning_rate), loss=loss)
    # With all its variables made beforehand Keras traces the training step once instead of twice.
    keras_model.optimizer.build(keras_model.trainable_variables)
    # Bytes become numbers batch by batch: all photographs at once as float32 would take a gigabyte.
    x, y, scale = tf.constant(arrays.x), tf.constant(arrays.y), tf.constant(arrays.x_scale, tf.float32)

    def batch_of(indices: Any) -> Any:
        return tf.cast(tf.gather(x, indices), tf.float32) * scale, tf.gather(y, indices)

    class Progress(tf_keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            report(f"training epoch {epoch + 1} of {epochs}")

    data = tf.data.Dataset.from_tensor_slices(arrays.train).shuffle(len(arrays.train), seed=seed)
    data = data.batch(recipe.batch_size).map(batch_of)
    keras_model.fit(data, epochs=epochs, verbose=0, callbacks=[Progress()])
