"""TFLM's refusals in plain words: cause, fix and a thread where others met the same."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from tinyml_core.domain.outcome import Micro

ISSUES = "https://github.com/tensorflow/tflite-micro/issues/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A known refusal: the pattern in TFLM's text, what it means, and what to do.

    Attributes:
        weights: Only for files that hold weights of one of these types; empty for all.
    """

    pattern: str
    cause: str
    fix: str
    link: str
    weights: tuple[str, ...] = ()


KNOWN = (
    Refusal(
        r"Failed to populate a temp TfLiteTensor|filter != nullptr",
        "Weights are stored in 2 bits (int2), a type that TFLM does not know.",
        "Use full integer (int8), or int8 with 4-bit convolutions (lq_int8_conv4), which TFLM executes.",
        ISSUES.rstrip("/"),
        weights=("int2",),
    ),
    Refusal(
        r"[Hh]ybrid models are not supported|Input type: FLOAT32 with filter type: INT\d+ not supported",
        "The weights are stored in {weights} but the activations are float (a hybrid model). TFLM has no kernels for this "
        "mixture.",
        "Quantize activations too: use full integer (int8), or int8 with 4-bit convolutions (lq_int8_conv4).",
        ISSUES + "2543",
        weights=("int4", "int2"),
    ),
    Refusal(
        r"DEQUANTIZE",
        "The weights are stored in 4 bits (int4) behind DEQUANTIZE operators. TFLM's DEQUANTIZE takes 8-bit and 16-bit "
        "integers only.",
        "Use int8 with 4-bit convolutions (lq_int8_conv4), the use of 4 bits for which TFLM has a kernel, or 8-bit weights.",
        ISSUES.rstrip("/"),
        weights=("int4",),
    ),
    Refusal(
        r"filter->type != kTfLiteInt4",
        "The weights of a fully connected layer are stored in 4 bits (int4). TFLM has a kernel for 4-bit convolutions, but "
        "none for 4-bit fully connected layers.",
        "Use int8 with 4-bit convolutions (lq_int8_conv4): its fully connected layers stay in 8 bits.",
        ISSUES.rstrip("/"),
        weights=("int4",),
    ),
    Refusal(
        r"[Hh]ybrid models are not supported|Input type: FLOAT32 with filter type: INT\d+ not supported",
        "The weights are 8-bit but the activations are float (a hybrid, or dynamic range, model). TFLM has no kernels "
        "for this mixture.",
        "Quantize activations too: use full integer (int8), which needs a representative dataset.",
        ISSUES + "2543",
    ),
    Refusal(
        r"(?i)float16|DEQUANTIZE",
        "The weights are stored as 16-bit floats behind DEQUANTIZE operators. TFLM's DEQUANTIZE takes integers only, and "
        "most microcontrollers have no 16-bit float arithmetic.",
        "Use full integer (int8), or float32 where the flash allows it.",
        ISSUES + "2587",
    ),
    Refusal(
        r"DENSIFY",
        "The weights are stored in sparse form behind DENSIFY operators, which TFLM cannot execute.",
        "Convert without the sparsity optimization.",
        ISSUES + "302",
    ),
    Refusal(
        r"Didn't find op for builtin opcode '(?P<operator>\w+)'",
        "TFLM has no kernel for the operator {operator}.",
        "Replace that layer by one that TFLM knows, or write a kernel for it.",
        ISSUES + "1412",
    ),
    Refusal(
        r"Failed to (resize buffer|allocate)|Arena size is too small",
        "The model does not fit into an arena of 64 MB, far more than any microcontroller has.",
        "Choose a smaller input or fewer channels.",
        ISSUES + "658",
    ),
)


def explain(words: str, weight_types: Collection[str] = ()) -> Micro:
    """A refusal with TFLM's own text, its cause in plain words, a fix and a link.

    Args:
        words: What TFLM wrote.
        weight_types: The types of the file's weights: the same words can mean several things.
    """
    text = words.strip()[:4000] or "(TFLM gave no text)"
    for refusal in KNOWN:
        found = re.search(refusal.pattern, text)
        meant = [name for name in refusal.weights if name in weight_types]
        if found and (meant or not refusal.weights):
            groups = {key: value or "" for key, value in found.groupdict().items()} | {"weights": " and ".join(meant)}
            return Micro(
                "refused", error=text, cause=refusal.cause.format(**groups), fix=refusal.fix, link=refusal.link
            )
    return Micro(
        "refused",
        error=text,
        cause="TFLM refused the model for a reason this lab has no plain words for yet.",
        fix="Read TFLM's own text.",
        link=ISSUES.rstrip("/"),
    )
