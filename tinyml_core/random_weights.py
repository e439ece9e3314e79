"""Random weights for architectures that come without data: of plausible size, the same on every machine."""

from __future__ import annotations

from math import sqrt
from typing import Any

SEED = 1


def randomize(keras_model: Any, input_range: tuple[float, float]) -> Any:
    """Give a Keras model random weights and batch-norm statistics in place; gives the model.

    Weights are normal with the deviation that keeps activations of one size through ReLU layers, square root of 2 / fan-in
    (He et al. 2015), so that every int8 tensor has a range to fill and no channel is dead. Biases, and the means and
    variances of batch norm, are small random numbers rather than 0 and 1, so that folding them into weights changes these.

    Args:
        keras_model: Built; layers are visited in order.
        input_range: Lowest and highest value of an input; the first layer divides by their mean square.
    """
    import numpy as np

    random = np.random.RandomState(SEED)
    low, high = input_range
    input_size = sqrt((low * low + low * high + high * high) / 3)
    first = True
    for layer in keras_model.layers:
        made = []
        for weight in layer.weights:
            shape = tuple(weight.shape)
            kind = weight.name.rsplit("/", 1)[-1].split(":")[0]
            if kind in ("kernel", "depthwise_kernel"):
                fan_in = int(np.prod(shape[:2] if kind == "depthwise_kernel" else shape[:-1]))
                values = random.normal(0.0, sqrt(2 / fan_in), shape) / (input_size if first else 1.0)
                first = False
            elif kind in ("gamma", "moving_variance"):
                values = random.uniform(0.7, 1.4, shape)
            else:  # biases, and beta and moving mean of batch norm
                values = random.normal(0.0, 0.1, shape)
            made.append(values.astype(np.float32))
        layer.set_weights(made)
    return keras_model
