"""int8 inside, float outside: the converter's default once it has a representative dataset."""

from typing import Any

from tinyml_core.number_format import Calibration, NumberFormat
from tinyml_core.values import Settings


def configure(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Give the converter a representative dataset, and leave it free to keep operators in float."""
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = calibration


FORMAT = NumberFormat("int8_float_io", "int8 with float in and out", 4, needs_calibration=True, configure=configure)
