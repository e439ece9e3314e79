"""The techniques that have a toggle, one row each: what does not follow from their stages."""

from __future__ import annotations

from dataclasses import dataclass

from tinyml_core.domain.technique import Group

QUANTIZATION = "https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/model_optimization"
LITERT_QUANTIZER = "https://github.com/google-ai-edge/LiteRT/tree/main/litert_quantizer"
PRUNING = "https://www.tensorflow.org/model_optimization/guide/pruning"
CLUSTERING = "https://www.tensorflow.org/model_optimization/guide/clustering"
COMBINING = "https://www.tensorflow.org/model_optimization/guide/combine/collaborative_optimization"
TFLM_COMPRESSION = "https://github.com/tensorflow/tflite-micro/tree/main/tensorflow/lite/micro/compression"
DISTILLATION = "https://arxiv.org/abs/1503.02531"
QAT = "https://www.tensorflow.org/model_optimization/guide/quantization/training"

INT8_CHIPS = ("CPU", "Edge TPU", "DSP", "microcontroller")
CPU = ("CPU",)
CPU_GPU_MCU = ("CPU", "GPU", "microcontroller")
CPU_DSP_MCU = ("CPU", "DSP", "microcontroller")
MCU = ("microcontroller",)
CPU_MCU = ("CPU", "microcontroller")
CPU_GPU = ("CPU", "GPU")

CLUSTERED = (
    "Lets the weights of a layer share {} values, trains those on, then writes everything in 8 bits. The file stays as "
    "large until it is compressed or packed."
)
UNPROMISED = "no promise is published"


@dataclass(frozen=True, slots=True)
class Preset:
    """One row: name, title and needs of the technique follow from its stages (see `techniques.py`).

    The order is the place in lists and in the fixed colour order. Stages are named, `none` where there is none; the
    group is where it stands among the toggles, the hardware what it is meant for. Promised is the size reduction that
    tutorials usually promise; the idea is what it does and what that costs, the link where to read on.
    """

    order: int
    training: str
    number_format: str
    packing: str
    group: Group
    hardware: tuple[str, ...]
    promised: str
    link: str
    idea: str


PRESETS = (
    Preset(
        1, "none", "float32", "none", "After training", CPU_GPU_MCU, "1x (the yardstick)", QUANTIZATION,
        "The model as it was trained: every number in 32 bits. The yardstick for all others.",
    ),
    Preset(
        2, "none", "float16", "none", "After training", CPU_GPU, "2x smaller", QUANTIZATION,
        "Stores the weights in 16 bits and turns them back to float32 when executed.",
    ),
    Preset(
        3, "none", "dynamic", "none", "After training", CPU, "4x smaller, 2x to 3x faster", QUANTIZATION,
        "Stores the weights in 8 bits; activations stay float and are quantized on the fly by kernels that know how "
        "(hybrid kernels).",
    ),
    Preset(
        4, "none", "int8_float_io", "none", "After training", CPU, "4x smaller, 3x faster and more", QUANTIZATION,
        "Weights and activations in 8 bits; the input and output stay float, and so does any operator without an "
        "integer form (float fallback).",
    ),
    Preset(
        5, "none", "int8", "none", "After training", INT8_CHIPS, "4x smaller, 3x faster and more", QUANTIZATION,
        "Everything in 8 bits, input and output too: no float arithmetic is left. The usual form for microcontrollers.",
    ),
    Preset(
        6, "none", "int16x8", "none", "After training", CPU_DSP_MCU, "3x to 4x smaller", QUANTIZATION,
        "Weights in 8 bits, activations in 16: nearly as small as int8, nearly as exact as float.",
    ),
    Preset(
        7, "qat", "int8", "none", "While training", INT8_CHIPS, "4x smaller, accuracy kept", QAT,
        "Trains on with the rounding of int8 simulated, so that the weights learn to live with it; then full integer.",
    ),
    Preset(
        20, "prune50", "float32", "none", "Smaller weights", CPU_GPU_MCU, "2x smaller when compressed", PRUNING,
        "Sets the smaller half of the weights to zero and trains on, so that the rest takes over. The file and its "
        "flash stay as large; only its compressed form shrinks, which helps downloads and updates over the air.",
    ),
    Preset(
        21, "prune50", "int8", "none", "Smaller weights", INT8_CHIPS, "6x to 8x smaller when compressed", PRUNING,
        "Sets the smaller half of the weights to zero while training on, then writes everything in 8 bits. Against "
        "plain int8 only the compressed file shrinks, which helps updates over the air, not flash.",
    ),
    Preset(
        22, "prune75", "float32", "none", "Smaller weights", CPU_GPU_MCU, "4x smaller when compressed", PRUNING,
        "Sets three of four weights to zero and trains on, so that the rest takes over. The file and its flash stay as "
        "large; only its compressed form shrinks, which helps downloads and updates over the air.",
    ),
    Preset(
        23, "prune75", "int8", "none", "Smaller weights", INT8_CHIPS, "10x and more smaller when compressed", PRUNING,
        "Sets three of four weights to zero while training on, then writes everything in 8 bits. Against plain int8 "
        "only the compressed file shrinks, which helps updates over the air, not flash.",
    ),
    Preset(
        24, "prune90", "int8", "none", "Smaller weights", INT8_CHIPS, "10x and more smaller when compressed", PRUNING,
        "Sets nine of ten weights to zero while training on, then writes everything in 8 bits. A small network often "
        "cannot spare so many; the score shows it.",
    ),
    Preset(
        25, "prune24", "int8", "none", "Smaller weights", CPU_GPU_MCU,
        "2x faster on hardware that knows the pattern", PRUNING,
        "Sets two of every four neighbouring weights to zero, a regular pattern that some processors skip at double "
        "speed, then writes everything in 8 bits. Flash shrinks only where the file format stores the pattern.",
    ),
    Preset(
        26, "prune24", "sparse32", "none", "Smaller weights", CPU, "nearly 2x smaller", PRUNING,
        "Sets two of every four neighbouring weights to zero and stores only the others: the one pruned file that is "
        "smaller as it is. LiteRT unfolds it when it loads; TensorFlow Lite Micro cannot.",
    ),
    Preset(
        27, "cluster8", "int8", "none", "Smaller weights", INT8_CHIPS, "up to 8x smaller when compressed", CLUSTERING,
        CLUSTERED.format(8),
    ),
    Preset(
        28, "cluster16", "int8", "none", "Smaller weights", INT8_CHIPS, "up to 8x smaller when compressed", CLUSTERING,
        CLUSTERED.format(16),
    ),
    Preset(
        29, "cluster32", "int8", "none", "Smaller weights", INT8_CHIPS, "up to 6x smaller when compressed", CLUSTERING,
        CLUSTERED.format(32),
    ),
    Preset(
        30, "cluster16", "int8", "lut", "Packed", MCU, "7x to 8x smaller in flash", TFLM_COMPRESSION,
        "Stores each weight as the 4-bit number of one of 16 values, which TensorFlow Lite Micro looks up when it "
        "runs. Flash really shrinks; working memory grows, because a layer's weights are unfolded there.",
    ),
    Preset(
        31, "cluster16", "float32", "lut", "Packed", MCU, "8x smaller in flash", TFLM_COMPRESSION,
        "Stores each weight as the 4-bit number of one of 16 float values, which TensorFlow Lite Micro looks up when "
        "it runs. Flash shrinks about as much as weights do from 32 to 4 bits, answers stay float's, and working "
        "memory grows most of all.",
    ),
    Preset(
        32, "pqat", "int8", "none", "Smaller weights", INT8_CHIPS,
        "6x to 8x smaller when compressed, accuracy kept", COMBINING,
        "Prunes half of the weights, then trains on with the rounding of int8 simulated while the zeros stay zeros. It "
        "should compress like a pruned model and answer like one trained for int8.",
    ),
    Preset(
        33, "cqat", "int8", "none", "Smaller weights", INT8_CHIPS,
        "up to 8x smaller when compressed, accuracy kept", COMBINING,
        "Clusters the weights to 16 values, then trains on with the rounding of int8 simulated while they stay shared.",
    ),
    Preset(
        34, "pcqat", "int8", "none", "Smaller weights", INT8_CHIPS,
        "up to 10x smaller when compressed, accuracy kept", COMBINING,
        "Prunes half of the weights, clusters the others to 15 values, then trains on with the rounding of int8 "
        "simulated while both stay.",
    ),
    Preset(
        35, "distil", "int8", "none", "While training", INT8_CHIPS,
        "any size, accuracy near the large model's", DISTILLATION,
        "Trains a smaller network on the large one's answers as well as on the labels, then writes it in 8 bits. "
        "Compare it with the student alone: only the difference is what distilling gained.",
    ),
    Preset(
        36, "small", "int8", "none", "While training", INT8_CHIPS, UNPROMISED, DISTILLATION,
        "Trains the same smaller network in the same way on the labels alone, then writes it in 8 bits: what "
        "distilling has to beat.",
    ),
    Preset(
        60, "none", "lq_dynamic", "none", "After training", CPU, "4x smaller", LITERT_QUANTIZER,
        "Stores the weights in 8 bits, as dynamic range does, but with Google's second tool, the LiteRT quantizer: it "
        "also takes the small weight tensors that the converter leaves alone.",
    ),
    Preset(
        61, "none", "lq_int8", "none", "After training", INT8_CHIPS, "4x smaller, 3x faster and more", LITERT_QUANTIZER,
        "Everything in 8 bits by the LiteRT quantizer, from the same ranges as the converter: where it differs from "
        "full integer, the two tools differ.",
    ),
    Preset(
        62, "none", "lq_int8_average", "none", "After training", INT8_CHIPS,
        "4x smaller, 3x faster and more", LITERT_QUANTIZER,
        "The same, calibrated as the LiteRT quantizer does unless told otherwise: ranges are a moving average over the "
        "samples, so a single outlier counts less, and rare large values are cut off.",
    ),
    Preset(
        63, "none", "lq_int16x8", "none", "After training", CPU_DSP_MCU, "3x to 4x smaller", LITERT_QUANTIZER,
        "Weights in 8 bits, activations in 16, by the LiteRT quantizer.",
    ),
    Preset(
        64, "none", "lq_mixed", "none", "After training", CPU_MCU,
        "less than 4x smaller, accuracy kept", LITERT_QUANTIZER,
        "Full integer, except for the layers that suffer most from it: each layer is quantized alone once, and the "
        "worst ones (see Settings) stay in float32.",
    ),
    Preset(
        65, "none", "lq_int8_conv4", "none", "Smaller weights", CPU_MCU, "up to 8x smaller", LITERT_QUANTIZER,
        "Full integer, with the weights of ordinary convolutions in 4 bits: the one use of 4 bits that TFLM executes. "
        "It unpacks them in RAM, so flash shrinks and the arena grows.",
    ),
    Preset(
        66, "none", "lq_w8", "none", "Smaller weights", CPU, "4x smaller", LITERT_QUANTIZER,
        "Weights in 8 bits with one scale a channel; everything is computed in float32. TFLM runs the file, but it "
        "takes the first channel's scale for all, so its answers differ: see the warning.",
    ),
    Preset(
        67, "none", "lq_w4", "none", "Smaller weights", CPU, "8x smaller", LITERT_QUANTIZER,
        "Weights in 4 bits with one scale a channel; everything is computed in float32. Two weights share a byte.",
    ),
    Preset(
        68, "none", "lq_w4b32", "none", "Smaller weights", CPU, "8x smaller", LITERT_QUANTIZER,
        "Fully connected layers in 4 bits with a scale for every 32 weights, as large language models are stored. "
        "Needs layers whose number of inputs is a multiple of 32; convolutions stay in float32.",
    ),
    Preset(
        69, "none", "lq_w2b32", "none", "Smaller weights", CPU, "16x smaller", LITERT_QUANTIZER,
        "The same in 2 bits: a weight is -1, 0 or 1 times the scale of its block. Four weights share a byte. The file "
        "can be written and measured in size; LiteRT 2.3 and TFLM refuse to execute it.",
    ),
)  # fmt: skip
