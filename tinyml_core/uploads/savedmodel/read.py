"""Reads a SavedModel that somebody brought in a zip: looked through, loaded without what saves files, converted to float32."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tinyml_core.compress import converter, techniques
from tinyml_core.domain.brought import ModelFacts, Port
from tinyml_core.domain.outcome import Report
from tinyml_core.domain.technique import Settings
from tinyml_core.measure.tflite import operator_names, parse
from tinyml_core.uploads.archives import Archive, open_archive
from tinyml_core.uploads.refusal import refused, shown
from tinyml_core.uploads.savedmodel.scan import scanned
from tinyml_core.uploads.tflite.checks import checked
from tinyml_core.uploads.tflite.read import tflite_facts
from tinyml_core.uploads.tflite.trial import BUDGET_S, budget, checked_shape, tried

GRAPH = "saved_model.pb"
NEEDED = re.compile(r"variables/variables\.(index|data-\d{5}-of-\d{5})")
NOT_REBUILT = "A SavedModel no longer says its layers, so nothing can be trained on it."
DEFAULT = "serving_default"


def folder_of(names: Sequence[str]) -> str | None:
    """The folder of a zip in which a SavedModel lies, with its slash: the top, or one folder below; None if in none."""
    places = [name.removesuffix(GRAPH) for name in names if name.rpartition("/")[2] == GRAPH and name.count("/") <= 1]
    return min(places, key=len) if places else None


def read_saved_model(
    content: bytes, file_name: str, input_shape: Sequence[int] | None, report: Report
) -> tuple[ModelFacts, dict[str, bytes]]:
    """The facts of a SavedModel, its float32 `.tflite`, and the model packed as `converter.export` packs one.

    Without files while its input shape has to be asked for.

    Args:
        content: The zip.
        file_name: As the person calls it.
        input_shape: Their answer where the model leaves the shape open, without batch axis.
        report: Takes sentences that say how far it is.

    Raises:
        Expected: It is broken, does what a plain network does not, or cannot be converted.
    """
    from tinyml_core.compress.making import load_tensorflow

    archive = open_archive(content)
    top = folder_of(archive.names)
    if top is None:
        raise refused("The zip holds no saved_model.pb.", "Zip the folder that model.export wrote.")
    load_tensorflow(report)
    report("looking through the graph")
    packed = _cleaned(archive, top)
    report("loading the model")
    with tempfile.TemporaryDirectory(prefix="tinyml-") as folder:
        with zipfile.ZipFile(io.BytesIO(packed)) as ours:
            ours.extractall(folder)
        return _converted(packed, _loaded(folder), input_shape, report)


def _cleaned(archive: Archive, top: str) -> bytes:
    """The graph without what saves files, and the variables; packed anew, with nothing else."""
    if any(name.startswith(f"{top}assets/") for name in archive.names):
        raise refused(
            "The SavedModel brings files of its own (assets), such as a vocabulary.",
            "Give a network whose inputs and outputs are numbers.",
        )
    saved = scanned(archive.read(top + GRAPH))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as ours:
        ours.writestr(zipfile.ZipInfo(GRAPH), saved.SerializeToString(deterministic=True))
        for name in sorted(archive.names):
            if name.startswith(top) and NEEDED.fullmatch(name.removeprefix(top)):
                ours.writestr(zipfile.ZipInfo(name.removeprefix(top)), archive.read(name))
    return packed.getvalue()


def _loaded(folder: str) -> Any:
    import tensorflow as tf

    try:
        loaded = tf.saved_model.load(folder)
    except Exception as error:
        raise refused(
            f"TensorFlow cannot load the SavedModel ({type(error).__name__}).",
            "Export it again with a current version of TensorFlow.",
            str(error),
        ) from error
    if not getattr(loaded, "signatures", None):
        raise refused(
            "The SavedModel has no signature that says its inputs.",
            "Export it with model.export; a tf.Module by tf.saved_model.save(m, folder, signatures=m.__call__).",
        )
    return loaded


def _converted(
    packed: bytes, loaded: Any, input_shape: Sequence[int] | None, report: Report
) -> tuple[ModelFacts, dict[str, bytes]]:
    keys = sorted(loaded.signatures)
    if DEFAULT in keys and hasattr(loaded, "serve"):
        keys = [name for name in keys if name != "serve"]  # model.export gives the same function two names
    key = DEFAULT if DEFAULT in keys else keys[0]
    inputs = loaded.signatures[key].structured_input_signature[1]
    if not inputs or any(not spec.shape.rank for spec in inputs.values()):
        raise refused("The SavedModel does not say how many axes its input has.", "Export it with a fixed input shape.")
    notes = []
    if len(keys) > 1:
        notes.append(f"It has {len(keys)} signatures ({', '.join(map(shown, keys[:6]))}); {shown(key)} is measured.")
    open_ones = {name: spec for name, spec in inputs.items() if None in _shape(spec)}
    if open_ones and input_shape is None:
        return _asking(loaded.signatures[key], open_ones, tuple(notes)), {}
    if len(open_ones) > 1:
        raise refused(
            f"The SavedModel leaves the shapes of {len(open_ones)} inputs open; only one can be asked for.",
            "Export it with fixed input shapes.",
        )
    shapes = {name: checked_shape(_shape(spec), list(input_shape or ())) for name, spec in open_ones.items()}
    if open_ones or len(keys) > 1:
        packed = _exported(loaded, key, shapes)
    report("converting")
    tflite = _tflite(packed)
    if _minds_the_batch(tflite) and any(spec.shape[0] is None for spec in inputs.values()):
        # Recurrent layers are converted only where the number of samples at once is known; others work out an open one while
        # they run, which no microcontroller needs.
        single = _exported(loaded, key, shapes, batch=1)
        converted = _tflite(single)
        if isinstance(tflite, Exception) or not _minds_the_batch(converted):
            packed, tflite = single, converted
    if isinstance(tflite, Exception):
        raise refused(
            f"TensorFlow's converter cannot make a .tflite of it: {' '.join(str(tflite).split())[:200]}",
            "Leave out what it names, or convert the model yourself and give the .tflite.",
            str(tflite),
        ) from tflite
    report(f"trying the file, {BUDGET_S:g} seconds at most")
    facts = tflite_facts(checked(tflite), (*notes, *tried(tflite, budget()).notes))
    return replace(facts, kind="SavedModel", not_rebuilt=NOT_REBUILT), {"tflite": tflite, "saved_model": packed}


def _minds_the_batch(tflite: bytes | Exception) -> bool:
    """True if it could not be converted, or if the file works out the number of samples while it runs."""
    return isinstance(tflite, Exception) or any("SHAPE" in graph for graph in operator_names(parse(tflite)))


def _tflite(packed: bytes) -> bytes | Exception:
    """The float32 file, or what TensorFlow's converter raised: it has no common class."""
    try:
        return converter.to_tflite(packed, techniques.number_formats()["float32"], lambda: iter(()), Settings())
    except (MemoryError, OSError):
        raise
    except Exception as error:
        return error


def _shape(spec: Any) -> tuple[int | None, ...]:
    """Without the batch axis."""
    return tuple(spec.shape.as_list()[1:])


def _asking(signature: Any, open_ones: dict[str, Any], notes: tuple[str, ...]) -> ModelFacts:
    """What is known before the shape is."""

    def ports(specs: dict[str, Any]) -> tuple[Port, ...]:
        return tuple(
            Port(name, _shape(spec) if spec.shape.rank else (), spec.dtype.name) for name, spec in specs.items()
        )

    return ModelFacts(
        kind="SavedModel",
        inputs=ports(signature.structured_input_signature[1]),
        outputs=ports(signature.structured_outputs),
        parameters=sum(int(variable.shape.num_elements() or 0) for variable in signature.variables),
        architecture="known once the shape of the input is",
        open_shape=_shape(next(iter(open_ones.values()))),
        not_rebuilt=NOT_REBUILT,
        notes=notes,
    )


def _exported(loaded: Any, key: str, shapes: dict[str, tuple[int, ...]], batch: int | None = None) -> bytes:
    """One signature alone as a SavedModel of its own, its open shapes filled in, the batch too if one is given."""
    import tensorflow as tf

    signature = loaded.signatures[key]
    specs = [
        tf.TensorSpec([spec.shape[0] or batch, *shapes.get(name, _shape(spec))], spec.dtype, name=name)
        for name, spec in signature.structured_input_signature[1].items()
    ]
    names = [spec.name for spec in specs]
    module = tf.Module()
    module.loaded = loaded  # holds its variables
    module.serve = tf.function(lambda *given: signature(**dict(zip(names, given, strict=True))), input_signature=specs)
    with tempfile.TemporaryDirectory(prefix="tinyml-") as folder:
        tf.saved_model.save(module, folder, signatures={DEFAULT: module.serve})
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
                archive.writestr(zipfile.ZipInfo(str(path.relative_to(folder))), path.read_bytes())
    return packed.getvalue()
