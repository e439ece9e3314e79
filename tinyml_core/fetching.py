"""Fetches what a data set or a model needs from its public addresses, and keeps it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from tinyml_core.dataset import Dataset, FetchedFile
from tinyml_core.download import download
from tinyml_core.fetched import base_weights_folder, data_folder, is_present, without_internet
from tinyml_core.model import Model
from tinyml_core.outcome import Failure, Report


def fetch(
    member: Dataset | Model, report: Report, mirror: str | None = None, wait_s: float = 2.0
) -> tuple[Path, ...] | Failure:
    """Bring the files of a data set, or the weights that a model starts from; what is there is not fetched again.

    Args:
        member: A data set or a model.
        report: Takes what is being done, in words.
        mirror: Another address that serves files of the same names, for a school or a company; `TINYML_MIRROR` if None.
            They are checked all the same.
        wait_s: Before the second try of a download that broke.

    Returns:
        Paths of the files, or why one could not be fetched.
    """
    mirror = mirror or os.environ.get("TINYML_MIRROR")
    paths = []
    for file, folder in wanted(member):
        address = f"{mirror.rstrip('/')}/{file.name}" if mirror else None
        failure = download(file, folder, report, address, wait_s)
        if failure is not None:
            return replace(failure, advice=f"{failure.advice} {without_internet(member)}".rstrip())
        paths.append(folder / file.name)
    return tuple(paths)


def wanted(member: Dataset | Model) -> list[tuple[FetchedFile, Path]]:
    """What has to be on this computer and in which folder it is kept; nothing where a system package has it."""
    if isinstance(member, Model):
        return [(member.base_weights, base_weights_folder())] if member.base_weights else []
    folder = data_folder() / "datasets" / member.name
    if is_present(member):
        return [(file, folder) for file in member.fetched_files if (folder / file.name).is_file()]
    return [(file, folder) for file in member.fetched_files]
