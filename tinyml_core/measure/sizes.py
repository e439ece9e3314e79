"""Four sizes of one model, because "how big is it" has four answers."""

from __future__ import annotations

import gzip

from tinyml_core.export.c_array import c_source
from tinyml_core.inspection import Sizes


def flash_bytes(content: bytes) -> int:
    """Flash of a file as a constant array, as a linker places it: rounded up to 16 bytes."""
    return (len(content) + 15) // 16 * 16


def sizes(content: bytes) -> Sizes:
    """Count the four sizes of a `.tflite`.

    - `.tflite`: the file as converted;
    - gzip: the file compressed at level 9, what a download costs;
    - C source text: the text of `model.cc`, about six times the model;
    - flash: the constant array as a linker places it: the file rounded up to 16 bytes, without any runtime.
    """
    return Sizes(
        tflite_bytes=len(content),
        gzip_bytes=len(gzip.compress(content, compresslevel=9, mtime=0)),
        c_source_bytes=len(c_source(content).encode()),
        flash_bytes=flash_bytes(content),
    )
