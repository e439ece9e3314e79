"""Reads a zip of pictures in class folders; each is brought to the size and the channels that the model takes."""

from __future__ import annotations

import io
import math
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

from tinyml_core.domain.brought import Mismatch
from tinyml_core.engine.call import Expected
from tinyml_core.uploads.archives import Archive
from tinyml_core.uploads.data.class_folders import ClassFolders, Filed, class_folders
from tinyml_core.uploads.data.given import Brought, Taker, check_enough, check_size
from tinyml_core.uploads.data.resizing import RESIZINGS, USUAL, Size, chosen_resizing, question, resized
from tinyml_core.uploads.refusal import counted, refused, several, shown, sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy as np


ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")


def read_images(
    archive: Archive, taker: Taker, resize: bool, choices: Mapping[str, str], report: Callable[[str], None]
) -> Brought:
    """All pictures as bytes `(samples, height, width, channels)`.

    Args:
        archive: What was brought.
        taker: Decides size and channels; if its input is no picture, all pictures must be of one size.
        resize: Whether the person agreed that pictures of one size, but not the model's, are resized.
        choices: `resizing`: how; who says it agrees that they are.
        report: Told how far it has come.

    Raises:
        Expected: No picture can be read, or they differ in size and the model takes no pictures.
    """
    import numpy as np

    how, resize = chosen_resizing(choices), resize or "resizing" in choices
    folders = class_folders(archive, ENDINGS)
    looked_at, left_out = _look(archive, folders)
    if not looked_at:
        raise refused(f"None of the pictures can be read: {several(left_out)}.", f"Taken are {', '.join(FORMATS)}.")
    found = Counter(size for size, _ in looked_at.values())
    channels = taker.channels or _channels(taker, next(iter(found)), all(grey for _, grey in looked_at.values()))
    size = _target(taker, found)
    check_size(len(looked_at), (*size, channels), 1)
    x = np.empty((len(looked_at), *size, channels), dtype=np.uint8)
    kept: list[Filed] = []
    for file in folders.files:
        if file.name not in looked_at:
            continue
        if len(kept) % 500 == 0:
            report(f"reading picture {len(kept) + 1:,} of {len(looked_at):,}")
        try:
            x[len(kept)] = pixels_of(archive.read(file.name), size, channels, how)
        except Unreadable as error:
            left_out.append(f"{shown(file.name)} ({error})")
            continue
        kept.append(file)
    check_enough(len(kept), left_out, "pictures")
    notes = [*folders.notes, *_converted((grey for _, grey in looked_at.values()), channels)]
    if left_out:
        notes.append(f"{counted(len(left_out), 'picture')} left out: {several(left_out)}.")
    questions = (question(how),) if set(found) != {size} and (resize or len(found) > 1) else ()
    if len(found) > 1:
        notes.append(f"Pictures of {len(found)} sizes are resized to {sizes(size)}, {RESIZINGS[how].words}.")
    elif questions:
        notes.append(f"They are resized to {sizes(size)}, {RESIZINGS[how].words}.")
    own, mismatches = None, tuple[Mismatch, ...]()
    if len(found) == 1 and size not in found and not resize:
        own = (*next(iter(found)), channels)
        text = f"The pictures have {sizes(own[:2])} pixels, the model takes {sizes(size)}."
        mismatches = (Mismatch(text, "resize", f"Resize to {sizes(size)}"),)
    labels = np.array([file.label for file in kept], dtype=np.int64) if folders.class_names else None
    held_out = np.array([file.held_out for file in kept], dtype=bool) if folders.split else None
    return Brought(
        "images", x[: len(kept)], labels, folders.class_names, held_out, own, mismatches=mismatches, notes=tuple(notes),
        questions=questions,
    )  # fmt: skip


def _look(archive: Archive, folders: ClassFolders) -> tuple[dict[str, tuple[Size, bool]], list[str]]:
    """Size of each picture and whether it is grey, by its header alone; and those that cannot be read."""
    looked_at, left_out = {}, []
    for file in folders.files:
        try:
            with opened(archive.read(file.name)) as picture:
                looked_at[file.name] = (_upright(picture), picture.mode in GREY_MODES)
        except (Unreadable, Expected) as error:
            left_out.append(f"{shown(file.name)} ({error if isinstance(error, Unreadable) else 'damaged in the zip'})")
    return looked_at, left_out


def _upright(picture: Any) -> Size:
    """Height and width as a camera held it.

    Raises:
        Unreadable: What the camera noted is damaged.
    """
    if "exif" not in picture.info and picture.format != "TIFF":
        return picture.height, picture.width  # asking for what is not there would unpack all pixels
    try:
        turned = picture.getexif().get(ORIENTATION, 1) in QUARTER_TURNS
    except MemoryError:
        raise
    except Exception as error:  # as when the picture is opened
        raise Unreadable("damaged") from error
    return (picture.width, picture.height) if turned else (picture.height, picture.width)


def _target(taker: Taker, found: Counter[Size]) -> Size:
    """Height and width that all pictures get."""
    if taker.channels is not None:
        return taker.input_shape[0], taker.input_shape[1]
    if len(found) > 1:
        told = several([sizes(size) for size in found])
        raise refused(
            f"The pictures have {len(found)} sizes ({told}), and the model's input of {sizes(taker.input_shape)} does not say "
            "which it takes.",
            "Bring pictures of one size.",
        )
    return next(iter(found))


def _channels(taker: Taker, size: Size, all_grey: bool) -> int:
    """For a model whose shape does not say: what its number of values asks for, else what the pictures have."""
    values, pixels = math.prod(taker.input_shape), math.prod(size)
    if values in (pixels, 3 * pixels):
        return values // pixels
    return 1 if all_grey else 3


def _converted(greys: Iterable[bool], channels: int) -> list[str]:
    """What became of colours, in a sentence."""
    found = Counter(greys)
    if channels == 1 and found[False]:
        return [f"{counted(found[False], 'picture')} in colour turned to grey, as the model takes one channel."]
    if channels == 3 and found[True]:
        return [f"{counted(found[True], 'grey picture')} given three equal channels, as the model takes colour."]
    return []


FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")

MOST_PIXELS = 30_000_000
"""Of one picture; a telephone's camera takes 12 to 24 million."""

GREY_MODES, COLOUR_MODES = ("1", "L", "LA"), ("P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")

ORIENTATION, QUARTER_TURNS = 0x0112, (5, 6, 7, 8)
"""The EXIF tag by which a camera says how it was held, and its values for a picture that lies on its side."""


class Unreadable(Exception):
    """Why one picture is left out, in few words."""


def opened(content: bytes) -> Any:
    """A picture whose header was read and is harmless; its pixels are not unpacked yet."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except MemoryError:
        raise
    except Exception as error:  # Pillow's readers raise whatever parsing a damaged header runs into
        raise Unreadable("no picture of these formats" if content else "empty") from error
    if picture.width * picture.height > MOST_PIXELS:
        raise Unreadable(f"{picture.width:,}×{picture.height:,} pixels")
    if picture.mode not in (*GREY_MODES, *COLOUR_MODES):
        raise Unreadable("more than 8 bits a channel")
    return picture


def pixels_of(content: bytes, size: Size, channels: int, how: str = USUAL) -> np.ndarray:
    """A picture's first frame as a camera held it, `(height, width, channels)`; `how` it is resized if it must be."""
    import numpy as np
    from PIL import ImageOps

    try:
        with opened(content) as picture, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plain = ImageOps.exif_transpose(picture).convert("L" if channels == 1 else "RGB")
    except (MemoryError, Unreadable):
        raise
    except Exception as error:  # as above, of the pixels
        raise Unreadable("damaged") from error
    pixels: np.ndarray = np.asarray(plain).reshape(plain.height, plain.width, channels)
    return pixels if pixels.shape[:2] == size else np.rint(resized(pixels, size, how)).clip(0, 255).astype(np.uint8)
