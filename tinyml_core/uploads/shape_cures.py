"""What mends a sample of the wrong shape with one click, and which of these lead from the data to the model."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinyml_core.uploads.brought import Shape, check_size

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
    """Bilinear, each channel as a picture of real numbers; proportions are not kept."""
    import numpy as np
    from PIL import Image

    check_size(len(x), shape, x.itemsize)
    resized = np.empty((len(x), *shape), dtype=x.dtype)
    for kept, picture in zip(resized, x, strict=True):
        for channel in range(shape[-1]):
            plane = Image.fromarray(np.ascontiguousarray(picture[..., channel], dtype=np.float32))
            scaled = np.asarray(plane.resize((shape[1], shape[0]), Image.Resampling.BILINEAR))
            kept[..., channel] = scaled if x.dtype.kind == "f" else np.rint(scaled)
    return resized


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
