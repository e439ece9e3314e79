"""Clustering with tensorflow-model-optimization: the weights of a layer share a few values, its centroids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyml_core.compress.training.fit import fine_tune
from tinyml_core.compress.training.layers import no_layer, weight_names, wrap_layers
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Report
from tinyml_core.domain.technique import Settings, Trained, TrainingStage
from tinyml_core.engine.call import Expected


def cluster(centroids: int, keep_zeros: bool = False) -> Callable[[Any, Model, Arrays, Settings, Report], Trained]:
    """Clustering of each layer's weights, started by k-means++ (Arthur and Vassilvitskii 2007).

    Args:
        centroids: Distinct values that the weights of one layer may have.
        keep_zeros: Zeros of a pruned model stay zeros.
    """

    def apply(keras_model: Any, model: Model, arrays: Arrays, settings: Settings, report: Report) -> Trained:
        """The model with clustered weights, trained on while they were tied to their centroids."""
        from tensorflow_model_optimization.clustering.keras import CentroidInitialization, strip_clustering
        from tensorflow_model_optimization.python.core.clustering.keras.experimental.cluster import cluster_weights

        def tie(layer: Any) -> Any:
            return cluster_weights(
                layer, centroids, CentroidInitialization.KMEANS_PLUS_PLUS, preserve_sparsity=keep_zeros
            )

        wrapped = wrap_layers(keras_model, lambda layer: is_clusterable(layer, centroids, keep_zeros), tie)
        if not wrapped.layers:
            raise Expected(
                no_layer(
                    model, f"clustered to {centroids} values", "Cluster to fewer values, or use full integer (int8)."
                )
            )
        fine_tune(wrapped.keras_model, model, arrays, settings, report)
        return Trained(strip_clustering(wrapped.keras_model), wrapped.dense_layers)

    return apply


def is_clusterable(layer: Any, centroids: int, keep_zeros: bool = False) -> bool:
    """True if tfmot clusters this layer (never depthwise ones) and it has more weights than centroids.

    Args:
        layer: Built, with its weights.
        centroids: Distinct values that its weights may have.
        keep_zeros: Zeros stay zeros, so that only the other weights look for centroids.
    """
    from tensorflow_model_optimization.python.core.clustering.keras.clustering_registry import ClusteringRegistry

    if not layer.trainable_weights or not ClusteringRegistry.supports(layer):
        return False
    weights = [getattr(layer, name).numpy() for name in weight_names(ClusteringRegistry, layer)]
    counted = [int((weight != 0).sum()) if keep_zeros else weight.size for weight in weights]
    return bool(weights) and all(count > centroids for count in counted)


STAGES = (
    TrainingStage("cluster8", "Clustered to 8 values", 20, cluster(8), clustered=True),
    TrainingStage("cluster16", "Clustered to 16 values", 21, cluster(16), clustered=True),
    TrainingStage("cluster32", "Clustered to 32 values", 22, cluster(32), clustered=True),
    TrainingStage(
        "pcluster16",
        "Pruned to 50 %, clustered to 16 values",
        23,
        cluster(16, keep_zeros=True),
        after="prune50",
        clustered=True,
    ),
)
