"""Full integer: int8 operators only, int8 in and out."""

from typing import Any

from tinyml_core.number_format import Calibration, NumberFormat
from tinyml_core.values import Settings


def configure(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Allow no operator but the int8 ones; the representative dataset is demanded even after training for int8."""
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = calibration
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8


FORMAT = NumberFormat("int8", "Full integer (int8)", 5, needs_calibration=True, configure=configure, short="int8")
