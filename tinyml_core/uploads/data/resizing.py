"""Brings pictures to another size as the library that trained the model does: their numbers differ, and so do the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinyml_core.domain.brought import Question
from tinyml_core.uploads.refusal import refused, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np


Size = tuple[int, int]
"""Height and width."""


@dataclass(frozen=True, slots=True)
class Resizing:
    """A way of resizing: its title on the page, and how a note says it."""

    title: str
    words: str


RESIZINGS = {
    "bilinear": Resizing(
        "Bilinear, no smoothing (Keras, tf.image.resize)",
        "as Keras's loader and tf.image.resize do: bilinear, no smoothing",
    ),
    "smooth": Resizing("Bilinear, smoothed (Pillow, torchvision)", "as Pillow and torchvision do: bilinear, smoothed"),
    "nearest": Resizing(
        "Nearest pixel (flow_from_directory)", "by the nearest pixel, as Keras's flow_from_directory does"
    ),
    "crop": Resizing(
        "Cut to the proportions, then bilinear (crop_to_aspect_ratio)",
        "cut in the middle to the model's proportions, then bilinear without smoothing",
    ),
}
USUAL = "bilinear"


def chosen_resizing(choices: Mapping[str, str]) -> str:
    """The chosen way, or the usual one.

    Raises:
        Expected: There is no such way.
    """
    how = choices.get("resizing", USUAL)
    if how not in RESIZINGS:
        raise refused(f"There is no resizing {shown(how)}.", f"There are {', '.join(RESIZINGS)}.")
    return how


def resized(picture: np.ndarray, size: Size, how: str) -> np.ndarray:
    """One picture `(height, width, channels)` at another height and width, in float32."""
    import numpy as np

    picture = picture.astype(np.float32)
    if how == "crop":
        picture = _cut(picture, size)
    if how == "nearest":
        rows, columns = (_nearest(was, is_) for was, is_ in zip(picture.shape[:2], size, strict=True))
        nearest: np.ndarray = picture[rows][:, columns]
        return nearest
    return _smoothed(picture, size) if how == "smooth" else _bilinear(picture, size)


def question(how: str) -> Question:
    """Which way the model's training took; the one in use is preselected."""
    return Question(
        "resizing",
        f"The pictures are resized {RESIZINGS[how].words}. Was the model trained on pictures resized so? Another way gives other "
        "pixels.",
        tuple(RESIZINGS),
        tuple(resizing.title for resizing in RESIZINGS.values()),
        likely=how,
        blocking=False,
    )


def _bilinear(picture: np.ndarray, size: Size) -> np.ndarray:
    """Between the two nearest pixels of each axis, with pixel centres at halves: `tf.image.resize` without antialiasing."""
    import numpy as np

    (low_rows, high_rows, down), (low_columns, high_columns, right) = (
        _between(was, is_) for was, is_ in zip(picture.shape[:2], size, strict=True)
    )
    left, other = picture[:, low_columns], picture[:, high_columns]
    across = left + (other - left) * right[None, :, None]
    upper, lower = across[low_rows], across[high_rows]
    found: np.ndarray = upper + (lower - upper) * down[:, None, None]
    return found.astype(np.float32)


def _between(was: int, is_: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each new pixel the two old ones that it lies between, and how far it is from the first."""
    import numpy as np

    place = ((np.arange(is_, dtype=np.float32) + np.float32(0.5)) * np.float32(was / is_) - np.float32(0.5)).astype(
        np.float32
    )
    low = np.floor(place)
    return (
        np.maximum(low, 0).astype(np.int64),
        np.minimum(np.ceil(place), was - 1).clip(0).astype(np.int64),
        (place - low).astype(np.float32),
    )


def _nearest(was: int, is_: int) -> np.ndarray:
    import numpy as np

    return np.minimum(((np.arange(is_) + 0.5) * was / is_).astype(np.int64), was - 1)


def _smoothed(picture: np.ndarray, size: Size) -> np.ndarray:
    """Each channel by Pillow as a picture of real numbers."""
    import numpy as np
    from PIL import Image

    planes = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(picture[..., channel])).resize(size[::-1], Image.Resampling.BILINEAR)
        )
        for channel in range(picture.shape[2])
    ]
    return np.stack(planes, axis=-1)


def _cut(picture: np.ndarray, size: Size) -> np.ndarray:
    """The largest piece of the wanted proportions in the middle, as Keras's `crop_to_aspect_ratio` takes it."""
    height, width = picture.shape[:2]
    tall, wide = (
        min(height, max(1, int(width * size[0] / size[1]))),
        min(width, max(1, int(height * size[1] / size[0]))),
    )
    top, left = (height - tall) // 2, (width - wide) // 2
    return picture[top : top + tall, left : left + wide]
