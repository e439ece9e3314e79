"""Data that somebody brings: read, compared with the model, cured, divided; hostile files end in one sentence."""

from __future__ import annotations

import io
import json
import struct
import wave
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import cattrs
import numpy as np
import pytest
from PIL import Image

from tinyml_core.domain.brought import DataFacts
from tinyml_core.domain.dataset import Arrays, unpack
from tinyml_core.engine.call import Expected
from tinyml_core.uploads.data import given, images
from tinyml_core.uploads.data.given import Taker
from tinyml_core.uploads.data.read import read_data

DIGITS = {"input_shape": [8, 8, 1], "outputs": 3}
ROWS = {"input_shape": [4], "outputs": 3}
SINE = {"input_shape": [1], "outputs": 1, "last_activation": "other"}
SOUND = {"input_shape": [100, 1], "outputs": 2}
PHOTO = {"input_shape": [16, 12, 3], "outputs": 2}
RANDOM = np.random.RandomState(3)


def read(
    content: bytes, *cures: str, choices: Mapping[str, str] | None = None, **model: Any
) -> tuple[DataFacts, Arrays | None]:
    """What the step answers, and the arrays if it gives them."""
    known = {"input_shape": [8, 8, 1], "input_dtype": "float32", "outputs": 3, "last_activation": "softmax"}
    said = {name: model.pop(name, otherwise) for name, otherwise in (("test_percent", 20), ("seed", 1))}
    renamed = {"input_low": "low", "input_high": "high"}
    taker = {renamed.get(name, name): value for name, value in (known | model).items()}
    facts, blobs = read_data(
        content, cattrs.structure(taker, Taker), cures, choices or {}, report=lambda stage: None, **said
    )
    blocking = [*(one.blocking for one in facts.mismatches), *(asked.blocking for asked in facts.questions)]
    assert ("arrays" in blobs) == (not any(blocking))
    return facts, unpack(blobs["arrays"]) if blobs else None


def taken(content: bytes, *cures: str, **model: Any) -> tuple[DataFacts, Arrays]:
    """The same of a file that fits."""
    facts, arrays = read(content, *cures, **model)
    assert arrays is not None, facts.mismatches
    return facts, arrays


def refusal(content: bytes, *cures: str, **model: Any) -> str:
    """The sentence in which a file is turned down."""
    with pytest.raises(Expected) as caught:
        read(content, *cures, **model)
    failure = caught.value.failure
    assert failure.lasting
    assert failure.reason.endswith(".")
    assert len(failure.reason) < 500
    return failure.reason


def cures_of(facts: DataFacts) -> list[str]:
    return [mismatch.cure for mismatch in facts.mismatches]


def npz(**arrays: Any) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def npy(array: np.ndarray, **kwargs: Any) -> bytes:
    content = io.BytesIO()
    np.save(content, array, **kwargs)
    return content.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def picture(value: int = 100, size: tuple[int, int] = (12, 16), mode: str = "RGB", kind: str = "PNG") -> bytes:
    """Width and height as Pillow has them."""
    content = io.BytesIO()
    Image.new(mode, size, value if mode != "RGB" else (value, 0, 0)).save(content, kind)
    return content.getvalue()


def noise() -> bytes:
    content = io.BytesIO()
    Image.fromarray(RANDOM.randint(0, 256, (16, 12, 3)).astype(np.uint8)).save(content, "PNG")
    return content.getvalue()


def sound(values: Any, rate: int = 16000, channels: int = 1, bits: int = 16) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(bits // 8)
        file.setframerate(rate)
        file.writeframes(np.asarray(values, dtype={8: np.uint8, 16: "<i2", 24: "V3"}[bits]).tobytes())
    return content.getvalue()


def riff(coding: int, bits: int, data: bytes, channels: int = 1, more: bytes = b"") -> bytes:
    """A WAV file of any coding; `more` is what stands behind the usual fields of its format."""
    width = channels * bits // 8
    form = struct.pack("<HHIIHH", coding, channels, 16000, 16000 * width, width, bits) + more
    parts = b"".join(
        name + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2)
        for name, part in ((b"fmt ", form), (b"LIST", b"odd"), (b"data", data))
    )
    return b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WAVE" + parts


def digits(samples: int = 30) -> np.ndarray:
    return RANDOM.randint(0, 256, (samples, 8, 8, 1)).astype(np.uint8)


def labels(samples: int = 30) -> np.ndarray:
    return np.arange(samples) % 3


def photos(**changes: bytes) -> dict[str, bytes]:
    """Ten photographs of each of two classes."""
    return {f"{name}/{n}.png": picture(n) for name in ("cats", "dogs") for n in range(10)} | changes


# ---- arrays ----------------------------------------------------------------------------------------------------------


def test_arrays_x_and_y_are_taken_as_they_are() -> None:
    x, y = digits(), labels()
    facts, arrays = taken(npz(x=x, y=y), "scale_255", **DIGITS)
    assert (facts.kind, facts.samples, facts.shape, facts.dtype, facts.labels, facts.classes) == (
        "npz", 30, (8, 8, 1), "uint8", "classes", 3
    )  # fmt: skip
    assert arrays.x.dtype == np.uint8 and np.array_equal(arrays.x, x)
    assert arrays.y.dtype == np.int64 and np.array_equal(arrays.y, y)
    assert arrays.x_scale == 1 / 255 and facts.high == pytest.approx(x.max() / 255)
    assert facts.mismatches == ()


def test_arrays_as_in_keras_mnist_keep_their_own_test_part() -> None:
    parts = {"x_train": digits(40)[..., 0], "y_train": labels(40), "x_test": digits(7)[..., 0], "y_test": labels(7)}
    facts, arrays = taken(npz(**parts), "add_channel", **DIGITS)
    assert sorted(arrays.test.tolist()) == list(range(40, 47))
    assert sorted(arrays.train.tolist()) == list(range(40))
    assert arrays.train.tolist() != list(range(40)), "calibration takes the first ones, so they are shuffled"
    assert np.array_equal(arrays.x[40:, ..., 0], parts["x_test"])
    assert "as the file has them" in facts.split


def test_any_two_arrays_are_found_and_others_can_be_chosen() -> None:
    x, y, z = digits(), labels(), np.zeros(30)
    facts, arrays = taken(npz(arr_0=x, arr_1=y, arr_2=z))
    assert np.array_equal(arrays.y, y)
    assert facts.choices == {"inputs": ("arr_0", "arr_1", "arr_2"), "labels": ("arr_0", "arr_1", "arr_2", "none")}
    _, arrays = taken(npz(arr_0=x, arr_1=y, arr_2=z), choices={"labels": "arr_2"})
    assert not arrays.y.any()
    facts, arrays = taken(npz(arr_0=x, arr_1=y), choices={"labels": "none"})
    assert facts.labels == "none" and len(arrays.y) == 0
    assert "no array “no”" in refusal(npz(arr_0=x), choices={"inputs": "no"})


def test_which_of_two_parts_is_held_out_is_told_by_names_or_asked() -> None:
    x, y, test_x, test_y = digits(30), labels(30), digits(9), labels(9)[::-1]
    for names in (
        ("Xtr", "Ytr", "Xte", "Yte"),
        ("x_train", "y_train", "x_val", "y_val"),
        ("a_tr", "b_tr", "a_te", "b_te"),
    ):
        facts, arrays = taken(npz(**dict(zip(names, (x, y, test_x, test_y), strict=True))))
        assert facts.own_split and np.array_equal(arrays.x[np.sort(arrays.test)], test_x)
        assert np.array_equal(arrays.y[30:], test_y)
    for order in ((x, y, test_x, test_y), (x, test_x, y, test_y), (test_x, x, test_y, y)):
        content = npz(**{f"arr_{n}": array for n, array in enumerate(order)})
        facts, nothing = read(content)
        (asked,) = facts.questions
        shorter = next(f"arr_{n}" for n, array in enumerate(order) if array is test_x)
        assert nothing is None and (asked.about, asked.likely, asked.blocking) == ("held_out", shorter, True)
        facts, arrays = taken(content, choices={"held_out": asked.likely})
        assert facts.own_split and np.array_equal(arrays.x[30:], test_x) and np.array_equal(arrays.y[30:], test_y)
        facts, _ = taken(content, choices={"held_out": "none"})
        assert not facts.own_split
        assert "none of the arrays" in refusal(content, choices={"held_out": "arr_9"})
    assert "none can be held out" in refusal(npz(x=x, y=y), choices={"held_out": "x"})


def test_integers_of_the_files_own_are_asked_for_and_taken_as_what_they_stand_for() -> None:
    model = {"input_shape": [4], "outputs": 3, "input_dtype": "int8", "input_low": -1.0, "input_high": 1.55}
    stored = np.array([[-128, 0, 27, 127]] * 30, dtype=np.int8)
    content = npz(x=stored, y=labels())
    facts, nothing = read(content, **model)
    assert nothing is None and cures_of(facts) == ["stored_integers", "real_values"]
    assert "integers that the file stores (int8)" in facts.mismatches[0].text
    _, arrays = taken(content, "stored_integers", **model)
    assert arrays.x[0] == pytest.approx([-1.0, 0.28, 0.55, 1.55])
    facts, arrays = taken(content, "real_values", **model)
    assert arrays.x[0].tolist() == [-128, 0, 27, 127] and any("cut off" in one.text for one in facts.mismatches)
    assert "no integers" in refusal(content, "stored_integers", **ROWS)


@pytest.mark.parametrize("values", [(-1, 1), (1, 2), (3, 7), (0, 1)])
def test_two_whole_numbers_for_one_answer_are_two_classes(values: tuple[int, int]) -> None:
    content = npz(x=np.zeros((30, 1)), y=np.array(values)[np.arange(30) % 2])
    facts, arrays = taken(content, **SINE)
    assert facts.labels == "classes" and arrays.y.tolist() == [0, 1] * 15
    assert cures_of(facts) == ["labels_as_numbers"] and f"{values[0]} and {values[1]}" in facts.mismatches[0].text
    assert taken(content, "labels_as_numbers", **SINE)[0].labels == "numbers"


def test_an_array_alone_has_no_labels() -> None:
    facts, arrays = taken(npy(digits()))
    assert (facts.kind, facts.labels, facts.classes) == ("npy", "none", None)
    assert arrays.y.shape == (0,)


@pytest.mark.parametrize("dtype", ["float64", ">f4", "float16", "int64", "uint16", ">i2"])
def test_numbers_of_any_type_and_byte_order_keep_their_values(dtype: str) -> None:
    x = (
        RANDOM.randint(-300, 300, (20, 4)).astype(dtype)
        if dtype != "uint16"
        else RANDOM.randint(0, 900, (20, 4)).astype(dtype)
    )
    _, arrays = taken(npy(np.asfortranarray(x)), **ROWS)
    assert arrays.x.dtype == np.float32
    assert np.array_equal(arrays.x, x.astype(np.float32))


def test_whole_numbers_that_fit_are_kept_in_a_byte() -> None:
    assert taken(npy(np.eye(4, dtype=bool)), **ROWS)[1].x.dtype == np.uint8
    assert taken(npy(np.eye(4) * 255), **ROWS)[1].x.dtype == np.uint8
    assert taken(npy(np.eye(4) * -128), **ROWS)[1].x.dtype == np.int8
    assert taken(npy(np.eye(4) * 0.5), **ROWS)[1].x.dtype == np.float32


def test_arrays_that_do_not_go_together_are_refused() -> None:
    assert "30 samples" in refusal(npz(x=digits(), y=labels(29)))
    assert "samples of 8×8×1" in refusal(
        npz(x_train=digits(), y_train=labels(), x_test=np.zeros((3, 4)), y_test=labels(3))
    )
    assert "single number" in refusal(npz(x=np.float32(3)))
    assert "1 sample" in refusal(npy(digits(1)))
    assert "no samples" in refusal(npy(digits(0)))


def npy_header(text: str, body: bytes = b"", version: int = 1) -> bytes:
    packed = text.encode("latin-1") + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(packed)) + packed + body


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (npy(np.array([{"a": 1}, print], dtype=object), allow_pickle=True), "Python objects"),
        (npz(x=np.array([None, 1], dtype=object), y=labels(2)), "Python objects"),
        (npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000)}", b"\0" * 100), "100 bytes follow"),
        (npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4)}", b"\0" * 16), "cannot be read"),
        (npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (" + "1," * 60 + ")}", b"\0" * 4), "cannot be read"),
        (npy_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", b"\0" * 8), "values of the type"),
        (npy_header("{'descr': '<c8', 'fortran_order': False, 'shape': (2,)}", b"\0" * 16), "values of the type"),
        (npy_header("{'descr': '<U0', 'fortran_order': False, 'shape': (2,)}"), "values of the type"),
        (npy_header("__import__('os').system('true')"), "cannot be read"),
        (npy_header("(" * 9000), "cannot be read"),
        (npy_header("{}", version=3), "cannot be read"),
        (npy(digits())[:-5], "bytes follow"),
        (npy(digits())[:9], "cannot be read"),
        (b"\x93NUMPY", "cannot be read"),
        (npy(np.full((5, 4), np.nan)), "no finite number"),
        (npy(np.array([[1.0, 2], [3, np.inf]])), "the first in sample 1"),
        (npy(np.full((5, 4), 1e300)), "no finite number"),
    ],
)  # fmt: skip
def test_hostile_arrays_are_refused_in_one_sentence(content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_more_than_can_be_kept_is_refused_before_memory_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "MOST_BYTES", 1000)
    assert "at most" in refusal(npy(digits()))
    assert "at most" in refusal(zipped(photos()), **PHOTO)
    assert "at most" in refusal(zipped({f"{n}.wav": sound(range(100)) for n in range(30)}), **SOUND)
    assert "at most" in refusal(npy(digits(4)), "resize", input_shape=[5000, 5000, 1])


# ---- tables ----------------------------------------------------------------------------------------------------------

IRIS = "5.1,3.5,1.4,0.2,setosa\n6.0,2.2,4.0,1.0,versicolor\n6.9,3.1,5.1,2.3,virginica\n5.0,3.6,1.4,0.2,setosa\n"


def test_a_table_without_header_has_its_labels_last() -> None:
    facts, arrays = taken(IRIS.encode(), **ROWS)
    assert facts.class_names == ("setosa", "versicolor", "virginica")
    assert arrays.y.tolist() == [0, 1, 2, 0]
    assert arrays.x[1] == pytest.approx([6.0, 2.2, 4.0, 1.0])
    assert facts.choices == {"labels": (*(f"column {n}" for n in range(1, 6)), "none")}


@pytest.mark.parametrize(
    "text",
    [
        "species,a,b,c,d\n" + "".join(f"k{n % 3},{n},{n + 1},2,.5\n" for n in range(9)),
        "a;b;class;c;d\n" + "".join(f"{n};{n + 1};k{n % 3};2,0;0,5\n" for n in range(9)),
        "a\tb\tc\td\tlabel\r\n" + "".join(f"{n}\t{n + 1}\t2\t5e-1\tk{n % 3}\r\n" for n in range(9)),
        '\ufeff"a","b","c","d","what it is"\n\n' + "".join(f'{n}, {n + 1}, 2, .5,"k{n % 3}"\n' for n in range(9)),
        ",a,b,c,d,y\n" + "".join(f"{n},{n},{n + 1},2,.5,k{n % 3}\n" for n in range(9)),
        "0,1,2,3,y\n" + "".join(f"{n},{n + 1},2,.5,k{n % 3}\n" for n in range(9)),
    ],
    ids=["comma", "semicolon and decimal comma", "tab", "quoted", "row numbers", "numbered columns"],
)  # fmt: skip
def test_tables_are_read_as_people_write_them(text: str) -> None:
    facts, arrays = taken(text.encode(), **ROWS)
    assert facts.class_names == ("k0", "k1", "k2")
    assert arrays.y.tolist() == [n % 3 for n in range(9)]
    assert np.array_equal(arrays.x, np.array([[n, n + 1, 2, 0.5] for n in range(9)], dtype=np.float32))


@pytest.mark.parametrize("first", [True, False])
def test_in_a_table_like_mnist_the_labels_are_found_first_or_last(first: bool) -> None:
    pixels = RANDOM.randint(0, 256, (20, 64))
    pixels[:, [0, -1]] = 0
    columns = [labels(20)[:, None], pixels] if first else [pixels, labels(20)[:, None]]
    text = "\n".join(",".join(map(str, row)) for row in np.hstack(columns).tolist())
    _, arrays = taken(text.encode(), "unflatten", **DIGITS)
    assert np.array_equal(arrays.y, labels(20))
    assert np.array_equal(arrays.x.reshape(20, 64), pixels) and arrays.x.dtype == np.uint8


def test_the_column_of_labels_can_be_chosen() -> None:
    text = "a,label,b\n" + "".join(f"{n % 3},7,{n}\n" for n in range(9))
    facts, arrays = taken(text.encode(), choices={"labels": "a"}, input_shape=[2])
    assert arrays.y.tolist() == [n % 3 for n in range(9)]
    assert "no column" in refusal(text.encode(), choices={"labels": "q"})
    facts, _ = taken(text.encode(), choices={"labels": "none"}, input_shape=[3])
    assert facts.labels == "none"


SAMPLES = [[0.5, 1.5, 2.5, 3.5 + n, n % 3] for n in range(30)]


def written(rows: list[list[Any]], header: str = "", sign: str = ",") -> bytes:
    return (f"{header}\n" * bool(header) + "".join(sign.join(map(str, row)) + "\n" for row in rows)).encode()


@pytest.mark.parametrize(
    "content",
    [
        written(SAMPLES, "0,1,2,3,4"),
        written(SAMPLES, "1,2,3,4,5"),
        written(SAMPLES, "x,y,z,g,activity"),
        written([[*row[:4], "abc"[row[4]]] for row in SAMPLES], "x,y,z,g,what"),
        written([["abc"[row[4]], *row[:4]] for row in SAMPLES], "what,x,y,z,g"),
        written([[*row[:4], ("NA", "None", "up")[row[4]]] for row in SAMPLES], "a,b,c,d,label"),
        written([[row[4], *row[:4]] for row in SAMPLES], "moved,a,b,c,d"),
        written(SAMPLES, sign="  "),
        written(SAMPLES, "a,b,c,d,label").decode().encode("utf-16"),
        written(SAMPLES, "a,b,c,d,label").decode().encode("utf-16-le"),
        written(SAMPLES, "a,b,c,d,label").replace(b"\n", b"\r\n"),
    ],
    ids=["from 0", "from 1", "axes", "words last", "words first", "none", "first", "blanks", "utf-16", "le", "windows"],
)  # fmt: skip
def test_a_table_is_read_as_other_tools_write_it(content: bytes) -> None:
    facts, arrays = taken(content, **ROWS)
    assert len(arrays.x) == 30 and facts.classes == 3 and not any(asked.blocking for asked in facts.questions)
    assert arrays.x[:, 3].tolist() == [3.5 + n for n in range(30)] and arrays.x[:, 0].tolist() == [0.5] * 30
    assert np.bincount(arrays.y).tolist() == [10, 10, 10]


def test_which_column_holds_the_labels_is_asked_where_no_name_tells_it() -> None:
    content = written([[9.5 - n, 1, 2 + n, 3, 4.5 - n] for n in range(30)], "mpg,cyl,power,weight,accel")
    model = {"input_shape": [4], "outputs": 1, "last_activation": "other"}
    facts, nothing = read(content, **model)
    (asked,) = facts.questions
    assert nothing is None and facts.samples == 0
    assert asked.about == "labels" and asked.answers == ("mpg", "cyl", "power", "weight", "accel", "none")
    assert asked.likely == "accel" and asked.blocking
    facts, arrays = taken(content, choices={"labels": "mpg"}, **model)
    assert facts.labels == "numbers" and arrays.y[2, 0] == 7.5 and arrays.x.shape == (30, 4)
    _, arrays = taken(content, choices={"labels": "mpg", "inputs": "cyl,power,weight,accel"}, **model)
    assert arrays.y[2, 0] == 7.5 and arrays.x[2].tolist() == [1, 4, 3, 2.5]
    assert "There is no column “no”" in refusal(content, choices={"inputs": "no"}, **model)
    assert "named twice" in refusal(content, choices={"inputs": "cyl,cyl"}, **model)
    assert "both named" in refusal(content, choices={"inputs": "cyl", "leave_out": "mpg"}, **model)
    assert "something else" in refusal(content, choices={"labels": "cyl", "leave_out": "cyl"}, **model)


@pytest.mark.parametrize("name", ["Id", "Unnamed: 0", ""])
def test_a_column_too_many_is_asked_for_and_left_out(name: str) -> None:
    content = written([[(7 * n) % 30, *row] for n, row in enumerate(SAMPLES)], f"{name},a,b,c,d,label")
    facts, nothing = read(content, **ROWS)
    (asked,) = facts.questions
    called = name or "column 1"
    assert nothing is None and asked.about == "leave_out" and asked.likely == called and not asked.several
    assert f"“{called}” may merely number the rows" in asked.text
    facts, arrays = taken(content, choices={"leave_out": called}, **ROWS)
    assert arrays.x.shape == (30, 4) and any(called in note for note in facts.notes)


def test_a_table_of_numbers_feeds_a_model_that_answers_with_a_number() -> None:
    text = "x,y\n" + "".join(f"{n / 10},{n / 5 - 1}\n" for n in range(50))
    facts, arrays = taken(text.encode(), **SINE)
    assert facts.labels == "numbers" and facts.classes is None
    assert arrays.y.shape == (50, 1) and arrays.y.dtype == np.float32
    assert arrays.y[10, 0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b,y\n1,2,k\n1,,k\n", "Line 3 of the table has no value in column “b”"),
        ("a,b,y\n1,2,k\n\n1,NaN,k\n", "Line 4 of the table has no value in column “b”"),
        ("a,b,y\n1,2,k\n1,2,\n", "Line 3 of the table has no value in column “y”"),
        ("a,b,y\n1,2,k\n1,two,k\n", "Line 3 of the table has “two” in column “b”, which is no number"),
        ("1,2,0\n1,inf,1\n", "Line 2 of the table has “inf” in column “column 2”"),
        ("1,2,0\n1,1e39,1\n", "which is too large"),
        ("a,b,y\n1,2,k\n1,2\n", "Line 3 of the table has 2 values, the first has 3"),
        ("a,b,y\n1,2,k\n1,2,3,4\n", "Line 3 of the table has 4 values, the first has 3"),
        ("", "empty"),
        (" \n \n", "empty"),
        ("a,b,y\n", "no row of values"),
        ("y\n1\n2\n", "nothing left for inputs"),
        ("1," * 1_000_000 + "1\n", "1,000,001 columns"),
        ("a,b,y\n1,2," + "k" * 5000 + "\n1,2,k\n", "text of 5,000 characters"),
        ("a,b,y\n1,2,\"k\n1,2,k\n", "table"),
        ("\0\1\2", "neither an array, a zip nor a table"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_table_is_named_by_line_and_column(text: str, words: str) -> None:
    assert words in refusal(text.encode(), input_shape=[2])


# ---- pictures --------------------------------------------------------------------------------------------------------


def test_pictures_in_class_folders_become_classes_in_order_of_their_names() -> None:
    facts, arrays = taken(zipped({f"all/{name}": data for name, data in photos().items()}), **PHOTO)
    assert facts.class_names == ("cats", "dogs")
    assert arrays.x.shape == (20, 16, 12, 3)
    assert arrays.y.tolist() == [0] * 10 + [1] * 10
    assert arrays.x[13, 0, 0].tolist() == [3, 0, 0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF"])
def test_pictures_of_the_common_formats_are_read(kind: str) -> None:
    files = {f"{n % 2}/{n}.{kind.lower()}": picture(20 * n, kind=kind) for n in range(6)}
    _, arrays = taken(zipped(files), **PHOTO)
    assert abs(arrays.x[0].astype(int) - np.array([0, 0, 0])).max() <= 3
    assert abs(arrays.x[1].astype(int) - np.array([40, 0, 0])).max() <= 3


def test_a_picture_stands_as_the_camera_was_held() -> None:
    lying, content = Image.new("RGB", (16, 12), (9, 0, 0)), io.BytesIO()
    lying.putpixel((0, 0), (200, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees clockwise
    lying.save(content, "PNG", exif=exif)
    facts, arrays = taken(zipped(photos(**{"cats/00.png": content.getvalue()})), **PHOTO)
    assert arrays.x[:, 0, -1, 0].max() == 200 and not any("sizes" in note for note in facts.notes)


@pytest.mark.parametrize("how", ["bilinear", "smooth", "nearest", "crop"])
def test_the_way_of_resizing_is_named_asked_and_chosen(how: str) -> None:
    board = Image.fromarray((np.indices((32, 32)).sum(axis=0) % 2 * 255).astype(np.uint8))
    content = io.BytesIO()
    board.save(content, "PNG")
    files = zipped({f"{n % 2}/{n}.png": content.getvalue() for n in range(6)})
    facts, nothing = read(files, input_shape=[8, 8, 1], outputs=2)
    assert nothing is None and "resize" in cures_of(facts)
    facts, arrays = taken(files, choices={"resizing": how}, input_shape=[8, 8, 1], outputs=2)
    # Every fourth pixel of a chequered board: between four fields, or on one of them, or an average.
    assert set(np.unique(arrays.x)) <= ({0, 255} if how == "nearest" else {127, 128})
    (asked,) = [question for question in facts.questions if question.about == "resizing"]
    assert asked.likely == how and not asked.blocking and "nearest" in asked.answers
    told = {"smooth": "Pillow", "nearest": "flow_from_directory", "crop": "proportions"}.get(how, "tf.image.resize")
    assert any(told in note for note in facts.notes)
    assert "no resizing “cubic”" in refusal(files, choices={"resizing": "cubic"}, input_shape=[8, 8, 1], outputs=2)


def edge_impulse(listed: bool) -> bytes:
    """As it exports: parts on top, the class in the file's name, and a list of both."""
    names = {f"{part}/{label}.{n}.wav": (part, label) for part, number in (("training", 6), ("testing", 2))
             for label in ("hum", "whistle") for n in range(number)}  # fmt: skip
    files = {name: sound(np.full(100, n)) for n, name in enumerate(names)}
    told = [
        {"path": name, "category": part, "label": {"type": "label", "label": label}}
        for name, (part, label) in names.items()
    ]
    return zipped(files | ({"info.labels": json.dumps({"version": 1, "files": told}).encode()} if listed else {}))


@pytest.mark.parametrize("listed", [True, False])
def test_parts_of_an_archive_are_never_classes(listed: bool) -> None:
    facts, arrays = taken(edge_impulse(listed), **SOUND)
    assert facts.class_names == ("hum", "whistle") and facts.own_split
    assert (facts.samples_train, facts.samples_test) == (12, 4)
    assert np.bincount(arrays.y[arrays.test]).tolist() == [2, 2]
    assert not any("other kinds" in note for note in facts.notes)


def test_parts_may_lie_below_the_classes_and_alone_they_say_no_class() -> None:
    below = {
        f"{name}/{part}/{n}.png": picture(n)
        for name in ("cats", "dogs")
        for part in ("Train", "Test")
        for n in range(3)
    }
    facts, _ = taken(zipped(below), **PHOTO)
    assert facts.class_names == ("cats", "dogs") and facts.samples_test == 6
    alone = zipped({f"{part}/{n}.png": picture(n) for part in ("train", "test") for n in range(4)})
    assert "are parts, not classes" in refusal(alone, **PHOTO)
    assert "cannot be read" in refusal(zipped(photos(**{"info.labels": b"[1]"})), **PHOTO)


def test_the_order_of_classes_is_asked_and_taken_as_it_is_said() -> None:
    facts, arrays = taken(zipped(photos()), **PHOTO)
    (asked,) = facts.questions
    assert (asked.about, asked.likely, asked.blocking) == ("classes", "cats,dogs", False)
    facts, other = taken(zipped(photos()), choices={"classes": "dogs, cats"}, **PHOTO)
    assert facts.class_names == ("dogs", "cats") and not facts.questions
    assert (other.y == 1 - arrays.y).all()
    assert "leaves out “dogs”" in refusal(zipped(photos()), choices={"classes": "cats"}, **PHOTO)
    assert "twice" in refusal(zipped(photos()), choices={"classes": "cats,dogs,cats"}, **PHOTO)
    assert "tells 2 apart" in refusal(zipped(photos()), choices={"classes": "cats,dogs,cows"}, **PHOTO)


def test_folders_train_and_test_on_top_are_the_split() -> None:
    files = {f"set/{part}/{name}/{n}.png": picture(n) for part, number in (("train", 8), ("test", 3), ("val", 2))
             for name in ("cats", "dogs") for n in range(number)}  # fmt: skip
    facts, arrays = taken(zipped(files), **PHOTO)
    assert (facts.samples_train, facts.samples_test, facts.classes) == (20, 6, 2)
    assert np.bincount(arrays.y[arrays.test]).tolist() == [3, 3]
    assert "as the file has them" in facts.split


def test_colours_follow_the_model_and_it_is_said() -> None:
    facts, arrays = taken(zipped(photos()), input_shape=[16, 12, 1], outputs=2)
    assert arrays.x.shape[1:] == (16, 12, 1)
    assert any("turned to grey" in note for note in facts.notes)
    files = {f"{n % 2}/{n}.png": picture(n, mode="L") for n in range(6)}
    facts, arrays = taken(zipped(files), **PHOTO)
    assert arrays.x[1, 0, 0].tolist() == [2, 2, 2]
    assert any("equal channels" in note for note in facts.notes)


def test_pictures_of_different_sizes_are_resized_and_those_of_one_wrong_size_after_a_click() -> None:
    facts, arrays = taken(zipped(photos(**{"cats/big.png": picture(9, (40, 40))})), **PHOTO)
    assert arrays.x.shape == (21, 16, 12, 3)
    assert any("2 sizes are resized to 16×12" in note for note in facts.notes)
    small = zipped({f"{n % 2}/{n}.png": picture(n, (10, 10)) for n in range(6)})
    facts, nothing = read(small, **PHOTO)
    assert nothing is None and facts.shape == (10, 10, 3) and cures_of(facts) == ["resize"]
    facts, arrays = taken(small, "resize", **PHOTO)
    assert arrays.x.shape[1:] == (16, 12, 3) == facts.shape


def test_pictures_feed_a_model_that_takes_a_row_of_values() -> None:
    facts, _ = read(zipped(photos()), input_shape=[192], outputs=2)
    assert facts.shape == (16, 12, 1) and cures_of(facts) == ["flatten"]
    _, arrays = taken(zipped(photos()), "flatten", input_shape=[192], outputs=2)
    assert arrays.x.shape == (20, 192)
    mixed = zipped(photos(**{"cats/big.png": picture(9, (40, 40))}))
    assert "2 sizes" in refusal(mixed, input_shape=[192], outputs=2)


def test_what_is_no_picture_is_left_out_by_name() -> None:
    odd = {
        "cats/broken.png": noise()[:400],
        "cats/text.jpg": b"hello",
        "cats/empty.png": b"",
        "cats/deep.png": picture(5, mode="I;16"),
        "cats/.hidden.png": picture(),
        "__MACOSX/cats/._1.png": b"x",
        "readme.txt": b"hello",
    }
    facts, arrays = taken(zipped(photos() | odd), **PHOTO)
    assert len(arrays.x) == 20
    assert any("4 pictures left out" in note and "cats/text.jpg" in note for note in facts.notes)
    assert any("1 file of other kinds" in note for note in facts.notes)


def test_a_file_that_is_damaged_inside_the_zip_is_left_out_by_name() -> None:
    plain = zipped_plain(photos())
    broken = plain.replace(picture(3), picture(3)[:-30] + b"?" * 30, 1)
    facts, arrays = taken(broken, **PHOTO)
    assert len(arrays.x) == 19
    assert any("“cats/3.png” (damaged in the zip)" in note for note in facts.notes)
    spoken = zipped_plain(sounds())
    facts, arrays = taken(spoken.replace(sounds()["no/3.wav"], sounds()["no/3.wav"][:-9] + b"?" * 9, 1), **SOUND)
    assert len(arrays.x) == 9


def test_pictures_in_no_folder_have_no_labels_and_in_some_are_refused() -> None:
    facts, _ = taken(zipped({f"{n}.png": picture(n) for n in range(5)}), **PHOTO)
    assert facts.labels == "none"
    assert "lies in no class folder" in refusal(zipped(photos(**{"loose.png": picture()})), **PHOTO)


def test_folders_of_numbers_are_numbered_as_keras_does_it() -> None:
    facts, arrays = taken(zipped({f"{n}/a.png": picture(n) for n in range(12)}), input_shape=[16, 12, 3], outputs=12)
    assert facts.class_names[:3] == ("0", "1", "10")
    assert any("order of text" in note for note in facts.notes)
    assert arrays.x[2, 0, 0, 0] == 10 and arrays.y[2] == 2


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
        + chunk(b"IEND", b"")
    )


def test_a_picture_that_would_fill_the_memory_is_left_out_unopened() -> None:
    bombs = {"cats/bomb.png": png_that_claims(50_000, 50_000), "cats/bomb2.png": png_that_claims(9_000, 9_000)}
    facts, arrays = taken(zipped(photos() | bombs), **PHOTO)
    assert len(arrays.x) == 20
    assert any("50,000×50,000 pixels" in note or "no picture" in note for note in facts.notes)
    assert "None of the pictures" in refusal(zipped({"a/1.png": png_that_claims(50_000, 50_000)}), **PHOTO)


def test_only_the_listed_formats_are_opened_whatever_a_file_is_called() -> None:
    content = io.BytesIO()
    Image.new("RGB", (12, 16)).save(content, "TGA")
    with pytest.raises(images.Unreadable):
        images.opened(content.getvalue())


# ---- sounds ----------------------------------------------------------------------------------------------------------


def sounds() -> dict[str, bytes]:
    return {f"{name}/{n}.wav": sound(np.full(100, 1000 * n)) for name in ("no", "yes") for n in range(5)}


def test_sounds_in_class_folders_are_real_values_of_the_length_the_model_takes() -> None:
    odd = {"no/long.wav": sound(np.full(150, -32768)), "yes/short.wav": sound(np.full(40, 16384))}
    facts, arrays = taken(zipped(sounds() | odd), **SOUND)
    assert facts.class_names == ("no", "yes") and facts.kind == "sounds"
    assert arrays.x.shape == (12, 100, 1) and arrays.x.dtype == np.float32
    assert (facts.low, facts.high) == (-1.0, 0.5)
    assert arrays.x[-1, 39, 0] == 0.5 and arrays.x[-1, 40, 0] == 0.0
    assert any("cut to their first 100" in note and "silence" in note for note in facts.notes)


def test_sounds_of_8_bits_and_two_channels_are_read_and_mixed() -> None:
    files = {
        "a/8.wav": sound(np.full(100, 192), bits=8),
        "b/2.wav": sound(np.tile([16384, 0], 100), channels=2),
        "b/mp3.wav": riff(85, 16, bytes(200)),
    }
    facts, arrays = taken(zipped(files), **SOUND)
    assert arrays.x[0, 0, 0] == 0.5 and arrays.x[1, 0, 0] == 0.25
    assert any("MP3 of 16 bit" in note for note in facts.notes)


CODED = {
    "PCM of 24 bit": riff(1, 24, b"\0\0\x40" * 100),
    "PCM of 32 bit": riff(1, 32, np.full(100, 2**30, "<i4").tobytes()),
    "float of 32 bit": riff(3, 32, np.full(100, 0.5, "<f4").tobytes()),
    "float of 64 bit": riff(3, 64, np.full(100, 0.5, "<f8").tobytes()),
    "extensible": riff(0xFFFE, 16, np.full(100, 16384, "<i2").tobytes(), more=struct.pack("<HHIH14x", 22, 16, 4, 1)),
    "mu-law": riff(7, 8, bytes([0x8F] * 100)),
    "A-law": riff(6, 8, bytes([0xA5] * 100)),
}


@pytest.mark.parametrize("name", CODED)
def test_sounds_of_other_tools_are_read(name: str) -> None:
    facts, arrays = taken(zipped({f"{n % 2}/{n}.wav": CODED[name] for n in range(4)}), **SOUND)
    assert not any("left out" in note for note in facts.notes)
    # Half of full scale; G.711 has no such step, and takes the one beside it.
    assert abs(arrays.x[0, 0, 0] - 0.5) < (0.02 if "law" in name else 1e-6)


def test_sound_that_is_no_number_is_left_out() -> None:
    endless = riff(3, 32, np.full(100, np.nan, "<f4").tobytes())
    facts, _ = taken(zipped(sounds() | {"no/nan.wav": endless}), **SOUND)
    assert any("no finite numbers" in note for note in facts.notes)


def test_different_rates_are_named() -> None:
    facts, _ = taken(zipped(sounds() | {"no/other.wav": sound(np.zeros(100), rate=44100)}), **SOUND)
    assert any("16,000 in 10 files, 44,100 in 1 file" in note for note in facts.notes)


def test_a_model_of_spectrograms_is_explained_and_not_guessed_at() -> None:
    facts, nothing = read(zipped(sounds()), input_shape=[49, 40, 1], outputs=2)
    assert nothing is None
    (mismatch,) = facts.mismatches
    assert "spectrogram" in mismatch.text and mismatch.cure == ""


# ---- mismatches and their cures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "model", "cures"),
    [
        ((8, 8), (8, 8, 1), ["add_channel"]),
        ((), (1,), ["add_channel"]),
        ((100, 6), (1, 100, 6), ["add_channel"]),
        ((8, 8, 1), (8, 8), ["drop_channel"]),
        ((1,), (), ["drop_channel"]),
        ((8, 8, 1), (64,), ["flatten"]),
        ((64,), (8, 8, 1), ["unflatten"]),
        ((1, 8, 8), (8, 8, 1), ["channels_last"]),
        ((3, 8, 8), (8, 8, 3), ["channels_last"]),
        ((6, 100), (100, 6), ["channels_last"]),
        ((8, 8, 3), (8, 8, 1), ["to_grey"]),
        ((8, 8, 1), (8, 8, 3), ["to_rgb"]),
        ((9, 9, 3), (8, 8, 3), ["resize"]),
        ((9, 9), (8, 8, 3), ["add_channel", "to_rgb", "resize"]),
        ((3, 9, 9), (8, 8, 1), ["channels_last", "to_grey", "resize"]),
        ((3, 8, 8), (64,), ["channels_last", "to_grey", "flatten"]),
    ],
)  # fmt: skip
def test_each_cure_leads_to_the_next_until_the_shape_fits(
    shape: tuple[int, ...], model: tuple[int, ...], cures: list[str]
) -> None:
    content = npy(RANDOM.uniform(0, 1, (6, *shape)))
    chosen: list[str] = []
    for cure in cures:
        facts, nothing = read(content, *chosen, input_shape=list(model))
        assert nothing is None
        chosen += cures_of(facts)
        assert len(chosen) and set(chosen) <= {*cures}, (chosen, cure)
    _, arrays = taken(content, *chosen, input_shape=list(model))
    assert sorted(chosen) == sorted(cures)
    assert arrays.x.shape == (6, *model)


def test_cures_change_values_only_where_they_must() -> None:
    x = digits(6)
    moved = npy(np.moveaxis(x.repeat(3, axis=-1), -1, 1))
    assert np.array_equal(taken(moved, "channels_last", input_shape=[8, 8, 3])[1].x, x.repeat(3, axis=-1))
    assert np.array_equal(taken(npy(x), "to_rgb", input_shape=[8, 8, 3])[1].x, x.repeat(3, axis=-1))
    assert np.array_equal(taken(npy(x.repeat(3, axis=-1)), "to_grey")[1].x, x)
    assert np.array_equal(taken(npy(x.reshape(6, 64)), "unflatten")[1].x, x)
    larger = taken(npy(x), "resize", input_shape=[16, 16, 1])[1].x
    assert larger.dtype == np.uint8 and larger[:, 0, 0, 0].tolist() == x[:, 0, 0, 0].tolist()


def test_a_shape_that_nothing_cures_is_explained() -> None:
    facts, _ = read(npy(RANDOM.rand(6, 50)))
    (mismatch,) = facts.mismatches
    assert mismatch.cure == "" and "50 values against 64 values" in mismatch.text


def test_bytes_ask_for_a_scale_without_blocking() -> None:
    facts, arrays = read(npz(x=digits(), y=labels()))
    assert cures_of(facts) == ["scale_255", "scale_128"] and arrays is not None and arrays.x_scale == 1.0
    assert cures_of(read(npz(x=digits() / 255.0, y=labels()))[0]) == []
    facts, arrays = taken(npz(x=digits(), y=labels()), "scale_128")
    assert arrays.x.dtype == np.int8 and facts.low >= -1 and facts.high < 1 and facts.mismatches == ()
    real = taken(npz(x=digits() + np.float32(0.25), y=labels()), "scale_255")[1]
    assert real.x.dtype == np.float32 and real.x_scale == 1 / 255


def test_a_quantized_input_says_its_range_itself() -> None:
    content = npz(x=digits(), y=labels())
    zero_to_one = {"input_dtype": "int8", "input_low": 0.0, "input_high": 1.0}
    assert cures_of(read(content, **zero_to_one)[0]) == ["scale_255"]
    assert cures_of(read(content, input_dtype="int8", input_low=-1.0, input_high=0.99)[0]) == ["scale_128"]
    assert cures_of(read(content, input_dtype="uint8", input_low=0.0, input_high=255.0)[0]) == []
    assert read(content, "scale_255", **zero_to_one)[0].mismatches == ()


def test_a_model_of_whole_numbers_or_texts_says_so() -> None:
    facts, nothing = read(npy(RANDOM.rand(6, 4)), **ROWS, input_dtype="int32")
    assert nothing is None and "whole numbers" in facts.mismatches[0].text
    facts, nothing = read(npy(RANDOM.rand(6, 4)), **ROWS, input_dtype="string")
    assert nothing is None and "string" in facts.mismatches[0].text


def test_labels_of_every_usual_form_become_classes() -> None:
    x, y = digits() / 255.0, labels()
    for form in (
        y,
        y[:, None],
        y.astype(float),
        np.eye(3)[y],
        y.astype(str),
        np.array(["a", "b", "c"])[y],
        y.astype("S"),
    ):
        facts, arrays = taken(npz(x=x, y=form))
        assert facts.classes == 3 and np.array_equal(arrays.y, y)


def test_labels_from_one_are_counted_from_zero_after_a_click() -> None:
    facts, nothing = read(npz(x=digits(), y=labels() + 1), "scale_255")
    assert nothing is None and cures_of(facts) == ["labels_from_one"]
    _, arrays = taken(npz(x=digits(), y=labels() + 1), "scale_255", "labels_from_one")
    assert np.array_equal(arrays.y, labels())
    assert "0 already" in refusal(npz(x=digits(), y=labels()), "labels_from_one")


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.arange(30) % 5, "5 classes; the model tells 3 apart"),
        (np.arange(30) / 7, "Labels are numbers"),
        (np.arange(30) - 5, "from 0 on"),
        (RANDOM.rand(30, 4), "4 numbers as its label"),
        (np.full(30, 10**15), "from 0 on"),
    ],
)
def test_labels_that_do_not_fit_block_and_can_be_left_away(y: np.ndarray, words: str) -> None:
    content = npz(x=digits() / 255.0, y=y)
    facts, nothing = read(content)
    assert nothing is None and words in facts.mismatches[0].text and cures_of(facts) == ["without_labels"]
    facts, arrays = taken(content, "without_labels")
    assert facts.labels == "none" and len(arrays.y) == 0


LINEAR = {"input_shape": [4], "outputs": 1, "last_activation": "other"}
PROBABILITY = LINEAR | {"last_activation": "sigmoid"}


def labelled(y: Any) -> bytes:
    return npz(x=RANDOM.rand(len(y), 4), y=y)


def test_one_answer_after_a_sigmoid_is_the_probability_of_class_1() -> None:
    facts, arrays = taken(labelled(np.arange(10) % 2), **PROBABILITY)
    assert facts.labels == "classes" and arrays.y.dtype == np.int64 and facts.mismatches == ()
    assert any("above 0.5" in note for note in facts.notes)


@pytest.mark.parametrize("dtype", ["int64", "float32", "bool"])
def test_one_answer_without_bounds_tells_0_and_1_apart_by_its_sign_and_asks(dtype: str) -> None:
    content = labelled((np.arange(10) % 2).astype(dtype))
    facts, arrays = taken(content, **LINEAR)
    assert facts.labels == "classes" and arrays.y.tolist() == [0, 1] * 5
    assert any("positive" in note for note in facts.notes)
    assert cures_of(facts) == ["labels_as_numbers"] and not facts.mismatches[0].blocking
    facts, arrays = taken(content, "labels_as_numbers", **LINEAR)
    assert facts.labels == "numbers" and arrays.y.dtype == np.float32 and facts.mismatches == ()


def test_two_names_are_two_classes_of_one_answer_and_three_are_too_many() -> None:
    facts, arrays = taken(labelled(np.array(["yes", "no"] * 5)), **LINEAR)
    assert facts.class_names == ("no", "yes") and arrays.y.tolist() == [1, 0] * 5 and facts.mismatches == ()
    facts, nothing = read(labelled(np.array(["a", "b", "c"] * 3)), **LINEAR)
    assert nothing is None and "3 classes; the model tells 2 apart" in facts.mismatches[0].text
    assert "are names" in refusal(labelled(np.array(["yes", "no"] * 5)), "labels_as_numbers", **LINEAR)


@pytest.mark.parametrize("y", [np.arange(10), np.arange(10) / 7 - 0.5, np.arange(20) % 2 * 2 - 1])
def test_labels_that_a_sigmoid_cannot_answer_block(y: np.ndarray) -> None:
    facts, nothing = read(labelled(y), **PROBABILITY)
    assert nothing is None and "one sigmoid output" in facts.mismatches[0].text
    assert cures_of(facts) == ["without_labels"]


def test_two_classes_counted_from_1_are_counted_from_0_for_a_sigmoid() -> None:
    content = labelled(np.arange(10) % 2 + 1)
    assert cures_of(read(content, **PROBABILITY)[0]) == ["labels_from_one"]
    assert taken(content, "labels_from_one", **PROBABILITY)[1].y.tolist() == [0, 1] * 5


def test_shares_between_0_and_1_are_numbers_for_a_sigmoid_and_other_numbers_for_any_one_answer() -> None:
    assert taken(labelled(np.linspace(0, 1, 10)), **PROBABILITY)[0].labels == "numbers"
    assert taken(labelled(np.arange(10)), **LINEAR)[0].labels == "numbers"


@pytest.mark.parametrize(("kind", "model"), [("png", PHOTO), ("wav", SOUND)])
def test_a_file_that_is_left_out_is_named_also_where_too_few_are_left(kind: str, model: dict[str, Any]) -> None:
    good = picture() if kind == "png" else sound(range(100))
    reason = refusal(zipped({f"cats/good.{kind}": good, f"dogs/bad.{kind}": b"nothing"}), **model)
    assert f"bad.{kind}" in reason and "only 1 can be read" in reason


def test_whether_the_file_divides_itself_is_known() -> None:
    parts = {"x_train": digits(9), "y_train": labels(9), "x_test": digits(3), "y_test": labels(3)}
    assert taken(npz(**parts))[0].own_split and not taken(npz(x=digits(), y=labels()))[0].own_split


def test_the_order_of_named_classes_is_told_with_its_numbers() -> None:
    for content, shape in ((labelled(np.array(["dog", "cat"] * 5)), [4]), (zipped(photos()), [16, 12, 3])):
        (asked,) = read(content, input_shape=shape, outputs=2)[0].questions
        assert "order: 0 “cat" in asked.text and "1 “dog" in asked.text and "your model" in asked.text


def test_a_cure_that_does_not_fit_is_refused() -> None:
    assert "does not fit" in refusal(npy(digits()), "unflatten")
    assert "scaled once" in refusal(npy(digits()), "scale_255", "scale_128")
    assert "no cure" in refusal(npy(digits()), "magic")
    assert "twice" in refusal(npy(digits()), "flatten", "flatten")


# ---- the split -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("samples", [2, 3, 10, 333])
@pytest.mark.parametrize("percent", [1, 20, 90])
def test_both_parts_are_disjoint_complete_and_never_empty(samples: int, percent: int) -> None:
    facts, arrays = taken(npz(x=digits(samples), y=labels(samples)), test_percent=percent)
    assert sorted([*arrays.train.tolist(), *arrays.test.tolist()]) == list(range(samples))
    assert len(arrays.train) == facts.samples_train >= 1 and len(arrays.test) == facts.samples_test >= 1
    assert f"{len(arrays.test):,} of {samples:,} samples held out" in facts.split


def test_the_same_seed_gives_the_same_split_and_another_another() -> None:
    content = npz(x=digits(60), y=labels(60))
    first, again, other = (taken(content, seed=seed)[1] for seed in (1, 1, 2))
    assert np.array_equal(first.test, again.test) and np.array_equal(first.train, again.train)
    assert not np.array_equal(first.test, other.test)


def test_every_class_is_held_out_in_its_share() -> None:
    y = np.array([0] * 100 + [1] * 50 + [2] * 10)
    _, arrays = taken(npz(x=digits(160), y=y))
    assert np.bincount(arrays.y[arrays.test]).tolist() == [20, 10, 2]


def test_a_share_that_leaves_nothing_is_refused() -> None:
    assert "0 %" in refusal(npy(digits()), test_percent=0)
    assert "100 %" in refusal(npy(digits()), test_percent=100)


# ---- hostile files ---------------------------------------------------------------------------------------------------


def test_zips_that_climb_or_explode_or_hold_nothing_are_refused() -> None:
    assert "leads out" in refusal(zipped({"../../cats/1.png": picture()}), **PHOTO)
    assert "leads out" in refusal(zipped({"/etc/x.npy": npy(digits())}))
    assert "to 1" in refusal(zipped({"x.npy": npy(np.zeros((20_000, 8, 8, 1), dtype=np.float32))}))
    assert "neither arrays" in refusal(zipped({"a.txt": b"hello"}))
    assert "neither arrays" in refusal(zipped({}))
    assert "zip" in refusal(zipped(photos())[:-50], **PHOTO)


def of_each_format() -> dict[str, tuple[bytes, dict[str, Any]]]:
    return {
        "npz": (npz(x=digits(5), y=labels(5)), DIGITS),
        "npz unpacked": (zipped_plain({"x.npy": npy(digits(5)), "y.npy": npy(labels(5))}), DIGITS),
        "npy": (npy(digits(5)), DIGITS),
        "csv": (IRIS.encode(), ROWS),
        "images": (zipped_plain({f"{n % 2}/{n}.{kind}": picture(n, kind=kind.upper())
                                 for n, kind in enumerate(("png", "jpeg", "bmp", "gif"))}), PHOTO),
        "sounds": (zipped_plain({f"{n % 2}/{n}.wav": sound(range(50)) for n in range(3)}), SOUND),
    }  # fmt: skip


def zipped_plain(files: Mapping[str, bytes]) -> bytes:
    """Unpacked, so that a changed byte reaches the reader inside; zipfile's own check would notice, so it is kept right."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()
