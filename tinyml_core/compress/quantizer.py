"""The LiteRT quantizer: a float32 `.tflite` and a recipe in, a quantized `.tflite` out, without TensorFlow."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tinyml_core.domain.outcome import Failure
from tinyml_core.domain.technique import Calibration, NumberFormat, Settings
from tinyml_core.engine.call import Expected

EVERY_LAYER, EVERY_OPERATOR = ".*", "*"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a recipe: what becomes of operators of some layers.

    Attributes:
        arithmetic: `static` (integers throughout), `dynamic` (kernels quantize float activations on the fly), `weights`
            (a DEQUANTIZE operator turns them back to float32) or `float32` (left as it is).
        scale: For what there is a scale, as `qtyping.QuantGranularity` names it: each channel, the tensor, a block.
        layer: A pattern of the names of layers.
    """

    arithmetic: Literal["static", "dynamic", "weights", "float32"]
    weight_bits: int = 8
    activation_bits: int = 8
    scale: Literal["CHANNELWISE", "TENSORWISE", "BLOCKWISE_32"] = "CHANNELWISE"
    operator: str = EVERY_OPERATOR
    layer: str = EVERY_LAYER


Recipe = tuple[Entry, ...]
"""What becomes of which operator; where two entries match an operator the later one counts."""

Ranges = dict[str, Any]
"""Smallest and largest value of each tensor, by its name."""

Statistic = Literal["extremes", "moving average"]
"""What becomes of the smallest and largest value of one sample after the other.

`extremes` keeps the smallest and the largest of all, as TensorFlow's converter does. `moving average` is the quantizer's
own default, 0.95 of the old value and 0.05 of the new one: one outlier counts less, but a tensor that holds few numbers
a sample loses its ends.
"""

STAGE = "quantizing"


def observe(float_tflite: bytes, recipe: Recipe, calibration: Calibration, statistic: Statistic = "extremes") -> Ranges:
    """Execute the float model on the calibration samples and note the range of each tensor that a recipe quantizes.

    Raises:
        Expected: The quantizer refuses the model.
    """
    from ai_edge_litert.interpreter import Interpreter
    from litert_quantizer.calibrator import Calibrator
    from litert_quantizer.utils import qsv_utils

    from tinyml_core.compress.converter import in_type

    update = qsv_utils.min_max_update if statistic == "extremes" else qsv_utils.moving_average_update
    with _asked():
        ready = Interpreter(model_content=float_tflite)
        signature, ends = next(iter(ready.get_signature_list().items()))
        taken = in_type(calibration, ready.get_input_details()[0]["dtype"].__name__)
        samples = [{ends["inputs"][0]: inputs[0]} for inputs in taken()]
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

    with _asked():
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
    from litert_quantizer.qtyping import QuantGranularity
    from litert_quantizer.recipe_manager import RecipeManager

    manager = RecipeManager()
    for entry in recipe:
        where, bits, scale = (entry.layer, entry.operator), entry.weight_bits, QuantGranularity[entry.scale]
        match entry.arithmetic:
            case "static":
                manager.add_static_config(*where, entry.activation_bits, bits, scale)
            case "dynamic":
                manager.add_dynamic_config(*where, bits, scale)
            case "weights":
                manager.add_weight_only_config(*where, bits, scale)
            case "float32":
                manager.add_quantization_config(*where, algorithm_key="no_quantize")
    return manager


@contextlib.contextmanager
def _asked() -> Iterator[None]:
    """What the quantizer raises becomes a failure that lasts; its own words are the detail.

    Without its progress bar, and its warning that it keeps all tensors, which calibration is about.
    """
    try:
        with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
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
        r"is not divisible by block size (?P<block>\d+)", words, flags=re.DOTALL,
    )  # fmt: skip
    if found:
        shape, size, block = " x ".join(found["shape"].replace(" ", "").split(",")), found["size"], found["block"]
        inputs = f"{size} input{'' if size == '1' else 's'} (weights {shape})"
        reason = f"Blocks of {block} weights share a scale, but layer {layer_name(found['name'])} has {inputs}, "
        reason += f"which is no multiple of {block}."
        advice = (
            "Choose int8, or 8-bit weights with one scale a tensor (lq_w8_tensor), or give that layer a multiple of "
        )
        advice += f"{block} inputs."
    else:
        reason = f"The LiteRT quantizer could not do this: {' '.join(words.split())[:200]}"
        advice = "Choose another technique for this model; the converter's own number formats may know its operators."
    return Failure(STAGE, reason, advice, lasting=True, detail=words[:4000])


def layer_name(tensor_name: str) -> str:
    """The layer of a tensor: the converter names tensors `model/layer/operation`, several joined by `;`.

    >>> layer_name("sequential/conv2d_1/Relu;sequential/conv2d_1/BiasAdd;sequential/conv2d_1/Conv2D")
    'conv2d_1'
    """
    parts = tensor_name.split(";")[0].split("/")
    return parts[1] if len(parts) > 2 else parts[0]


# ---- number formats, each with one recipe for a whole model ---------------------------------------------------------


def _format(
    name: str, title: str, order: int, bits: int, recipe: Recipe, ranges: Statistic | None = None,
    short: str = "", counterpart: str = "", blocks: int = 0,
) -> NumberFormat:  # fmt: skip
    """What one recipe makes of a whole model; without `ranges` activations stay float and nothing calibrates."""

    def apply(float_tflite: bytes, calibration: Calibration, settings: Settings) -> bytes:
        return write(float_tflite, recipe, observe(float_tflite, recipe, calibration, ranges) if ranges else None)

    return NumberFormat(
        name, title, order, bits, needs_calibration=ranges is not None, requantize=apply, short=short,
        counterpart=counterpart, blocks=blocks,
    )  # fmt: skip


INT8 = (Entry("static"),)
"""8-bit weights, one scale a channel; 8-bit activations, input and output."""

FORMATS = (
    _format(
        "lq_dynamic", "Dynamic range (LiteRT quantizer)", 60, 8, (Entry("dynamic"),),
        short="dynamic range (LiteRT quantizer)", counterpart="dynamic",
    ),
    _format("lq_int8", "int8 (LiteRT quantizer)", 61, 8, INT8, "extremes", counterpart="int8"),
    _format("lq_int8_average", "int8 with averaged ranges", 62, 8, INT8, "moving average", counterpart="int8"),
    _format(
        "lq_int16x8", "16x8 (LiteRT quantizer)", 63, 8, (Entry("static", 8, 16),), "extremes", counterpart="int16x8"
    ),
    # The one use of 4 bits for which TFLM has a kernel.
    _format(
        "lq_int8_conv4", "int8 with 4-bit convolutions", 64, 4, (*INT8, Entry("static", 4, operator="CONV_2D")),
        "extremes", counterpart="int8",
    ),
    _format("lq_w8", "8-bit weights", 67, 8, (Entry("weights"),)),
    # TFLM's DEQUANTIZE knows no other scale.
    _format("lq_w8_tensor", "8-bit weights, one scale a tensor", 68, 8, (Entry("weights", scale="TENSORWISE"),)),
    # Depthwise layers stay float.
    _format("lq_w4", "4-bit weights", 69, 4, (Entry("weights", 4),)),
    # In blocks only fully connected layers are quantized; all other layers stay float.
    _format(
        "lq_w4b32", "4-bit weights in blocks of 32", 70, 4, (Entry("dynamic", 4, scale="BLOCKWISE_32"),), blocks=32
    ),
    # The quantizer would write 2-bit convolutions too, but LiteRT 2.3 reads them as something else: infinities.
    _format(
        "lq_w2", "2-bit weights", 71, 2, (Entry("dynamic", 4), Entry("dynamic", 2, operator="FULLY_CONNECTED"))
    ),
    _format(
        "lq_w2b32", "2-bit weights in blocks of 32", 72, 2, (Entry("dynamic", 2, scale="BLOCKWISE_32"),), blocks=32
    ),
)  # fmt: skip
"""What the quantizer writes with one recipe for the whole model; `mixed_precision.py` has those that rank layers first."""
