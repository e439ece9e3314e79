"""What mends a sample of the wrong shape with one click, and which of these lead from the data to the model."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinyml_core.domain.brought import Mismatch
from tinyml_core.uploads.data.given import FEWEST_SAMPLES, Shape, Taker, check_size
from tinyml_core.uploads.data.resizing import USUAL, resized
from tinyml_core.uploads.refusal import counted, refused

if TYPE_CHECKING:
    import numpy as np


MOST_STEPS = 4

GREY = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in brightness (ITU-R BT.601), as Pillow takes them."""


@dataclass(frozen=True, slots=True)
class ShapeCure:
    """One change of shape.

    Attributes:
        title: What a button for it says.
        becomes: From the shape of a sample and that of the model to the new one; None where the cure does not apply.
        apply: Changes all samples, `(samples, *shape)`, to a new shape of one.
    """

    name: str
    title: str
    becomes: Callable[[Shape, Shape], Shape | None]
    apply: Callable[[np.ndarray, Shape], np.ndarray]


def chain(shape: Shape, wanted: Shape) -> tuple[ShapeCure, ...] | None:
    """The fewest cures that lead from one shape to the other; None if none do."""
    paths: list[tuple[Shape, tuple[ShapeCure, ...]]] = [(shape, ())]
    seen = {shape}
    for now, path in paths:  # grows while it is gone through: shorter paths come first
        if now == wanted:
            return path
        for cure in SHAPE_CURES.values() if len(path) < MOST_STEPS else ():
            after = cure.becomes(now, wanted)
            if after is not None and after not in seen:
                seen.add(after)
                paths.append((after, (*path, cure)))
    return None


def _without_ones(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != 1)


def _add_channel(shape: Shape, wanted: Shape) -> Shape | None:
    if len(shape) >= len(wanted):
        return None
    if _without_ones(shape) == _without_ones(wanted):
        return wanted
    return (*shape, 1) if len(shape) == 2 else None


def _drop_channel(shape: Shape, wanted: Shape) -> Shape | None:
    fewer = len(shape) > len(wanted) and _without_ones(shape) == _without_ones(wanted)
    return wanted if fewer else None


def _flatten(shape: Shape, wanted: Shape) -> Shape | None:
    return (math.prod(shape),) if len(shape) > 1 and len(wanted) == 1 else None


def _unflatten(shape: Shape, wanted: Shape) -> Shape | None:
    return wanted if len(shape) == 1 and len(wanted) > 1 and math.prod(shape) == math.prod(wanted) else None


def _channels_last(shape: Shape, wanted: Shape) -> Shape | None:
    moved = (*shape[1:], *shape[:1])
    if len(shape) == 2:
        return moved if moved == wanted else None
    return moved if len(shape) == 3 and shape[0] in (1, 3) and shape[-1] not in (1, 3) else None


def _to_grey(shape: Shape, wanted: Shape) -> Shape | None:
    return (*shape[:2], 1) if len(shape) == 3 and shape[2] == 3 and (len(wanted) < 3 or wanted[2] == 1) else None


def _to_rgb(shape: Shape, wanted: Shape) -> Shape | None:
    return (*shape[:2], 3) if len(shape) == 3 and shape[2] == 1 and len(wanted) == 3 and wanted[2] == 3 else None


def _resize(shape: Shape, wanted: Shape) -> Shape | None:
    picture = len(shape) == len(wanted) == 3 and shape[2] in (1, 3) and min(shape) > 0
    return (*wanted[:2], shape[2]) if picture and shape[:2] != wanted[:2] else None


def _reshaped(x: np.ndarray, shape: Shape) -> np.ndarray:
    return x.reshape(len(x), *shape)


def _moved(x: np.ndarray, shape: Shape) -> np.ndarray:
    import numpy as np

    return np.ascontiguousarray(np.moveaxis(x, 1, -1))


def _grey(x: np.ndarray, shape: Shape) -> np.ndarray:
    import numpy as np

    grey = np.empty((len(x), *shape), dtype=x.dtype)
    for kept, picture in zip(grey, x, strict=True):  # one by one: all at once takes eight times their memory
        mixed = picture @ np.array(GREY)
        kept[..., 0] = mixed if x.dtype.kind == "f" else np.rint(mixed)
    return grey


def _rgb(x: np.ndarray, shape: Shape) -> np.ndarray:
    check_size(len(x), shape, x.itemsize)
    return x.repeat(3, axis=-1)


def _resized(x: np.ndarray, shape: Shape) -> np.ndarray:
    return resized_all(x, shape, USUAL)


def resized_all(x: np.ndarray, shape: Shape, how: str) -> np.ndarray:
    """All pictures at another height and width, in the type that they have; `how` is one of `RESIZINGS`."""
    import numpy as np

    check_size(len(x), shape, x.itemsize)
    pictures = np.empty((len(x), *shape), dtype=x.dtype)
    for kept, picture in zip(pictures, x, strict=True):
        scaled = resized(picture, (shape[0], shape[1]), how)
        kept[...] = scaled if x.dtype.kind == "f" else np.rint(scaled)
    return pictures


SHAPE_CURES = {
    cure.name: cure
    for cure in (
        ShapeCure("add_channel", "Add the axis of one", _add_channel, _reshaped),
        ShapeCure("drop_channel", "Drop the axis of one", _drop_channel, _reshaped),
        ShapeCure("channels_last", "Move the channels to the end", _channels_last, _moved),
        ShapeCure("to_grey", "Turn to grey", _to_grey, _grey),
        ShapeCure("to_rgb", "Repeat grey as red, green and blue", _to_rgb, _rgb),
        ShapeCure("unflatten", "Arrange the row as the model's input", _unflatten, _reshaped),
        ShapeCure("resize", "Resize", _resize, _resized),
        ShapeCure("flatten", "Put each sample into one row", _flatten, _reshaped),
    )
}

SCALE_255, SCALE_128, STORED, REAL = "scale_255", "scale_128", "stored_integers", "real_values"
VALUE_CURES = (SCALE_255, SCALE_128, STORED, REAL)
STORED_RANGES = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}
TITLES = {
    STORED: "They are the input's own integers",
    REAL: "They are real values; cut off what is beyond",
    SCALE_255: "Scale to 0 to 1 (by 1/255)",
    SCALE_128: "Scale to −1 to 1 (minus 128, by 1/128)",
}
LOW_BYTE, HIGH_BYTE = 0, 255

BRIGHTEST_AT_LEAST = 128
"""Bytes that never reach half of their range are no pictures."""

FEWEST_VALUES = 64
"""Of a sample that may be a picture laid out in one row."""

MARGIN = 0.05
"""Of the range: rounding and rare outliers reach so far beyond it."""


def compact(x: np.ndarray) -> np.ndarray:
    """The same numbers as bytes if all are whole and fit, else as float32.

    Raises:
        Expected: There are too few or too many, or some are no numbers.
    """
    import numpy as np

    if x.ndim == 0 or len(x) < FEWEST_SAMPLES or x.size == 0:
        raise refused(
            f"There {'is 1 sample' if x.ndim and len(x) == 1 else 'are no samples'} in the file.",
            f"At least {FEWEST_SAMPLES} are needed: one to calibrate with, one to test.",
        )
    low, high = x.min(), x.max()  # NaN if any value is
    small = np.uint8 if low >= 0 and high <= HIGH_BYTE else np.int8 if low >= -128 and high <= 127 else None
    whole = x.dtype.kind in "biu" or (small is not None and _whole(x))
    if small is not None and whole:
        check_size(len(x), x.shape[1:], 1)
        return x.astype(small, copy=False)
    check_size(len(x), x.shape[1:], 4)
    with np.errstate(over="ignore"):
        real: np.ndarray = x.astype(np.float32, copy=False)
    _check_finite(real)
    return real


def _whole(x: np.ndarray) -> bool:
    """Whether all are whole numbers; looked at piece by piece, because most are told by the first few."""
    step = max(1, len(x) // 16)
    return all(bool((part == part.round()).all()) for part in (x[at : at + step] for at in range(0, len(x), step)))


def _check_finite(x: np.ndarray) -> None:
    import numpy as np

    finite = np.isfinite(x)
    if not finite.all():
        bad = int(x.size - finite.sum())
        sample = int(np.flatnonzero(~finite.reshape(len(x), -1).all(axis=1))[0])
        raise refused(
            f"{counted(bad, 'value is', 'values are')} no finite number, the first in sample {sample:,}.",
            "Fill them in or leave those samples out.",
        )


def scaled(x: np.ndarray, x_scale: float, cure: str, taker: Taker) -> tuple[np.ndarray, float]:
    """The samples and the factor that makes them real values, after a cure.

    Bytes stay bytes. `scale_128` puts a byte `p` at `(p − 128) / 128`; MobileNet's authors use `p / 127.5 − 1`, at most 1/128 off.
    """
    import numpy as np

    if x_scale != 1.0:
        raise refused("The values were scaled once already.", "Choose one of the two ways of scaling.")
    if cure == REAL:
        return x, x_scale
    if cure == STORED:
        return _dequantized(x, taker), 1.0
    if cure == SCALE_255:
        return x, 1 / 255
    if x.dtype == np.uint8:
        return (x ^ 128).view(np.int8), 1 / 128  # p − 128 in two's complement
    return x.astype(np.float32) - np.float32(128), 1 / 128


def _dequantized(x: np.ndarray, taker: Taker) -> np.ndarray:
    """The real values that the input's integers stand for: its lowest integer for its lowest value, and evenly on."""
    import numpy as np

    if taker.low is None or taker.high is None or taker.input_dtype not in STORED_RANGES or not _whole(x):
        raise refused("The model's input holds no integers, or the data are none.", "Take that cure back.")
    low, high = STORED_RANGES[taker.input_dtype]
    if x.min() < low or x.max() > high:
        raise refused(
            f"The model's input holds integers from {low} to {high}, the data go beyond.", "Take that cure back."
        )
    step = (taker.high - taker.low) / (high - low)
    real: np.ndarray = (taker.low + (x.astype(np.float64) - low) * step).astype(np.float32)
    return real


def range_mismatches(x: np.ndarray, x_scale: float, taker: Taker, cures: tuple[str, ...] = ()) -> tuple[Mismatch, ...]:
    """Where the values are not what the model takes, or probably not what it was trained on."""
    low, high = float(x.min()) * x_scale, float(x.max()) * x_scale
    has = f"The values go from {low:g} to {high:g}"
    if taker.input_dtype.startswith(("int32", "int64")) and (x_scale != 1.0 or (x.dtype.kind == "f" and not _whole(x))):
        return (Mismatch(f"{has}, with fractions; the model takes whole numbers."),)
    if not taker.input_dtype.startswith(("float", "bfloat", "int", "uint")):
        return (Mismatch(f"The model takes values of the type {taker.input_dtype[:20]}; the data has numbers."),)
    bytes_like = low >= LOW_BYTE and BRIGHTEST_AT_LEAST <= high <= HIGH_BYTE and x_scale == 1.0
    if taker.low is not None and taker.high is not None:
        margin = MARGIN * (taker.high - taker.low)
        if taker.low - margin <= low and high <= taker.high + margin:
            return ()
        text = f"{has}; the model's input holds {taker.low:g} to {taker.high:g}, and what is beyond is cut off."
        cure = (SCALE_128 if taker.low < -0.5 else SCALE_255) if bytes_like and taker.high < 2 else ""
        lowest, highest = STORED_RANGES.get(taker.input_dtype, (0, -1))
        if REAL in cures or x_scale != 1.0 or not (lowest <= low and high <= highest and _whole(x)):
            return (Mismatch(text, cure, TITLES.get(cure, ""), blocking=False),)
        # A number that nobody meant would come of a guess: integers of the file's own, or pixels, or real values.
        asked = (STORED, *((cure,) if cure else ()), REAL)
        texts = (
            f"{text} Are they the integers that the file stores ({taker.input_dtype})?",
            "Or something else:",
            "Or:",
        )
        return tuple(Mismatch(words, each, TITLES[each]) for words, each in zip(texts, asked, strict=False))
    if bytes_like and x[0].size >= FEWEST_VALUES and taker.input_dtype.startswith("float"):
        return (
            Mismatch(
                f"{has}; most networks are trained on 0 to 1. Is yours?", SCALE_255, TITLES[SCALE_255], blocking=False
            ),
            Mismatch("Some, such as MobileNet, are trained on −1 to 1.", SCALE_128, TITLES[SCALE_128], blocking=False),
        )
    return ()
