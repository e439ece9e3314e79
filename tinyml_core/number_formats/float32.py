"""float32: the converter changes no number."""

from typing import Any

from tinyml_core.number_format import Calibration, NumberFormat
from tinyml_core.values import Settings


def configure(converter: Any, calibration: Calibration, settings: Settings) -> None:
    """Leave the converter as it is."""


FORMAT = NumberFormat("float32", "float32", 1, needs_calibration=False, configure=configure)
