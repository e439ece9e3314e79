"""Reads a model that somebody brought, whatever it is: its first bytes say what, not its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tinyml_core.domain.brought import ModelFacts
from tinyml_core.domain.outcome import Report
from tinyml_core.measure.forked import forked
from tinyml_core.uploads.archives import open_archive
from tinyml_core.uploads.c_array import is_c_source, tflite_of
from tinyml_core.uploads.refusal import counted, refused, shown
from tinyml_core.uploads.savedmodel.read import folder_of, read_saved_model
from tinyml_core.uploads.tflite.read import read_tflite

LARGEST_BYTES = 64 * 1024**2
"""A hundred times what a microcontroller could hold."""

HDF5_LIMIT_S = 20.0
"""Files of 64 MB are taken apart in a second."""

EXPECTED = "Give a .keras, .h5 or .tflite file, a C array of one, or a zip of a SavedModel folder."
ZIP, HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"

OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\x80\x02", "a Python pickle, perhaps of PyTorch or scikit-learn"),
    (b"\x80\x03", "a Python pickle, perhaps of PyTorch or scikit-learn"),
    (b"\x80\x04", "a Python pickle, perhaps of PyTorch or scikit-learn"),
    (b"\x80\x05", "a Python pickle, perhaps of PyTorch or scikit-learn"),
    (b"\x1f\x8b", "packed by gzip"),
    (b"BZh", "packed by bzip2"),
    (b"\xfd7zXZ", "packed by xz"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"PK\x05\x06", "an empty zip"),
    (b"\x93NUMPY", "an array of NumPy"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"RIFF", "a sound"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program of Windows"),
)

Reader = Callable[[bytes, str, Sequence[int] | None, Report], tuple[ModelFacts, dict[str, bytes]]]


def read_model(
    upload: bytes, file_name: str, input_shape: Sequence[int] | None, report: Report
) -> tuple[ModelFacts, dict[str, bytes]]:
    """The facts of a model and the files made of it; see `uploads.facts.ModelFacts` for what they are.

    Args:
        upload: The file.
        file_name: As the person calls it; only for messages.
        input_shape: The person's answer where the file leaves it open, else None.
        report: Takes sentences that say how far it is.

    Raises:
        Expected: It is nothing that can be read here; one sentence says what it seems to be.
    """
    shape = None if input_shape is None else [int(size) for size in input_shape]
    return reader_of(upload)(upload, str(file_name), shape, report)


def reader_of(content: bytes) -> Reader:
    """What reads a file that begins and is built like this one.

    Raises:
        Expected: Nothing here does.
    """
    if len(content) > LARGEST_BYTES:
        raise refused(
            f"The file has {len(content) / 1024**2:,.0f} MB; at most {LARGEST_BYTES // 1024**2} MB are taken.",
            "Microcontrollers hold a few megabytes at most: give a smaller network.",
        )
    if content[4:8] == b"TFL3":
        return read_tflite
    if content.startswith(HDF5):
        return _read_keras
    if content.startswith(ZIP):
        return _of_zip(content)
    if is_c_source(content):
        return _read_c_array
    raise refused(f"This is {_seems(content)}, not a model that can be read here.", EXPECTED)


def _read_c_array(
    content: bytes, file_name: str, input_shape: Sequence[int] | None, report: Report
) -> tuple[ModelFacts, dict[str, bytes]]:
    report("reading the array")
    return read_tflite(tflite_of(content), file_name, input_shape, report)


def _read_keras(
    content: bytes, file_name: str, input_shape: Sequence[int] | None, report: Report
) -> tuple[ModelFacts, dict[str, bytes]]:
    from tinyml_core.uploads.keras.read import read_keras

    report("checking the file")
    check_parts(content)
    return read_keras(content, file_name, input_shape, report)


def check_parts(content: bytes) -> None:
    """Take a Keras file apart in a fork first: HDF5's library does not come to an end on some damaged files.

    Raises:
        Expected: It does not, or crashes.
    """
    from tinyml_core.uploads.keras.parts import read_parts

    ended = forked(lambda tell: read_parts(content).values, HDF5_LIMIT_S)
    if ended.how in ("too long", "crashed"):
        how = "crashes on it" if ended.how == "crashed" else "does not come to an end on it"
        raise refused(
            f"The file is damaged: HDF5, the library that reads such files, {how}.",
            "Save the model again, and bring the whole file.",
            ended.words,
        )


def _of_zip(content: bytes) -> Reader:
    names = open_archive(content).names
    if "config.json" in names:
        return _read_keras
    if folder_of(names) is not None:
        return read_saved_model
    endings = [name.rpartition("/")[2] for name in names]
    if "data.pkl" in endings:
        raise refused(
            "This is a model of PyTorch, which cannot be read here.",
            "Export it with litert-torch to a .tflite file and give that.",
        )
    models = [name for name in names if name.lower().endswith((".tflite", ".keras", ".h5", ".hdf5", ".onnx"))]
    if models:
        raise refused(f"The zip holds {shown(models[0])}, packed once more.", "Give that file itself.")
    listed = ", ".join(map(shown, names[:3])) + (
        f" and {counted(len(names) - 3, 'more file')}" if len(names) > 3 else ""
    )
    raise refused(f"The zip holds no model; in it are {listed or 'no files'}.", EXPECTED)


def _seems(content: bytes) -> str:
    """In a few words, what the first bytes look like."""
    if not content:
        return "an empty file"
    for mark, words in OTHERS:
        if content.startswith(mark):
            return words
    start = content[:4096]
    if start[:1] == b"\x08" and b"\x12" in start[:4] and any(word in start for word in (b"pytorch", b"onnx", b"ai.")):
        return "an ONNX file"
    if not start.translate(None, bytes(range(32, 127)) + b"\t\n\r"):
        return "a text file"
    return "a file of an unknown kind"
