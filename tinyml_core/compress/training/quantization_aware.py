"""Quantization-aware training with tensorflow-model-optimization: alone, and so that zeros and centroids survive it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from tinyml_core.compress.training.fit import fine_tune
from tinyml_core.compress.training.layers import has_weights
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure, Report
from tinyml_core.domain.technique import Settings, Trained, TrainingStage
from tinyml_core.engine.call import Expected

FORMATS = ("int8", "int8_float_io")
"""What the simulated rounding prepares for; in other formats its simulation would stay in the file."""

UNSUPPORTED = re.compile(r"Layer (?P<name>\S+?):<class '[\w.]*?(?P<kind>\w+)'> is not supported")
"""How tfmot refuses a model for one of its layers."""

Kept = Literal["nothing", "zeros", "centroids", "zeros and centroids"]


def aware(kept: Kept) -> Callable[[Any, Model, Arrays, Settings, Report], Trained]:
    """Training with the rounding of int8 simulated in every layer.

    Args:
        kept: What an earlier stage made of the weights and must survive.
    """

    def apply(keras_model: Any, model: Model, arrays: Arrays, settings: Settings, report: Report) -> Trained:
        """The model with int8 rounding simulated in every layer that tfmot knows, trained on with labelled data.

        Raises:
            Expected: tfmot knows no layer of the model that has weights, or refuses the model for another reason.
        """
        simulated = simulate(keras_model, model, kept)
        trained = simulated.keras_model
        fine_tune(trained, model, arrays, settings, report)
        if "centroids" in kept:
            trained = _without_cluster_variables(trained)
            _carry_over(simulated.left_out, simulated.keras_model, trained)
        return Trained(trained, notes=simulated.notes)

    return apply


@dataclass(frozen=True, slots=True)
class Simulated:
    """A copy of a model that rounds as int8 does.

    Attributes:
        keras_model: Built, with the weights of the model it was made from.
        left_out: Layers that tfmot cannot wrap, and the class of each; they compute in float32 while training goes on.
    """

    keras_model: Any
    left_out: dict[str, str]

    @property
    def notes(self) -> tuple[str, ...]:
        """Which layers were left out, in one sentence; nothing where there are none."""
        if not self.left_out:
            return ()
        named = ", ".join(f"{name} ({kind})" for name, kind in self.left_out.items())
        return (f"Trained without simulated rounding, which TensorFlow cannot put into such layers: {named}.",)


def simulate(keras_model: Any, model: Model, kept: Kept) -> Simulated:
    """A copy of the model that rounds as int8 does, but for the layers with which tfmot was tried and failed.

    Raises:
        Expected: tfmot knows no layer of the model that has weights, or refuses the model for another reason.
    """
    left_out: dict[str, str] = {}
    while True:
        try:
            quantized = _applied(keras_model, left_out, kept)
        except (RuntimeError, ValueError, TypeError) as error:
            found = _unsupported(keras_model, str(error), kept)
            more = {name: type(keras_model.get_layer(name)).__name__ for name in found if name not in left_out}
            left_out |= more
            remaining = [layer for layer in keras_model.layers if layer.name not in left_out and has_weights(layer)]
            if more and remaining:
                continue
            raise Expected(unknown_layer(keras_model, model, str(error))) from error
        _carry_over(left_out, keras_model, quantized)
        in_order = [layer.name for layer in keras_model.layers if layer.name in left_out]
        return Simulated(quantized, {name: left_out[name] for name in in_order})


def _applied(keras_model: Any, left_out: Collection[str], kept: Kept) -> Any:
    """The model that rounds as int8 does in all layers but those."""
    from tensorflow_model_optimization.quantization.keras import (
        quantize_annotate_layer,
        quantize_annotate_model,
        quantize_apply,
    )

    if not left_out:
        return quantize_apply(quantize_annotate_model(keras_model), _scheme(kept))
    import tf_keras

    annotated = tf_keras.models.clone_model(
        keras_model, clone_function=lambda layer: layer if layer.name in left_out else quantize_annotate_layer(layer)
    )
    return quantize_apply(annotated, Honest(_scheme(kept)))


def _unsupported(keras_model: Any, words: str, kept: Kept) -> list[str]:
    """The layers to which tfmot's refusal is due: the one that it names, else all that it does not know.

    Batch normalization is in none of its lists, but known behind a convolution: it is left out only where it is named.
    """
    import tf_keras

    names = [layer.name for layer in keras_model.layers]
    named = UNSUPPORTED.search(words)
    if named and named["name"] in names:
        return [named["name"]]
    registry, known = Honest(_scheme(kept)).get_quantize_registry(), tf_keras.layers
    return [
        layer.name
        for layer in keras_model.layers
        if not isinstance(layer, (known.InputLayer, known.BatchNormalization))
        and (hasattr(layer, "layers") or not registry.supports(layer))
    ]


def _carry_over(names: Iterable[str], source: Any, target: Any) -> None:
    """Give layers of the one model the weights of the same layers of the other.

    tfmot copies the variables of a Normalization, but not the mean and the variance that it has made of them: without
    this it would subtract 0 and divide by 1.
    """
    for name in names:
        target.get_layer(name).set_weights(source.get_layer(name).get_weights())


def unknown_layer(keras_model: Any, model: Model, words: str) -> Failure:
    """Why quantization-aware training cannot be applied to a model, from tfmot's own words."""
    found = UNSUPPORTED.search(words)
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


@dataclass(frozen=True, slots=True)
class Honest:
    """A scheme of tfmot that knows only what it can wrap.

    Those that keep zeros and centroids say that they support every layer without trained weights, then ask the usual
    scheme for it, which refuses some: a Rescaling before a wrapped layer would be refused even though it is left out.
    """

    scheme: Any

    def get_layout_transformer(self) -> Any:
        """How layers are fused and exchanged before they are wrapped."""
        return self.scheme.get_layout_transformer()

    def get_quantize_registry(self) -> Any:
        """Which layers are known, and how each is wrapped."""
        registry, usual = self.scheme.get_quantize_registry(), _scheme("nothing").get_quantize_registry()
        claims = registry.supports
        registry.supports = lambda layer: claims(layer) and usual.supports(layer)
        return registry


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
