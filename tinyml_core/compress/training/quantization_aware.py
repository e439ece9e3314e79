"""Quantization-aware training with tensorflow-model-optimization: alone, and so that zeros and centroids survive it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from tinyml_core.compress.training.fit import fine_tune
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure, Report
from tinyml_core.domain.technique import Settings, Trained, TrainingStage
from tinyml_core.engine.call import Expected

FORMATS = ("int8", "int8_float_io")
"""What the simulated rounding prepares for; in other formats its simulation would stay in the file."""

Kept = Literal["nothing", "zeros", "centroids", "zeros and centroids"]


def aware(kept: Kept) -> Callable[[Any, Model, Arrays, Settings, Report], Trained]:
    """Training with the rounding of int8 simulated in every layer.

    Args:
        kept: What an earlier stage made of the weights and must survive.
    """

    def apply(keras_model: Any, model: Model, arrays: Arrays, settings: Settings, report: Report) -> Trained:
        """The model with int8 rounding simulated in every layer, trained on with labelled data.

        Raises:
            Expected: tfmot does not know a layer of the model.
        """
        quantized = simulate(keras_model, model, kept)
        fine_tune(quantized, model, arrays, settings, report)
        return Trained(_without_cluster_variables(quantized) if "centroids" in kept else quantized)

    return apply


def simulate(keras_model: Any, model: Model, kept: Kept) -> Any:
    """A copy of the model that rounds as int8 does.

    Raises:
        Expected: tfmot does not know a layer of the model.
    """
    from tensorflow_model_optimization.quantization.keras import quantize_annotate_model, quantize_apply

    try:
        return quantize_apply(quantize_annotate_model(keras_model), _scheme(kept))
    except (RuntimeError, ValueError) as error:
        raise Expected(unknown_layer(keras_model, model, str(error))) from error


def unknown_layer(keras_model: Any, model: Model, words: str) -> Failure:
    """Why quantization-aware training cannot be applied to a model, from tfmot's own words."""
    found = re.search(r"Layer (?P<name>[\w/-]+):<class '[\w.]*?(?P<kind>\w+)'> is not supported", words)
    nested = [layer.name for layer in keras_model.layers if hasattr(layer, "layers")]
    if found:
        culprit = f"it does not know the layer {found['name']} ({found['kind']})"
    elif nested:
        culprit = f"the layer {nested[0]} is a whole model inside the model, which it does not enter"
    else:
        culprit = f"it says: {' '.join(words.split())[:200]}"
    instead = (
        "put BatchNormalization directly behind a convolution that has no activation of its own, and the activation behind both"
        if found and found["kind"] == "BatchNormalization"
        else "replace the Conv1D by a Conv2D whose kernel is 1 high"
        if found and found["kind"] == "Conv1D"
        else "replace the layer by one that it knows (Conv2D, DepthwiseConv2D, Dense and the usual layers around them)"
    )
    return Failure(
        stage="training",
        reason=f"TensorFlow's quantization-aware training cannot take {model.title}: {culprit}.",
        advice=f"Use full integer (int8), which needs no training; or {instead}.",
        link="https://www.tensorflow.org/model_optimization/guide/quantization/training",
        lasting=True,
        detail=words[:2000],
    )


def _scheme(kept: Kept) -> Any:
    from tensorflow_model_optimization.experimental import combine
    from tensorflow_model_optimization.python.core.quantization.keras.default_8bit import default_8bit_quantize_scheme

    if kept == "nothing":
        return default_8bit_quantize_scheme.Default8BitQuantizeScheme()
    if kept == "zeros":
        return combine.Default8BitPrunePreserveQuantizeScheme()
    return combine.Default8BitClusterPreserveQuantizeScheme(preserve_sparsity=kept == "zeros and centroids")


def _without_cluster_variables(quantized: Any) -> Any:
    """The model without centroids and indices, which training needed beside the weights made of them."""
    from tensorflow_model_optimization.experimental.combine import strip_clustering_cqat

    return strip_clustering_cqat(quantized)


STAGES = (
    TrainingStage("qat", "Quantization-aware training", 1, aware("nothing"), formats=FORMATS),
    TrainingStage("pqat", "Pruned to 50 %, QAT", 30, aware("zeros"), after="prune50", formats=FORMATS),
    TrainingStage(
        "cqat",
        "Clustered to 16 values, QAT",
        31,
        aware("centroids"),
        after="cluster16",
        formats=FORMATS,
        clustered=True,
    ),
    TrainingStage(
        "pcqat",
        "Pruned to 50 %, clustered to 16 values, QAT",
        32,
        aware("zeros and centroids"),
        after="pcluster16",
        formats=FORMATS,
        clustered=True,
    ),
)
