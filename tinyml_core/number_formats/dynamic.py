"""Dynamic range: 8-bit weights, float activations, no data needed."""

from typing import Any

from tinyml_core.number_format import Calibration, NumberFormat
from tinyml_core.values import Settings


def configure(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Optimize without a representative dataset, under the policy that the settings name."""
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize[settings.policy]]


FORMAT = NumberFormat(
    "dynamic",
    "Dynamic range",
    3,
    needs_calibration=False,
    configure=configure,
    settings=("policy",),
    short="dynamic range",
)
