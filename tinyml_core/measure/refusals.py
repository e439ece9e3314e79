"""TFLM's refusals in plain words: cause, fix and a thread where others met the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tinyml_core.outcome import Micro

ISSUES = "https://github.com/tensorflow/tflite-micro/issues/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A known refusal: the pattern in TFLM's text, what it means, and what to do."""

    pattern: str
    cause: str
    fix: str
    link: str


KNOWN = (
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
    Refusal(
        r"DENSIFY",
        "The weights are stored in sparse form behind DENSIFY operators, which TFLM cannot execute.",
        "Convert without the sparsity optimization.",
        ISSUES + "302",
    ),
)


def explain(words: str) -> Micro:
    """A refusal with TFLM's own text, its cause in plain words, a fix and a link."""
    text = words.strip()[:4000] or "(TFLM gave no text)"
    for refusal in KNOWN:
        found = re.search(refusal.pattern, text)
        if found:
            groups = {key: value or "" for key, value in found.groupdict().items()}
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
