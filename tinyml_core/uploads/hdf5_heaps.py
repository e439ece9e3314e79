"""The heaps of an HDF5 file in which its texts lie, walked by hand: the library walks damaged ones for ever."""

from __future__ import annotations

import re

HEAD = re.compile(rb"GCOL\x01\x00\x00\x00")
"""Mark, version and reserved bytes of a global heap; HDF5 File Format Specification, III.E."""

HEAD_BYTES = 16
OBJECT_HEAD_BYTES = 16
SMALLEST_BYTES = 4096


def heaps_are_whole(content: bytes) -> bool:
    """True if every step from object to object goes forward and stays inside of its heap.

    For files with lengths of 8 bytes, as all writers of Keras files make them.
    """
    return all(_is_whole(content, found.start()) for found in HEAD.finditer(content))


def _is_whole(content: bytes, start: int) -> bool:
    size = int.from_bytes(content[start + 8 : start + HEAD_BYTES], "little")
    end = start + size
    if size < SMALLEST_BYTES or end > len(content):
        return False
    at = start + HEAD_BYTES
    while at + OBJECT_HEAD_BYTES <= end:
        index = int.from_bytes(content[at : at + 2], "little")
        held = int.from_bytes(content[at + 8 : at + OBJECT_HEAD_BYTES], "little")
        # Index 0 is the free space at the end, whose size counts its own head.
        step = held if index == 0 else OBJECT_HEAD_BYTES + -(-held // 8) * 8
        if step < OBJECT_HEAD_BYTES or at + step > end:
            return False
        at += step
    return True
