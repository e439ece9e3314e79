"""What the LiteRT quantizer writes with one recipe for the whole model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinyml_core.number_format import Calibration, NumberFormat
from tinyml_core.values import Settings

if TYPE_CHECKING:
    from tinyml_core.requantizing import Recipe, Statistic

EVERY_LAYER, EVERY_OPERATOR = ".*", "*"


def int8_activations(manager: Any) -> None:
    """8-bit weights, one scale a channel; 8-bit activations, input and output."""
    manager.add_static_config(EVERY_LAYER, EVERY_OPERATOR, activation_num_bits=8, weight_num_bits=8)


def int16_activations(manager: Any) -> None:
    """8-bit weights, one scale a channel; 16-bit activations, input and output."""
    manager.add_static_config(EVERY_LAYER, EVERY_OPERATOR, activation_num_bits=16, weight_num_bits=8)


def int8_conv4(manager: Any) -> None:
    """As `int8_activations`, but the weights of convolutions in 4 bits: the one use of 4 bits for which TFLM has a kernel."""
    int8_activations(manager)
    manager.add_static_config(EVERY_LAYER, "CONV_2D", activation_num_bits=8, weight_num_bits=4)


def dynamic(manager: Any) -> None:
    """8-bit weights; kernels quantize the float activations on the fly."""
    manager.add_dynamic_config(EVERY_LAYER, EVERY_OPERATOR, num_bits=8)


def weights8(manager: Any) -> None:
    """8-bit weights, one scale a channel, turned back to float32 by a DEQUANTIZE operator."""
    manager.add_weight_only_config(EVERY_LAYER, EVERY_OPERATOR, num_bits=8)


def weights8_tensor(manager: Any) -> None:
    """8-bit weights, one scale a tensor: TFLM's DEQUANTIZE knows no other."""
    from litert_quantizer.qtyping import QuantGranularity

    manager.add_weight_only_config(EVERY_LAYER, EVERY_OPERATOR, 8, QuantGranularity.TENSORWISE)


def weights4(manager: Any) -> None:
    """4-bit weights, one scale a channel, turned back to float32 by a DEQUANTIZE operator; depthwise layers stay float."""
    manager.add_weight_only_config(EVERY_LAYER, EVERY_OPERATOR, num_bits=4)


def weights2(manager: Any) -> None:
    """2-bit weights in fully connected layers, 4-bit ones in convolutions.

    The quantizer would write 2-bit convolutions too, but LiteRT 2.3 reads them as something else and gives infinities.
    """
    manager.add_dynamic_config(EVERY_LAYER, EVERY_OPERATOR, num_bits=4)
    manager.add_dynamic_config(EVERY_LAYER, "FULLY_CONNECTED", num_bits=2)


def weights4_blocks(manager: Any) -> None:
    """4-bit weights in fully connected layers, one scale for 32 weights; all other layers stay float."""
    _blocks(manager, 4)


def weights2_blocks(manager: Any) -> None:
    """2-bit weights in fully connected layers, one scale for 32 weights; all other layers stay float."""
    _blocks(manager, 2)


def _blocks(manager: Any, bits: int) -> None:
    from litert_quantizer.qtyping import QuantGranularity

    manager.add_dynamic_config(EVERY_LAYER, EVERY_OPERATOR, bits, QuantGranularity.BLOCKWISE_32)


def _calibrated(name: str, title: str, order: int, recipe: Recipe, statistic: Statistic = "extremes") -> NumberFormat:
    def apply(float_tflite: bytes, calibration: Calibration, settings: Settings) -> bytes:
        # Here, because what only the converter's formats use must not depend on this.
        from tinyml_core.requantizing import requantize

        return requantize(float_tflite, recipe, calibration, statistic)

    return NumberFormat(name, title, order, needs_calibration=True, requantize=apply)


def _weights_only(name: str, title: str, order: int, recipe: Recipe, short: str = "") -> NumberFormat:
    def apply(float_tflite: bytes, calibration: Calibration, settings: Settings) -> bytes:
        from tinyml_core.requantizing import requantize

        return requantize(float_tflite, recipe)

    return NumberFormat(name, title, order, needs_calibration=False, requantize=apply, short=short)


FORMATS = (
    _weights_only("lq_dynamic", "Dynamic range (LiteRT quantizer)", 60, dynamic, "dynamic range (LiteRT quantizer)"),
    _calibrated("lq_int8", "int8 (LiteRT quantizer)", 61, int8_activations),
    _calibrated("lq_int8_average", "int8 with averaged ranges", 62, int8_activations, "moving average"),
    _calibrated("lq_int16x8", "16x8 (LiteRT quantizer)", 63, int16_activations),
    _calibrated("lq_int8_conv4", "int8 with 4-bit convolutions", 64, int8_conv4),
    _weights_only("lq_w8", "8-bit weights", 67, weights8),
    _weights_only("lq_w8_tensor", "8-bit weights, one scale a tensor", 68, weights8_tensor),
    _weights_only("lq_w4", "4-bit weights", 69, weights4),
    _weights_only("lq_w4b32", "4-bit weights in blocks of 32", 70, weights4_blocks),
    _weights_only("lq_w2", "2-bit weights", 71, weights2),
    _weights_only("lq_w2b32", "2-bit weights in blocks of 32", 72, weights2_blocks),
)
