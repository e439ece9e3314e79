"""16x8: 8-bit weights, 16-bit activations, int16 in and out."""

from typing import Any

from tinyml_core.number_format import Calibration, NumberFormat
from tinyml_core.values import Settings


def configure(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Ask for the operator set with 16-bit activations; the converter still calls it experimental."""
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = calibration
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
    ]
    converter.inference_input_type = tf.int16
    converter.inference_output_type = tf.int16


FORMAT = NumberFormat("int16x8", "Integer 16x8", 6, needs_calibration=True, configure=configure, short="16x8")
