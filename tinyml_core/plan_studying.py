"""Turns what is to be studied of a float32 `.tflite` into calls of workers without TensorFlow."""

from __future__ import annotations

from tinyml_core import catalog, fingerprint
from tinyml_core.call import Blob, Call
from tinyml_core.plan import MEASURING, WITH_LITERT, call, inputs_identity
from tinyml_core.plan_making import REQUANTIZING


def few_bits_call(float_tflite: Blob, dataset: str, arrays: Blob | None) -> Call:
    """Score a model with weights of fewer and fewer bits; without its arrays the call cannot be done."""
    return call(
        "few_bits",
        "how few bits",
        "light",
        {"dataset": dataset},
        {"tflite": float_tflite.sha256, "dataset": fingerprint.of_dataset(catalog.dataset(dataset))},
        ("studying.py", "few_bits.py", *MEASURING),
        WITH_LITERT,
        {"tflite": float_tflite} | ({"arrays": arrays} if arrays else {}),
    )


def rank_layers_call(
    float_tflite: Blob, model: str, dataset: str, calibration_samples: int, arrays: Blob | None
) -> Call:
    """Rank a model's layers by the damage of int8; `dataset` is empty for a model without data."""
    return call(
        "rank_layers",
        f"ranking the layers of {model}",
        "light",
        {"model": model, "calibration_samples": calibration_samples},
        {
            "tflite": float_tflite.sha256,
            "data": inputs_identity(model, dataset),
            "calibration_samples": calibration_samples,
        },
        ("studying.py", *REQUANTIZING),
        (*WITH_LITERT, "litert-quantizer"),
        {"tflite": float_tflite} | ({"arrays": arrays} if arrays else {}),
    )


def load_runtimes_call(number: int) -> Call:
    """Load LiteRT, its quantizer and TFLM in a worker."""
    return call("load_runtimes", "LiteRT and TFLM", "light", {}, {"number": number}, (), (), keep=False)
