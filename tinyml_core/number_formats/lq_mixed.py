"""int8 with the layers that suffer most kept in float32, or in int16 activations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinyml_core.number_format import Calibration, NumberFormat
from tinyml_core.values import Settings

if TYPE_CHECKING:
    from tinyml_core.mixed_precision import Kept


def _mixed(name: str, order: int, kept: Kept) -> NumberFormat:
    def apply(float_tflite: bytes, calibration: Calibration, settings: Settings) -> bytes:
        from tinyml_core.mixed_precision import mixed

        return mixed(float_tflite, calibration, settings.kept_layers, kept)

    return NumberFormat(
        name,
        f"Mixed precision (int8 and {kept})",
        order,
        needs_calibration=True,
        requantize=apply,
        settings=("kept_layers",),
        short=f"mixed precision (int8 and {kept})",
    )


FORMATS = (
    _mixed("lq_mixed", 65, "float32"),
    _mixed("lq_mixed16", 66, "int16"),
)
