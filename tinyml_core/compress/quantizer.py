"""The LiteRT quantizer: a float32 `.tflite` and a recipe in, a quantized `.tflite` out, without TensorFlow."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Literal

from tinyml_core.domain.outcome import Failure
from tinyml_core.domain.technique import Calibration, NumberFormat, Settings
from tinyml_core.engine.call import Expected

Recipe = Callable[[Any], None]
"""Fills a `litert_quantizer.recipe_manager.RecipeManager`; where two entries match an operator the later one counts."""

Ranges = dict[str, Any]
"""Smallest and largest value of each tensor, by its name."""

Statistic = Literal["extremes", "moving average"]
"""What becomes of the smallest and largest value of one sample after the other.

`extremes` keeps the smallest and the largest of all, as TensorFlow's converter does. `moving average` is the quantizer's
own default, 0.95 of the old value and 0.05 of the new one: one outlier counts less, but a tensor that holds few numbers
a sample loses its ends.
"""

STAGE = "quantizing"
EVERY_LAYER, EVERY_OPERATOR = ".*", "*"


def requantize(
    float_tflite: bytes, recipe: Recipe, calibration: Calibration | None = None, statistic: Statistic = "extremes"
) -> bytes:
    """The model in the numbers of a recipe; the same input gives the same bytes.

    Args:
        float_tflite: A float32 `.tflite` with one signature and one input.
        recipe: What becomes of which operator.
        calibration: Needed by recipes that quantize activations.
        statistic: How ranges are taken from the calibration samples.

    Raises:
        Expected: The quantizer refuses the model.
    """
    ranges = None if calibration is None else observe(float_tflite, recipe, calibration, statistic)
    return write(float_tflite, recipe, ranges)


def observe(float_tflite: bytes, recipe: Recipe, calibration: Calibration, statistic: Statistic = "extremes") -> Ranges:
    """Execute the float model on the calibration samples and note the range of each tensor that a recipe quantizes.

    Raises:
        Expected: The quantizer refuses the model.
    """
    from ai_edge_litert.interpreter import Interpreter
    from litert_quantizer.calibrator import Calibrator
    from litert_quantizer.utils import qsv_utils

    update = qsv_utils.min_max_update if statistic == "extremes" else qsv_utils.moving_average_update
    with _refusals_explained(), _quiet():
        signature, ends = next(iter(Interpreter(model_content=float_tflite).get_signature_list().items()))
        samples = [{ends["inputs"][0]: inputs[0]} for inputs in calibration()]
        observer = Calibrator(float_tflite, num_threads=1, qsv_update_func=update)
        observer.calibrate({signature: samples}, _filled(recipe))
        ranges: Ranges = observer.get_model_qsvs()
    return ranges


def write(float_tflite: bytes, recipe: Recipe, ranges: Ranges | None = None) -> bytes:
    """Quantize by a recipe and ranges that were observed before.

    Raises:
        Expected: The quantizer refuses the model.
    """
    from litert_quantizer.quantizer import Quantizer

    with _refusals_explained(), _quiet():
        quantizer = Quantizer(float_tflite, _filled(recipe).get_quantization_recipe())
        result = quantizer.quantize(ranges, enable_progress_bar=False, enable_progress_report=False)
        return with_weights_inside(bytes(result.quantized_model))


def with_weights_inside(content: bytes) -> bytes:
    """The same model with all weights inside the flatbuffer, where TFLM looks for them.

    From 256 KB of weights on the quantizer writes them behind the flatbuffer. LiteRT finds them there; TFLM does not,
    takes the tensors for activations and computes with whatever lies in its arena, without a word.
    """
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.tools import flatbuffer_utils

    from tinyml_core.measure import tflite

    if not tflite.has_external_weights(schema.ModelT.InitFromPackedBuf(content, 0)):
        return content
    model = tflite.parse(content)
    for buffer in model.buffers:
        buffer.offset = buffer.size = 0
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _filled(recipe: Recipe) -> Any:
    from litert_quantizer.recipe_manager import RecipeManager

    manager = RecipeManager()
    recipe(manager)
    return manager


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the quantizer's progress bar, and its warning that it keeps all tensors, which calibration is about."""
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _refusals_explained() -> Iterator[None]:
    """What the quantizer raises becomes a failure that lasts; its own words are the detail."""
    try:
        yield
    except (Expected, MemoryError, OSError):
        raise
    except Exception as error:
        raise Expected(explain(f"{type(error).__name__}: {error}")) from error


def explain(words: str) -> Failure:
    """The quantizer's refusal in plain words.

    >>> explain("tensor: sequential/dense_1/MatMul. Error: Quantized dimension 40 in tensor shape (10, 40) is not "
    ...         "divisible by block size 32.").reason
    'Blocks of 32 weights share a scale, but layer dense_1 has 40 inputs (weights 10 x 40), which is no multiple of 32.'
    """
    found = re.search(
        r"tensor: (?P<name>\S+)\. .*dimension (?P<size>\d+) in tensor shape \((?P<shape>[\d, ]+)\) "
        r"is not divisible by block size (?P<block>\d+)",
        words,
        flags=re.DOTALL,
    )
    if found:
        shape = " x ".join(found["shape"].replace(" ", "").split(","))
        return Failure(
            stage=STAGE,
            reason=f"Blocks of {found['block']} weights share a scale, but layer {layer_name(found['name'])} has "
            f"{found['size']} input{'' if found['size'] == '1' else 's'} (weights {shape}), which is no multiple of {found['block']}.",
            advice=f"Choose int8, or 8-bit weights with one scale a tensor (lq_w8_tensor), or give that layer a multiple of "
            f"{found['block']} inputs.",
            detail=words[:4000],
            lasting=True,
        )
    return Failure(
        stage=STAGE,
        reason=f"The LiteRT quantizer could not do this: {' '.join(words.split())[:200]}",
        advice="Choose another technique for this model; the converter's own number formats may know its operators.",
        detail=words[:4000],
        lasting=True,
    )


def layer_name(tensor_name: str) -> str:
    """The layer of a tensor: the converter names tensors `model/layer/operation`, several joined by `;`.

    >>> layer_name("sequential/conv2d_1/Relu;sequential/conv2d_1/BiasAdd;sequential/conv2d_1/Conv2D")
    'conv2d_1'
    """
    parts = tensor_name.split(";")[0].split("/")
    return parts[1] if len(parts) > 2 else parts[0]


# ---- recipes, one for a whole model ------------------------------------------------------------------------------


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


# ---- number formats ----------------------------------------------------------------------------------------------


def _format(
    name: str,
    title: str,
    order: int,
    bits: int,
    recipe: Recipe,
    ranges: Statistic | None = None,
    *,
    short: str = "",
    counterpart: str = "",
    blocks: int = 0,
) -> NumberFormat:
    """What one recipe makes of a whole model.

    Args:
        name: Of the format, as all that is not named here.
        title: Of the format.
        order: Of the format.
        bits: Of its weights.
        recipe: What becomes of which operator.
        ranges: How the ranges of activations are taken from calibration samples; None if those stay float.
        short: Of the format.
        counterpart: Of the format.
        blocks: Of its weights.
    """

    def apply(float_tflite: bytes, calibration: Calibration, settings: Settings) -> bytes:
        return requantize(float_tflite, recipe, calibration if ranges else None, ranges or "extremes")

    return NumberFormat(
        name,
        title,
        order,
        bits,
        needs_calibration=ranges is not None,
        requantize=apply,
        short=short,
        counterpart=counterpart,
        blocks=blocks,
    )


FORMATS = (
    _format(
        "lq_dynamic",
        "Dynamic range (LiteRT quantizer)",
        60,
        8,
        dynamic,
        short="dynamic range (LiteRT quantizer)",
        counterpart="dynamic",
    ),
    _format("lq_int8", "int8 (LiteRT quantizer)", 61, 8, int8_activations, "extremes", counterpart="int8"),
    _format(
        "lq_int8_average", "int8 with averaged ranges", 62, 8, int8_activations, "moving average", counterpart="int8"
    ),
    _format("lq_int16x8", "16x8 (LiteRT quantizer)", 63, 8, int16_activations, "extremes", counterpart="int16x8"),
    _format("lq_int8_conv4", "int8 with 4-bit convolutions", 64, 4, int8_conv4, "extremes", counterpart="int8"),
    _format("lq_w8", "8-bit weights", 67, 8, weights8),
    _format("lq_w8_tensor", "8-bit weights, one scale a tensor", 68, 8, weights8_tensor),
    _format("lq_w4", "4-bit weights", 69, 4, weights4),
    _format("lq_w4b32", "4-bit weights in blocks of 32", 70, 4, weights4_blocks, blocks=32),
    _format("lq_w2", "2-bit weights", 71, 2, weights2),
    _format("lq_w2b32", "2-bit weights in blocks of 32", 72, 2, weights2_blocks, blocks=32),
)
"""What the quantizer writes with one recipe for the whole model; `mixed_precision.py` has those that rank layers first."""
