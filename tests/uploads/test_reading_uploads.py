"""Claims about a file that somebody brings as a model: what it is shows in its bytes, and everything else is one sentence."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import signal
import time
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from tests import small_tflite
from tinyml_core.engine.call import Expected
from tinyml_core.uploads import reading
from tinyml_core.uploads.c_array import is_c_source, tflite_of
from tinyml_core.uploads.reading import reader_of
from tinyml_core.uploads.savedmodel.read import read_saved_model
from tinyml_core.uploads.tflite.read import read_tflite


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return content.getvalue()


def array() -> bytes:
    content = io.BytesIO()
    np.save(content, np.zeros(3))
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (pickle.dumps({"weights": [1.0]}), "a Python pickle"),
        (b"\x08\x07\x12\x07pytorch\x1a\x051.9.0", "an ONNX file"),
        (gzip.compress(b"x", mtime=0), "packed by gzip"),
        (array(), "an array of NumPy"),
        (b"\x89PNG\r\n", "a picture"),
        (b"# my model\nx = 1\n", "a text file"),
        (bytes(range(100, 200)), "a file of an unknown kind"),
        (zipped(), "an empty zip"),
        (zipped("archive/data.pkl", "archive/version"), "a model of PyTorch"),
        (zipped("models/a.tflite"), "packed once more"),
        (zipped("cats/1.png", "dogs/2.png", "a", "b"), "“cats/1.png”, “dogs/2.png”, “a” and 1 more file."),
        (zipped("a/b/saved_model.pb"), "holds no model"),
        (b"PK\x03\x04 and then nothing", "cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # the bytes of a zip tell when it was made
)
def test_what_is_no_model_is_named_in_one_sentence(content: bytes, words: str) -> None:
    with pytest.raises(Expected) as caught:
        reader_of(content)
    failure = caught.value.failure
    assert words in failure.reason and failure.advice and failure.lasting


def test_the_bytes_decide_and_not_the_name() -> None:
    assert reader_of(small_tflite.packed(small_tflite.fully_connected())) is read_tflite
    assert reader_of(zipped("saved_model.pb")) is read_saved_model
    assert reader_of(zipped("mine/saved_model.pb", "mine/variables/variables.index")) is read_saved_model


def test_what_is_too_large_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_BYTES", 1024**2)
    with pytest.raises(Expected, match="at most 1 MB"):
        reader_of(bytes(2 * 1024**2))


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (lambda content: time.sleep(60), "does not come to an end"),
        (lambda content: os.kill(os.getpid(), signal.SIGKILL), "crashes on it"),
    ],
)
def test_a_file_on_which_hdf5_hangs_or_crashes_is_one_sentence(
    read: Callable[[bytes], None], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "HDF5_LIMIT_S", 0.5)
    monkeypatch.setattr("tinyml_core.uploads.keras.parts.read_parts", read)
    with pytest.raises(Expected, match=words):
        reading.check_parts(b"")


def c_source(content: bytes, style: str) -> bytes:
    """The array that `xxd -i` and its like write."""
    values = [f"0x{value:02X}" if style != "decimal" else str(value) for value in content]
    body = ",".join(f"{value}{chr(10) if n % 12 == 11 else ' '}" for n, value in enumerate(values))
    return {
        "xxd": f"unsigned char model_tflite[] = {{\n{body}\n}};\nunsigned int model_tflite_len = {len(content)};\n",
        "decimal": f"const unsigned char g_model[] = {{{body},}};",
        "arduino": "#ifdef __has_attribute\n#define ALIGN __attribute__((aligned(4)))\n#endif\n// a model {0x00}\n"
        f"const unsigned char other[] = {{1, 2}};\n/* {{ */ alignas(16) const unsigned char model[] ALIGN = {{ {body} }};\n",
    }[style].encode()


@pytest.mark.parametrize("style", ["xxd", "decimal", "arduino"])
def test_a_c_array_is_read_as_the_tflite_that_it_holds(style: str) -> None:
    content = bytes(range(4)) + b"TFL3" + bytes(range(256))
    assert is_c_source(c_source(content, style)) and tflite_of(c_source(content, style)) == content


def test_a_c_array_of_something_else_ends_in_a_sentence() -> None:
    good = c_source(bytes(4) + b"TFL3" + bytes(40), "xxd")
    for written, words in (
        (b"const char x[] = {1, 2, 3};", "is no .tflite"),
        (good + good.replace(b"model_tflite[", b"second["), "holds 2 models"),
        (good.replace(b"0x54", b"0x54", 1)[:-60].rsplit(b",", 1)[0] + b", name};", "no byte"),
        (good.replace(b"\n};", b", 999\n};"), "no byte"),
    ):
        with pytest.raises(Expected) as caught:
            tflite_of(written)
        assert words in caught.value.failure.reason
    assert not is_c_source(b"int main() { return 0; }")
