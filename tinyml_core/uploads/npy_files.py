"""Reads one `.npy` array that somebody brought; what its header declares is checked before anything is loaded."""

from __future__ import annotations

import io
import math
import tokenize
import warnings
from typing import TYPE_CHECKING, Any

from tinyml_core.uploads.brought import MOST_BYTES, sizes
from tinyml_core.uploads.refusal import refused

if TYPE_CHECKING:
    import numpy as np

MAGIC = b"\x93NUMPY"
MOST_AXES = 8
NUMBERS, TEXTS = "biuf", "US"
LONGEST_NUMBER_BYTES = 8
LONGEST_TEXT_BYTES = 4 * 200
"""NumPy stores a text in four bytes a letter; a class is not called by more than 200."""

NOT_A_LITERAL = (
    ValueError, TypeError, SyntaxError, tokenize.TokenError, MemoryError, RecursionError, OverflowError, KeyError,
)  # fmt: skip
"""A header is the text of a Python literal; these are what parsing a wrong one raises."""

SAVE_PLAIN = "Save it again as plain numbers: np.save(name, array.astype('float32'))."


def read_npy(content: bytes, called: str, texts: bool = False) -> np.ndarray:
    """The array of a `.npy`.

    Args:
        content: The file.
        called: How sentences about it call it.
        texts: Whether texts are taken too: labels may be names.

    Raises:
        Expected: It is damaged, holds objects or other types, or is not as long as its header declares.
    """
    import numpy as np

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that Python 2 wrote it
        _check(content, called, texts)
        try:
            array: np.ndarray = np.load(io.BytesIO(content), allow_pickle=False)
        except (OSError, EOFError, *NOT_A_LITERAL) as error:
            raise _damaged(called, error) from error
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _check(content: bytes, called: str, texts: bool) -> None:
    """Compare the header with the bytes that follow it."""
    shape, dtype, start = _header(content, called)
    begun = called[0].upper() + called[1:]
    if dtype.hasobject:
        raise refused(
            f"{begun} holds Python objects, which cannot be read without running code in them.",
            SAVE_PLAIN,
        )
    longest = {
        **dict.fromkeys(NUMBERS, LONGEST_NUMBER_BYTES),
        **(dict.fromkeys(TEXTS, LONGEST_TEXT_BYTES) if texts else {}),
    }
    if not 0 < dtype.itemsize <= longest.get(dtype.kind, 0):
        raise refused(
            f"{begun} holds values of the type {str(dtype)[:60]}; whole or real numbers are expected.",
            SAVE_PLAIN,
        )
    if len(shape) > MOST_AXES or any(size < 0 for size in shape):
        raise _damaged(called, f"shape {shape}")
    declared, there = math.prod(shape) * dtype.itemsize, len(content) - start
    if declared != there:
        raise refused(
            f"The header of {called} declares {sizes(shape)} values in {declared:,} bytes; {max(there, 0):,} bytes follow.",
            "The file is cut off or damaged; save or copy it again.",
        )
    if math.prod(shape) > MOST_BYTES:
        raise refused(
            f"{begun} has {math.prod(shape):,} values; at most {MOST_BYTES:,} are taken.",
            "Bring fewer samples.",
        )


def _header(content: bytes, called: str) -> tuple[tuple[int, ...], Any, int]:
    """Declared shape, type, and where the values begin."""
    from numpy.lib import format as npy

    stream = io.BytesIO(content)
    try:
        version = npy.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"version {version}")
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read(stream)
    except NOT_A_LITERAL as error:
        raise _damaged(called, error) from error
    return shape, dtype, stream.tell()


def _damaged(called: str, error: object) -> Exception:
    return refused(
        f"The header of {called} cannot be read as NumPy writes it.", "Save it again with np.save.", str(error)
    )
