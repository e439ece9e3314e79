"""Opens one picture that somebody brought, with only the readers of common formats, and never more of it than is harmless."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

FORMATS = ("PNG", "JPEG", "BMP", "GIF")
MOST_PIXELS = 30_000_000
"""Of one picture; a telephone's camera takes 12 to 24 million."""

GREY_MODES, COLOUR_MODES = ("1", "L", "LA"), ("P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")
Size = tuple[int, int]
"""Height and width."""


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


def pixels_of(content: bytes, size: Size, channels: int) -> np.ndarray:
    """A picture's first frame, `(height, width, channels)`."""
    import numpy as np
    from PIL import Image

    try:
        with opened(content) as picture, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plain = picture.convert("L" if channels == 1 else "RGB")
            if (plain.height, plain.width) != size:
                plain = plain.resize(size[::-1], Image.Resampling.BILINEAR)
    except (MemoryError, Unreadable):
        raise
    except Exception as error:  # as above, of the pixels
        raise Unreadable("damaged") from error
    pixels: np.ndarray = np.asarray(plain).reshape(*size, channels)
    return pixels
