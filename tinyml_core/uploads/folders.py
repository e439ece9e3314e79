"""A folder as a zip, so that it travels like a file: a SavedModel, or class folders of images and sounds."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tinyml_core.pipeline.bringing import LARGEST_BYTES


def zipped(folder: Path) -> bytes:
    """All regular files of a folder, uncompressed, by their place below it; links are left out.

    Raises:
        OSError: A file cannot be read.
        ValueError: Together they are too large.
    """
    packed, total = io.BytesIO(), 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            total += path.stat().st_size
            if total > LARGEST_BYTES:
                raise ValueError(
                    f"{folder} holds more than {LARGEST_BYTES / 1024**2:.0f} MB; bring a smaller part of it."
                )
            archive.write(path, path.relative_to(folder))
    return packed.getvalue()
