"""Reads a `.tflite` out of the C array that it was turned into for a microcontroller: `model.cc`, `model.h`."""

from __future__ import annotations

import re

from tinyml_core.uploads.refusal import refused, several, shown

COMMENT = re.compile(rb"//[^\n]*|/\*.*?\*/", re.DOTALL)
ARRAY = re.compile(rb"([A-Za-z_]\w{0,200})\s*\[[^\]]{0,100}\][^={;]{0,200}=\s*\{([^{}]*)\}")
VALUE = re.compile(rb"\s*(?:0[xX][0-9a-fA-F]{1,2}|[0-9]{1,3})\s*")
MARK = b"TFL3"
ADVICE = "Give the .tflite file itself, or an array as `xxd -i model.tflite` writes it."


def is_c_source(content: bytes) -> bool:
    """Whether a file is text that writes bytes into an array."""
    return b"\0" not in content[:4096] and ARRAY.search(COMMENT.sub(b"", content[:65536]) + b"}") is not None


def tflite_of(content: bytes) -> bytes:
    """The bytes of the one array that holds a `.tflite`.

    Raises:
        Expected: No array does, several do, or it holds something that is no byte.
    """
    arrays = {found[1].decode(): found[2] for found in ARRAY.finditer(COMMENT.sub(b"", content))}
    held = {name: written for name, written in arrays.items() if _bytes(written[:200], name, whole=False)[4:8] == MARK}
    if not held:
        names = several([shown(name) for name in arrays], 3)
        raise refused(f"The text holds the C array {names}, which is no .tflite: TFL3 is missing at byte 4.", ADVICE)
    if len(held) > 1:
        raise refused(
            f"The text holds {len(held)} models: {several([shown(name) for name in held], 5)}.", "Give one of them."
        )
    ((name, written),) = held.items()
    return _bytes(written, name)


def _bytes(written: bytes, name: str, whole: bool = True) -> bytes:
    """Numbers between commas as bytes; of a piece that is cut off, those before the last comma."""
    cells = written.split(b",")
    if not whole or not cells[-1].strip():
        cells = cells[:-1]
    if any(VALUE.fullmatch(cell) is None for cell in cells):
        if not whole:
            return b""
        wrong = next(cell for cell in cells if VALUE.fullmatch(cell) is None)
        text = shown(wrong.decode("utf-8", "replace").strip()[:40])
        raise refused(f"The C array {shown(name)} holds {text}, which is no byte.", ADVICE)
    values = [int(cell, 16 if cell.strip()[:2].lower() == b"0x" else 10) for cell in cells]
    if values and max(values) > 255:
        raise refused(f"The C array {shown(name)} holds {max(values)}, which is no byte.", ADVICE)
    return bytes(values)
