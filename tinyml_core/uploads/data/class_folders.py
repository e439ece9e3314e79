"""A zip of files in class folders: which file is of which class, and which are held out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

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


def class_folders(names: tuple[str, ...], endings: tuple[str, ...]) -> ClassFolders:
    """Sort the files of an archive into classes by their folders.

    A folder round all of them is passed over. Folders called train and test on top are the split; validation counts as
    training where there is a test, else it is the test. The next folder is the class, whatever lies deeper. Classes are numbered
    in the order of their names as text, which is what Keras and PyTorch do when they read the same folders.

    Raises:
        Expected: Some files lie in folders and others in none.
    """
    wanted = with_ending(names, endings)
    others = sum(not is_hidden(name) for name in names) - len(wanted)
    notes = [f"{counted(others, 'file')} of other kinds passed over."] if others else []
    paths = [PurePosixPath(name).parts for name in wanted]
    while paths and all(len(path) > 2 for path in paths) and len({path[0] for path in paths}) == 1:
        if paths[0][0].lower() in (*TRAIN, *TEST, *VALIDATION):
            notes.append(f"All files lie in {shown(paths[0][0])}; the split is made anew.")
        paths = [path[1:] for path in paths]
    tops = {path[0].lower() for path in paths if len(path) > 2}
    split = all(len(path) > 2 for path in paths) and tops <= {*TRAIN, *TEST, *VALIDATION} and len(tops) > 1
    held = [split and _is_test(path[0].lower(), tops) for path in paths]
    if split:
        notes.append(
            f"Held out are the folders {several(sorted({path[0] for path, out in zip(paths, held, strict=True) if out}))}."
        )
        paths = [path[1:] for path in paths]
    loose = [name for name, path in zip(wanted, paths, strict=True) if len(path) < 2]
    if loose and len(loose) < len(wanted):
        raise refused(f"{shown(loose[0])} lies in no class folder, others do.", LAYOUT)
    classes = () if loose else tuple(sorted({path[0] for path in paths}))
    if not classes:
        notes.append(f"The files lie in no class folders, so they have no labels. {LAYOUT}")
    notes += _order(classes)
    number = {name: label for label, name in enumerate(classes)}
    files = [Filed(name, number.get(path[0], 0), out) for name, path, out in zip(wanted, paths, held, strict=True)]
    return ClassFolders(tuple(files), classes, split, tuple(notes))


def _is_test(folder: str, tops: set[str]) -> bool:
    return folder in TEST if tops & set(TEST) else folder in VALIDATION


def _order(classes: tuple[str, ...]) -> list[str]:
    """A warning where numbers as names are not in the order of numbers."""
    if all(name.isdecimal() for name in classes) and list(classes) != sorted(classes, key=int):
        return [f"Classes are in the order of text, as Keras and PyTorch number folders: {several(list(classes), 5)}."]
    return []
