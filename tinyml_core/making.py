"""Steps that make a `.tflite`: export, train on, convert, requantize, pack. Each imports its libraries itself."""

from __future__ import annotations

import contextlib
import gc
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import cattrs

from tinyml_core import catalog
from tinyml_core.call import EXHAUSTED, Expected
from tinyml_core.compress import techniques
from tinyml_core.model import Model
from tinyml_core.number_format import Calibration
from tinyml_core.outcome import Failure, TrainingFacts
from tinyml_core.steps import Bytes, Result, calibration_inputs, unpack
from tinyml_core.stopwatch import lap, timed
from tinyml_core.training_stage import Report
from tinyml_core.values import Settings


def load_tensorflow(report: Report, training: bool = False) -> None:
    """Import TensorFlow (seconds, once in a worker's life) and count the time apart."""
    start = time.perf_counter()
    if "tensorflow" not in sys.modules:
        report("loading TensorFlow")
        with _frozen():
            import tensorflow as tf
            import tf_keras  # noqa: F401
        # One thread: sums then have one order on every number of cores, so the same job gives the same bytes on all of
        # them; and on networks this small, threads that wait for each other cost a third more processor time.
        with contextlib.suppress(RuntimeError):
            tf.config.threading.set_intra_op_parallelism_threads(1)
            tf.config.threading.set_inter_op_parallelism_threads(1)
            tf.config.set_visible_devices([], "GPU")
    if training and "tensorflow_model_optimization" not in sys.modules:
        report("loading TensorFlow's model optimization")
        with _frozen():
            import tensorflow_model_optimization  # noqa: F401
    lap("import_s", time.perf_counter() - start)


@contextlib.contextmanager
def _frozen() -> Iterator[None]:
    """Take what is imported out of the garbage collector's sight.

    The converter ends every conversion with a full collection. Going through the million objects of TensorFlow's modules,
    which never die, was three quarters of the time of a small conversion, and a fifth of the time of the import itself.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def export(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Export a trained model of the zoo to a SavedModel."""
    from tinyml_core.compress import converter

    load_tensorflow(report)
    report("exporting the trained model")
    return {}, {"saved_model": converter.export(converter.trained(catalog.model(body["model"]), seed=1))}


def train_on(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Apply a training stage to the trained model; gives the result as a SavedModel, its weights, and what it left out."""
    from tinyml_core.compress import converter

    model = catalog.model(body["model"])
    settings = cattrs.structure(body["settings"], Settings)
    stage = techniques.stages()[body["stage"]]
    before = cattrs.structure(body["before"], TrainingFacts)
    load_tensorflow(report, training=True)
    with _expect("training"):
        if "weights" in blobs:
            keras_model = converter.built(model, settings.seed)
            converter.set_packed_weights(keras_model, blobs["weights"])
        else:
            keras_model = converter.trained(model, settings.seed)
        with timed("train_s"):
            trained = stage.apply(keras_model, model, unpack(blobs["arrays"]), settings, report)
        report("exporting the trained model")
        saved_model = converter.export(trained.keras_model)
    facts = TrainingFacts(
        tuple(dict.fromkeys((*before.dense_layers, *trained.dense_layers))), (*before.notes, *trained.notes)
    )
    weights = converter.packed_weights(trained.keras_model)
    return {"training": cattrs.unstructure(facts)}, {"saved_model": saved_model, "weights": weights}


def convert_variant(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Convert a SavedModel to a `.tflite` in a number format; without a data set calibrate on made-up inputs."""
    from tinyml_core.compress import converter

    settings = cattrs.structure(body["settings"], Settings)
    number_format = techniques.number_formats()[body["number_format"]]
    samples = _calibration(body, blobs, settings)
    load_tensorflow(report)
    report("converting")
    with _expect("converting"):
        content = converter.to_tflite(blobs["saved_model"], number_format, samples, settings)
    return {"training": body["training"]}, {"tflite": content}


def requantize(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Write a float32 `.tflite` in another number format, without TensorFlow."""
    settings = cattrs.structure(body["settings"], Settings)
    number_format = techniques.number_formats()[body["number_format"]]
    assert number_format.requantize is not None, number_format.name
    samples = _calibration(body, blobs, settings)
    report("quantizing")
    with timed("convert_s"), _expect("quantizing", "LiteRT's quantizer"):
        content = number_format.requantize(blobs["tflite"], samples, settings)
    return {"training": body["training"]}, {"tflite": content}


def pack(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Pack a `.tflite`, and prove on TFLM that the packed one answers the same on every held-out sample."""
    from tinyml_core.measure.packed import prove_equal

    report("packing")
    packed = techniques.packings()[body["packing"]].pack(blobs["tflite"])
    report("comparing packed and unpacked on TFLM")
    prove_equal(packed, blobs["tflite"], unpack(blobs["arrays"]))
    return {"training": body["training"]}, {"tflite": packed}


def _calibration(body: Mapping[str, Any], blobs: Bytes, settings: Settings) -> Calibration:
    from tinyml_core.compress import converter

    samples = settings.calibration_samples
    return converter.calibration(calibration_inputs(body["model"], samples, blobs), samples)


def train(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Train a model by its recipe from a clean state; gives its weights and how well they do in Keras."""
    from tinyml_core.compress import converter
    from tinyml_core.compress.training.fit import clean_state, fit
    from tinyml_core.measure.score import score_run

    load_tensorflow(report)
    model, arrays = catalog.model(body["model"]), unpack(blobs["arrays"])
    recipe = model.training
    assert recipe is not None, "a model that has data has a recipe"
    clean_state(recipe.seed)
    keras_model = model.build()
    if model.base_weights is not None:
        report("loading the weights it starts from")
        converter.start_from_base(keras_model, model.base_weights)
    with timed("train_s"):
        fit(keras_model, recipe, arrays, recipe.epochs, recipe.seed, report)
    report("scoring")
    found = score_run(lambda x: converter.answers(keras_model, x, arrays.x_scale), arrays, model.task)
    facts = {
        "score": found.value,
        "low": found.low,
        "high": found.high,
        "metric": found.metric,
        "samples": found.samples,
    }
    how = {"epochs": recipe.epochs, "batch_size": recipe.batch_size, "learning_rate": recipe.learning_rate}
    weights = converter.packed_weights(keras_model)
    made = {"weights": weights, "tflite": _float_file(model, weights)}
    return facts | {"dataset": model.datasets[0], **how, "seed": recipe.seed}, made


def train_here(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Train a model whose weights the lab does not ship, and keep them on this computer."""
    from tinyml_core.trained_files import keep_trained, new_record

    facts, made = train(body, blobs, report)
    model = catalog.model(body["model"])
    keep_trained(model, new_record(facts, made["weights"], made["tflite"]), made["weights"], made["tflite"])
    return facts, {}


def _float_file(model: Model, weights: bytes) -> bytes:
    """The float32 `.tflite` of trained weights: the very bytes that the float32 technique gives."""
    from tinyml_core.compress import converter

    clean_model = converter.built(model, seed=1)
    converter.set_packed_weights(clean_model, weights)
    float32 = techniques.number_formats()["float32"]
    return converter.to_tflite(converter.export(clean_model), float32, lambda: iter(()), Settings())


@contextlib.contextmanager
def _expect(stage: str, library: str = "TensorFlow") -> Iterator[None]:
    """Refusals of a library become failures that last; its own words are the detail."""
    try:
        yield
    except (MemoryError, OSError, Expected):
        raise
    except Exception as error:
        if type(error).__name__ == EXHAUSTED:
            raise  # no room now says nothing of another time
        words = " ".join(str(error).split())
        raise Expected(
            Failure(
                stage=stage,
                reason=f"{library} could not do this ({type(error).__name__}): {words[:200].rstrip('.')}.",
                advice="Choose another technique for this model.",
                detail=str(error)[:4000],
                lasting=True,
            )
        ) from error


def warm_up(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Load TensorFlow before anybody waits for it."""
    load_tensorflow(report)
    return {}, {}
