"""A zip of files in class folders: which file is of which class, and which are held out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from tinyml_core.uploads.archives import Archive
from tinyml_core.uploads.refusal import counted, refused, several, shown

TRAIN, TEST = ("train", "training"), ("test", "testing")
VALIDATION = ("val", "valid", "validation")
LAYOUT = "In the zip, one folder a class is expected, with that class's files in it: cats/1.jpg, dogs/1.jpg."


@dataclass(frozen=True, slots=True)
class Filed:
    """One file of a class folder.

    Attributes:
        name: Its whole path in the archive.
        label: Number of its class.
    """

    name: str
    label: int
    held_out: bool


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """The files of an archive by class.

    Attributes:
        class_names: In the order of their numbers; empty if the files lie in no folders.
        split: Whether the archive itself has a part for testing.
    """

    files: tuple[Filed, ...]
    class_names: tuple[str, ...]
    split: bool
    notes: tuple[str, ...] = ()


def is_hidden(name: str) -> bool:
    """Whether a file was added by an operating system or is kept out of sight."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or any(part.startswith(".") for part in parts)


def with_ending(names: tuple[str, ...], endings: tuple[str, ...]) -> list[str]:
    """The visible files of these endings, in the order of their names: how they were packed changes nothing."""
    return sorted(name for name in names if not is_hidden(name) and name.lower().endswith(endings))


def class_folders(archive: Archive, endings: tuple[str, ...]) -> ClassFolders:
    """Sort the files of an archive into classes.

    What Edge Impulse exports says its labels in `info.labels`. Else the folders say them: a folder round all files is passed
    over; folders called train, test or validation are parts and never classes, whether they lie above the classes or below;
    validation counts as training where there is a test, else it is the test. The next folder is the class, whatever lies deeper;
    where files lie in parts alone, the class is their name up to its first dot. Classes are numbered in the order of their names
    as text, which is what Keras and PyTorch do when they read the same folders.

    Raises:
        Expected: Some files lie in folders and others in none, or parts are all that is told.
    """
    wanted = with_ending(archive.names, endings)
    listed = _listed(archive)
    others = sum(not is_hidden(name) and not _is_list(name) for name in archive.names) - len(wanted)
    notes = [f"{counted(others, 'file')} of other kinds passed over."] if others else []
    if listed and all(name in listed for name in wanted):
        told = [listed[name] for name in wanted]
        notes.append(f"Labels and parts are those of {LIST}.")
    else:
        told = _by_folders(wanted, notes)
    parts = [part.lower() for part, _ in told]
    there = set(parts)
    split = len(there) > 1 and "" not in there
    held = [split and _is_test(part, there) for part in parts]
    if split:
        notes.append(
            f"Held out are the files of {several(sorted({part for part, out in zip(parts, held, strict=True) if out}))}."
        )
    elif there and there != {""}:
        notes.append(f"All files lie in {shown(next(iter(there)))}; the split is made anew.")
    classes = tuple(sorted({label for _, label in told if label}))
    if not classes:
        notes.append(f"The files lie in no class folders, so they have no labels. {LAYOUT}")
    notes += _order(classes)
    number = {name: label for label, name in enumerate(classes)}
    files = [Filed(name, number.get(label, 0), out) for name, (_, label), out in zip(wanted, told, held, strict=True)]
    return ClassFolders(tuple(files), classes, split, tuple(notes))


def _by_folders(wanted: list[str], notes: list[str]) -> list[tuple[str, str]]:
    """Part and label of each file, by the folders that it lies in; empty where they say none."""
    paths = [PurePosixPath(name).parts for name in wanted]
    while (
        paths
        and all(len(path) > 2 for path in paths)
        and len({path[0] for path in paths}) == 1
        and not _are_parts(paths)
    ):
        paths = [path[1:] for path in paths]
    if (
        paths
        and all(len(path) > 2 for path in paths)
        and not _are_parts(paths)
        and _are_parts([path[1:] for path in paths])
    ):
        paths = [(path[1], path[0], *path[2:]) for path in paths]  # the parts lie below the classes
    found = [""] * len(paths)
    if paths and all(len(path) > 1 for path in paths) and _are_parts(paths):
        found, paths = [path[0] for path in paths], [path[1:] for path in paths]
        if all(len(path) == 1 for path in paths):
            return _by_names(found, [path[0] for path in paths], notes)
    loose = [name for name, path in zip(wanted, paths, strict=True) if len(path) < 2]
    if loose and len(loose) < len(wanted):
        raise refused(f"{shown(loose[0])} lies in no class folder, others do.", LAYOUT)
    return [(part, "" if loose else path[0]) for part, path in zip(found, paths, strict=True)]


def _are_parts(paths: list[tuple[str, ...]]) -> bool:
    return {path[0].lower() for path in paths} <= {*TRAIN, *TEST, *VALIDATION}


def _by_names(parts: list[str], names: list[str], notes: list[str]) -> list[tuple[str, str]]:
    """Files that lie in parts alone: their class is the name up to the first dot, if that tells several files of each."""
    labels = [name.split(".")[0] for name in names]
    many = Counter(labels)
    if any("." not in name.rpartition(".")[0] for name in names) or min(many.values()) < FEWEST_OF_A_CLASS:
        raise refused(
            f"The folders {several(sorted(set(parts)))} are parts, not classes, and neither folders in them nor the names of the "
            "files say a class.",
            f"Put one folder a class into each part: {parts[0]}/cats/1.jpg; or call the files by their class: cats.1.jpg.",
        )
    notes.append("The class of each file is its name up to the first dot.")
    return list(zip(parts, labels, strict=True))


FEWEST_OF_A_CLASS = 2

LIST = "info.labels"
"""What Edge Impulse writes beside exported files: which file is of which part and class."""

MOST_LIST_BYTES = 8 * 1024**2


def _is_list(name: str) -> bool:
    return PurePosixPath(name).name == LIST


def _listed(archive: Archive) -> dict[str, tuple[str, str]]:
    """Part and label by file, as the list in the archive says; empty without one that can be read."""
    for name in archive.names:
        if not _is_list(name) or is_hidden(name) or archive.size_bytes(name) > MOST_LIST_BYTES:
            continue
        folder = name.removesuffix(LIST)
        try:
            files = json.loads(archive.read(name))["files"]
            found = [(folder + str(one["path"]), str(one.get("category", "")), _label(one["label"])) for one in files]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise refused(
                f"{shown(name)} cannot be read ({type(error).__name__}).", "Export the data again."
            ) from error
        return {
            path: (part if part.lower() in (*TRAIN, *TEST, *VALIDATION) else "", label)
            for path, part, label in found
            if label
        }
    return {}


def _label(stated: Any) -> str:
    """A label as the list writes it: alone, or with its type."""
    if isinstance(stated, dict):
        return str(stated.get("label", "")) if stated.get("type", "label") == "label" else ""
    return str(stated)


def _is_test(folder: str, tops: set[str]) -> bool:
    return folder in TEST if tops & set(TEST) else folder in VALIDATION


def _order(classes: tuple[str, ...]) -> list[str]:
    """A warning where numbers as names are not in the order of numbers."""
    if all(name.isdecimal() for name in classes) and list(classes) != sorted(classes, key=int):
        return [f"Classes are in the order of text, as Keras and PyTorch number folders: {several(list(classes), 5)}."]
    return []
