"""Real values to a tensor's stored numbers and back, by the tensor's own scale and zero point."""

from __future__ import annotations

from typing import Any

import numpy as np


def stored_inputs(x: np.ndarray, x_scale: float, details: dict[str, Any]) -> np.ndarray:
    """Inputs as the model's input tensor stores them.

    Bytes are looked up: each of the 256 possible values is quantized once, not each pixel.

    Args:
        x: Raw inputs, `(samples, ...)`, `uint8` or float; the real value is `x * x_scale`.
        x_scale: What a raw input is multiplied with.
        details: One entry of LiteRT's `get_input_details()`.

    Returns:
        `(samples, *shape of the tensor without batch)` in the tensor's type.
    """
    if x.dtype == np.uint8:
        table = to_stored(np.arange(256).astype(np.float32) * np.float32(x_scale), details)
        stored = _look_up(x, table)
    else:
        stored = to_stored(x.astype(np.float32) * np.float32(x_scale), details)
    return np.ascontiguousarray(stored).reshape(len(x), *details["shape"][1:])


def _look_up(x: np.ndarray, table: np.ndarray) -> np.ndarray:
    if table.itemsize > 1:
        return np.ascontiguousarray(table[x])
    # Bytes to bytes: the standard library's translation is faster than NumPy's indexing.
    return np.frombuffer(x.tobytes().translate(table.tobytes()), dtype=table.dtype)


def to_stored(real: np.ndarray, details: dict[str, Any]) -> np.ndarray:
    """Quantize: `round(real / scale) + zero_point`, clipped to the type; floats stay as they are."""
    dtype = np.dtype(details["dtype"])
    scale, zero_point = details["quantization"]
    if dtype.kind == "f" or scale == 0:
        return real.astype(dtype)
    limits = np.iinfo(dtype)
    stored: np.ndarray = np.clip(np.round(real / np.float32(scale)) + zero_point, limits.min, limits.max).astype(dtype)
    return stored


def to_real(stored: np.ndarray, details: dict[str, Any]) -> np.ndarray:
    """Dequantize: `(stored - zero_point) * scale` as float32."""
    scale, zero_point = details["quantization"]
    if stored.dtype.kind == "f" or scale == 0:
        return stored.astype(np.float32)
    return (stored.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)
