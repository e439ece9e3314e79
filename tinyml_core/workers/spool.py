"""Large answers of a worker travel as files: as text in a line they would take six times their size in memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tinyml_core.call import Answer, Blob, Reply

LARGE_BYTES = 16 * 1024**2
VARIABLE = "TINYML_SPOOL"
"""Names the folder to a worker; the pool of workers owns it and removes it."""


PREFIX = "tinyml-spool-"


def is_spooled(path: str) -> bool:
    """True for a file that a worker wrote for whoever asked, and for nobody else."""
    return Path(path).parent.name.startswith(PREFIX)


def to_files(reply: Reply) -> Reply:
    """The reply with its large blobs as files of the spool; unchanged where there is no spool.

    Raises:
        OSError: The disk is full.
    """
    folder = os.environ.get(VARIABLE)
    if not isinstance(reply, Answer) or not folder:
        return reply
    return Answer(reply.body, {name: _to_file(blob, folder) for name, blob in reply.blobs.items()}, reply.laps)


def _to_file(blob: Blob, folder: str) -> Blob:
    if blob.data is None or len(blob.data) < LARGE_BYTES:
        return blob
    descriptor, path = tempfile.mkstemp(dir=folder)
    with os.fdopen(descriptor, "wb") as file:
        file.write(blob.data)
    return Blob(blob.sha256, path=path)


def are_inside(blobs: Mapping[str, Blob], folder: str) -> bool:
    """True if every file that a reply names lies in the spool: a worker that opened a stranger's file may name no other."""
    paths = [Path(blob.path) for blob in blobs.values() if blob.path is not None]
    return all(path.parent == Path(folder) and path.is_file() and not path.is_symlink() for path in paths)
