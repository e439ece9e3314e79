"""Steps that look inside a variant. Need no TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cattrs

from tinyml_core.steps import Bytes, Result
from tinyml_core.training_stage import Report


def anatomy(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Lay a `.tflite` open: bytes, operators, quantization, memory over time."""
    from tinyml_core.measure.anatomy import anatomy as lay_open

    report("reading the file")
    return cattrs.unstructure(lay_open(blobs["tflite"])), {}
