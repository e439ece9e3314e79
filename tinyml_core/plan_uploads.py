"""Turns a file that somebody brings into calls: what the model is, what the data is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinyml_core.call import Blob, Call
from tinyml_core.plan import GIGABYTE, WITH_LITERT, call
from tinyml_core.plan_making import CONVERTING, WITH_TENSORFLOW

UPLOADS = ("uploads/*.py", "measure/*.py")
WITH_TFLM = (*WITH_LITERT, "tflite-micro")
TFLITE_MARK = b"TFL3"


def read_model_call(upload: Blob, file_name: str, input_shape: Sequence[int] | None = None) -> Call:
    """Read a model: what it is, and the files made of it.

    Args:
        upload: The file. Only its bytes 4 to 7 are looked at here: a `.tflite` needs no TensorFlow.
        file_name: As the person calls it.
        input_shape: Their answer where the file leaves the shape of its input open, without batch axis.
    """
    is_tflite = upload.read()[4:8] == TFLITE_MARK
    shape = None if input_shape is None else list(input_shape)
    return call(
        "read_model",
        f"reading {file_name}",
        "light" if is_tflite else "tensorflow",
        {"file_name": file_name, "input_shape": shape},
        {"upload": upload.sha256, "input_shape": shape},
        UPLOADS if is_tflite else (*UPLOADS, *CONVERTING),
        WITH_TFLM if is_tflite else (*WITH_TFLM, *WITH_TENSORFLOW, "keras", "h5py"),
        {"upload": upload},
        memory_limit_bytes=3 * GIGABYTE // 2 if is_tflite else 4 * GIGABYTE,
        time_limit_s=60.0 if is_tflite else 180.0,
    )


def read_data_call(
    upload: Blob,
    file_name: str,
    input_shape: Sequence[int],
    input_dtype: str,
    outputs: int,
    last_activation: str = "unknown",
    cures: Sequence[str] = (),
    choices: Mapping[str, str] | None = None,
    test_percent: int = 20,
    seed: int = 1,
) -> Call:
    """Read data for a model and compare the two; with the cures chosen so far, it is simply asked again.

    Args:
        upload: The file.
        file_name: As the person calls it.
        input_shape: Of the model's input, without batch axis.
        input_dtype: Of the model's input.
        outputs: Number of values of the model's first output.
        last_activation: Of the model.
        cures: Names of the cures to be applied.
        choices: Under `inputs` and `labels`, the names of what to take as such.
        test_percent: Share of the samples to be held out.
        seed: Of the split.
    """
    body: dict[str, Any] = {
        "file_name": file_name,
        "input_shape": list(input_shape),
        "input_dtype": input_dtype,
        "outputs": outputs,
        "last_activation": last_activation,
        "cures": list(cures),
        "choices": dict(choices or {}),
        "test_percent": test_percent,
        "seed": seed,
    }
    return call(
        "read_data",
        f"reading {file_name}",
        "light",
        body,
        body | {"upload": upload.sha256},
        ("uploads/*.py", "splits.py"),
        ("numpy", "pillow", "scikit-learn"),
        {"upload": upload},
        memory_limit_bytes=3 * GIGABYTE // 2,
        time_limit_s=60.0,
    )
