"""Sparse float32: zeros are left out of the file, with a list of where the other weights belong."""

from typing import Any

from tinyml_core.number_format import Calibration, NumberFormat
from tinyml_core.values import Settings


def configure(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Ask for the sparse encoding; the converter uses it for tensors with enough zeros, and still calls it experimental."""
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.EXPERIMENTAL_SPARSITY]


FORMAT = NumberFormat(
    "sparse32", "Sparse float32", 7, needs_calibration=False, configure=configure, short="sparse float32"
)
