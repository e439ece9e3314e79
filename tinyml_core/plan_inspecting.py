"""Turns what is to be looked at inside a variant into calls of workers without TensorFlow."""

from __future__ import annotations

from dataclasses import asdict

from tinyml_core import catalog
from tinyml_core.call import Blob, Call
from tinyml_core.plan import MEASURING, WITH_LITERT, Runtime, call, inputs_identity
from tinyml_core.try_one import Given

LOOKING = ("inspecting.py", "samples.py", *MEASURING)


def anatomy_call(tflite: Blob, title: str) -> Call:
    """Lay a `.tflite` open without executing it."""
    return call(
        "anatomy",
        f"inside of {title}",
        "light",
        {},
        {"tflite": tflite.sha256},
        ("inspecting.py", "anatomy.py", *MEASURING),
        WITH_LITERT,
        {"tflite": tflite},
    )


def layer_errors_call(
    tflite: Blob, own: Blob, base: Blob | None, model: str, dataset: str, arrays: Blob | None, title: str
) -> Call:
    """Compare a file layer by layer with the float32 file it was converted from, and with the model's own float32.

    Args:
        tflite: The variant, not packed.
        own: float32's file of the same training stage.
        base: float32's file of the model itself, if that is another.
        model: Says the range of made-up inputs.
        dataset: Empty for a model that comes without data.
        arrays: The data; without them the call has the same fingerprint but cannot be done.
        title: For messages.
    """
    references = {"own": own} | ({"base": base} if base is not None else {})
    return call(
        "layer_errors",
        title,
        "light",
        {"model": model},
        {
            "tflite": tflite.sha256,
            "references": {name: blob.sha256 for name, blob in references.items()},
            "data": inputs_identity(model, dataset),
        },
        ("layer_errors.py", "made_up.py", *LOOKING),
        WITH_LITERT,
        {"tflite": tflite} | references | ({"arrays": arrays} if arrays else {}),
    )


def predictions_call(
    tflite: Blob,
    reference: Blob,
    model: str,
    dataset: str,
    arrays: Blob | None,
    title: str,
    runtime: Runtime = "LiteRT",
) -> Call:
    """Answers of a file and of float32 on a data set's held-out samples."""
    member = catalog.model(model)
    recipe = member.training or member.fine_tuning
    body = {
        "dataset": dataset,
        "runtime": runtime,
        "logits": recipe is not None and recipe.loss.endswith("from_logits"),
    }
    identity = {"tflite": tflite.sha256, "reference": reference.sha256, "data": inputs_identity(model, dataset)} | body
    return call(
        "predictions",
        title,
        "light",
        body,
        identity,
        ("predictions.py", *LOOKING),
        (*WITH_LITERT, "tflite-micro", "pillow"),
        {"tflite": tflite, "reference": reference} | ({"arrays": arrays} if arrays else {}),
    )


def try_one_call(
    tflite: Blob, reference: Blob, given: Given, model: str, dataset: str, arrays: Blob | None, title: str
) -> Call:
    """One input through float32 and a variant; not worth a place in the store."""
    body = {"given": asdict(given), "model": model, "dataset": dataset}
    identity = {"tflite": tflite.sha256, "reference": reference.sha256, "data": inputs_identity(model, dataset)} | body
    return call(
        "try_one",
        title,
        "light",
        body,
        identity,
        ("try_one.py", "predictions.py", *LOOKING),
        (*WITH_LITERT, "tflite-micro", "pillow"),
        {"tflite": tflite, "reference": reference} | ({"arrays": arrays} if arrays else {}),
        keep=False,
    )
