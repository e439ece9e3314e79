"""TFLM's refusals in plain words: cause, fix and a thread where others met the same."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from tinyml_core.domain.outcome import Micro

THREADS = "https://github.com/tensorflow/tflite-micro/issues"
HYBRID = r"[Hh]ybrid models are not supported|Input type: FLOAT32 with filter type: INT\d+ not supported"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A known refusal: the pattern in TFLM's text, and what it means for files that hold weights of some types.

    An empty tuple of types stands for all files. The cause may name groups of the pattern, and the file's `weights`.
    """

    pattern: str
    weights: tuple[str, ...]
    link: str
    cause: str
    fix: str


KNOWN = (
    Refusal(
        r"Failed to populate a temp TfLiteTensor|filter != nullptr", ("int2",), THREADS,
        "Weights are stored in 2 bits (int2), a type that TFLM does not know.",
        "Use full integer (int8), or int8 with 4-bit convolutions (lq_int8_conv4), which TFLM executes.",
    ),
    Refusal(
        HYBRID, ("int4", "int2"), f"{THREADS}/2543",
        "The weights are stored in {weights} but the activations are float (a hybrid model). TFLM has no kernels for this "
        "mixture.",
        "Quantize activations too: use full integer (int8), or int8 with 4-bit convolutions (lq_int8_conv4).",
    ),
    Refusal(
        r"DEQUANTIZE", ("int4",), THREADS,
        "The weights are stored in 4 bits (int4) behind DEQUANTIZE operators. TFLM's DEQUANTIZE takes 8-bit and 16-bit "
        "integers only.",
        "Use int8 with 4-bit convolutions (lq_int8_conv4), the use of 4 bits for which TFLM has a kernel, or 8-bit weights.",
    ),
    Refusal(
        r"filter->type != kTfLiteInt4", ("int4",), THREADS,
        "The weights of a fully connected layer are stored in 4 bits (int4). TFLM has a kernel for 4-bit convolutions, but "
        "none for 4-bit fully connected layers.",
        "Use int8 with 4-bit convolutions (lq_int8_conv4): its fully connected layers stay in 8 bits.",
    ),
    Refusal(
        HYBRID, (), f"{THREADS}/2543",
        "The weights are 8-bit but the activations are float (a hybrid, or dynamic range, model). TFLM has no kernels "
        "for this mixture.",
        "Quantize activations too: use full integer (int8), which needs a representative dataset.",
    ),
    Refusal(
        r"(?i)float16|DEQUANTIZE", (), f"{THREADS}/2587",
        "The weights are stored as 16-bit floats behind DEQUANTIZE operators. TFLM's DEQUANTIZE takes integers only, and "
        "most microcontrollers have no 16-bit float arithmetic.",
        "Use full integer (int8), or float32 where the flash allows it.",
    ),
    Refusal(
        r"DENSIFY", (), f"{THREADS}/302",
        "The weights are stored in sparse form behind DENSIFY operators, which TFLM cannot execute.",
        "Convert without the sparsity optimization.",
    ),
    Refusal(
        r"Didn't find op for builtin opcode '(?P<operator>\w+)'", (), f"{THREADS}/1412",
        "TFLM has no kernel for the operator {operator}.",
        "Replace that layer by one that TFLM knows, or write a kernel for it.",
    ),
    Refusal(
        r"Failed to (resize buffer|allocate)|Arena size is too small", (), f"{THREADS}/658",
        "The model does not fit into an arena of 64 MB, far more than any microcontroller has.",
        "Choose a smaller input or fewer channels.",
    ),
    Refusal(
        "", (), THREADS, "TFLM refused the model for a reason this lab has no plain words for yet.",
        "Read TFLM's own text.",
    ),
)  # fmt: skip
"""The first that matches counts; the last matches any text."""


def explain(words: str, weight_types: Collection[str] = ()) -> Micro:
    """A refusal with TFLM's own text, its cause in plain words, a fix and a link.

    The same words can mean several things: the types of the file's weights tell which.
    """
    text = words.strip()[:4000] or "(TFLM gave no text)"
    for refusal in KNOWN:
        found = re.search(refusal.pattern, text)
        meant = [name for name in refusal.weights if name in weight_types]
        if found and (meant or not refusal.weights):
            groups = {key: value or "" for key, value in found.groupdict().items()}
            cause = refusal.cause.format(**groups, weights=" and ".join(meant))
            return Micro("refused", error=text, cause=cause, fix=refusal.fix, link=refusal.link)
    raise AssertionError("the last refusal matches any text")
