"""float16: weights in 16 bits, with a DEQUANTIZE operator before each use."""

from typing import Any

from tinyml_core.number_format import Calibration, NumberFormat
from tinyml_core.values import Settings


def configure(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Optimize, and allow no type but float16 for weights."""
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]


FORMAT = NumberFormat("float16", "float16", 2, needs_calibration=False, configure=configure)
