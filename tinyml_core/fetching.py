"""Fetches a data set from its public address, checks it against its published hashes, and keeps it."""

from __future__ import annotations

import gzip
import os
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from tinyml_core.fingerprint import sha256
from tinyml_core.outcome import Failure
from tinyml_core.plan import fetched_folder, is_present
from tinyml_core.training_stage import Report
from tinyml_core.values import Dataset

TIMEOUT_S = 30
LARGEST_BYTES = 64 * 1024**2


def fetch(dataset: Dataset, report: Report, address: str | None = None) -> Path | Failure:
    """Bring a data set's files (gzip-compressed at the source); a file that is there and right is not fetched again.

    Args:
        dataset: One with `fetched_files`.
        report: Takes a sentence per file.
        address: Another address that serves the same files; its hashes are checked all the same.

    Returns:
        The folder, or why it could not be fetched.
    """
    folder = fetched_folder(dataset)
    if is_present(dataset):
        return folder
    base = (address or dataset.source_url).rstrip("/")
    for name, expected in dataset.fetched_files.items():
        report(f"fetching {name}")
        try:
            with urllib.request.urlopen(f"{base}/{name}.gz", timeout=TIMEOUT_S) as answer:
                data = gzip.decompress(answer.read(LARGEST_BYTES))
        except (urllib.error.URLError, TimeoutError, ConnectionError, EOFError, gzip.BadGzipFile) as error:
            why = getattr(error, "reason", None) or error
            return _failed(
                dataset, f"{name} could not be fetched from {base} ({why}).", "Ask again when there is internet."
            )
        if sha256(data) != expected:
            return _failed(
                dataset, f"{name} from {base} is not the published file: its SHA-256 differs.", "It was not kept."
            )
        try:
            _write(folder / name, data)
        except OSError as error:
            return _failed(
                dataset, f"{folder} cannot be written ({error.strerror}).", "Name another folder with TINYML_DATA."
            )
    return folder


def _failed(dataset: Dataset, reason: str, advice: str) -> Failure:
    return Failure(f"fetching {dataset.name}", reason, advice)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    os.replace(file.name, path)
