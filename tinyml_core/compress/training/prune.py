"""Pruning with tensorflow-model-optimization: the smallest weights become zero while the others learn to do without them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyml_core.compress.training.fit import Pace, fine_tune, fine_tuning_steps
from tinyml_core.compress.training.layers import no_layer, weight_names, wrap_layers
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure, Report
from tinyml_core.domain.technique import Settings, Trained, TrainingStage
from tinyml_core.engine.call import Expected

PACE = Pace(longer=4, as_fast_as_at_first=True)
"""The weights that stay must take over the work of those that go. At the rate of fine-tuning, or in fewer epochs, 75 % cost
digits 1 to 2 points of accuracy; so it costs none."""

MASK_UPDATES = 20
"""How often the schedule raises the sparsity, over the first two thirds of training; the last third only repairs."""

BLOCK = 4
"""2:4 looks at blocks of four neighbouring input channels and keeps the two largest weights of each."""


def is_prunable(layer: Any) -> bool:
    """True if tfmot prunes weights of this layer: it accepts depthwise ones too, but changes nothing in them."""
    from tensorflow_model_optimization.python.core.sparsity.keras.prune_registry import PruneRegistry

    return PruneRegistry.supports(layer) and bool(weight_names(PruneRegistry, layer))


def is_prunable_in_blocks(layer: Any) -> bool:
    """True if tfmot prunes this layer 2:4: dense, or 2-D convolution, whose input channels are whole blocks.

    A block that is not full is filled up with zeros, which are then the ones that go: of 6 input channels a third is pruned,
    of 3 nothing, without a word. With kernels of other ranks tfmot raises.
    """
    if not is_prunable(layer):
        return False
    kernel = getattr(layer, "kernel", None)
    return kernel is not None and len(kernel.shape) in (2, 4) and kernel.shape[-2] % BLOCK == 0


def prune(sparsity: float) -> Callable[[Any, Model, Arrays, Settings, Report], Trained]:
    """Pruning of single weights, wherever they are smallest, by a polynomial schedule (Zhu and Gupta 2017).

    Args:
        sparsity: Share of each layer's weights that becomes zero.
    """

    def apply(keras_model: Any, model: Model, arrays: Arrays, settings: Settings, report: Report) -> Trained:
        """The model with zeros in its weights, trained on while they were set."""
        from tensorflow_model_optimization.sparsity.keras import PolynomialDecay

        # The last update must fall on the last step of the schedule, or the sparsity would end below its target.
        every = max(1, 2 * fine_tuning_steps(model, arrays, settings, PACE) // (3 * MASK_UPDATES))
        schedule = PolynomialDecay(0.0, sparsity, begin_step=0, end_step=every * MASK_UPDATES, frequency=every)
        how, nothing = (
            {"pruning_schedule": schedule},
            no_layer(model, "pruned", "Use full integer (int8), which needs no training."),
        )
        return _pruned(keras_model, model, arrays, settings, report, is_prunable, how, nothing)

    return apply


def prune_in_blocks(keras_model: Any, model: Model, arrays: Arrays, settings: Settings, report: Report) -> Trained:
    """The model with two zeros in every four weights along the input channels, trained on with them.

    Raises:
        Expected: No layer of the model has such blocks.
    """
    blocks = {"sparsity_m_by_n": (2, BLOCK)}
    nothing = no_blocks(model)
    return _pruned(keras_model, model, arrays, settings, report, is_prunable_in_blocks, blocks, nothing)


def no_blocks(model: Model) -> Failure:
    """Why 2:4 pruning can do nothing for a model."""
    return Failure(
        stage="training",
        reason=f"No layer of {model.title} can be pruned 2:4: that takes a dense layer or a 2-D convolution (not a depthwise "
        f"one) whose input channels are a multiple of {BLOCK}.",
        advice="Prune single weights instead: prune50 sets as many of them to zero.",
        link="https://www.tensorflow.org/model_optimization/guide/pruning/pruning_with_sparsity_2_by_4",
        lasting=True,
    )


def _pruned(
    keras_model: Any,
    model: Model,
    arrays: Arrays,
    settings: Settings,
    report: Report,
    suits: Callable[[Any], bool],
    how: dict[str, Any],
    nothing: Failure,
) -> Trained:
    """The model trained on while layers that suit are pruned; `nothing` says why there are none."""
    from tensorflow_model_optimization.sparsity.keras import UpdatePruningStep, prune_low_magnitude, strip_pruning

    wrapped = wrap_layers(keras_model, suits, lambda layer: prune_low_magnitude(layer, **how))
    if not wrapped.layers:
        raise Expected(nothing)
    fine_tune(wrapped.keras_model, model, arrays, settings, report, PACE, [UpdatePruningStep()])
    return Trained(strip_pruning(wrapped.keras_model), wrapped.dense_layers)


STAGES = (
    TrainingStage("prune50", "Pruned to 50 %", 10, prune(0.5)),
    TrainingStage("prune75", "Pruned to 75 %", 11, prune(0.75)),
    TrainingStage("prune90", "Pruned to 90 %", 12, prune(0.9)),
    TrainingStage("prune24", "Pruned 2:4", 13, prune_in_blocks),
)
