"""Makes a `.tflite` in a worker: export, train on, convert, requantize. Each function imports its libraries itself."""

from __future__ import annotations

import contextlib
import gc
import sys
import time
from collections.abc import Iterator

from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure, Report, TrainingFacts
from tinyml_core.domain.technique import Calibration, NumberFormat, Settings, TrainingStage
from tinyml_core.engine.call import EXHAUSTED, Expected
from tinyml_core.engine.progress import lap, timed

Made = tuple[TrainingFacts, dict[str, bytes]]
"""What training left to be told of a file, and the file."""


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


def warm_up(report: Report) -> None:
    """Load TensorFlow before anybody waits for it."""
    load_tensorflow(report)


def export(model: Model, report: Report) -> tuple[None, dict[str, bytes]]:
    """Export a trained model of the zoo to a SavedModel."""
    from tinyml_core.compress import converter

    load_tensorflow(report)
    report("exporting the trained model")
    return None, {"saved_model": converter.export(converter.trained(model, seed=1))}


def train_on(
    model: Model, arrays: Arrays, stage: TrainingStage, settings: Settings, before: TrainingFacts, report: Report,
    weights: bytes | None = None,
) -> Made:  # fmt: skip
    """Apply a training stage to a trained model; gives the result as a SavedModel, its weights, and what it left out.

    `weights` are those of the stage before, or of a brought model; None for the trained ones of the zoo. `before` is
    what the stages before left to be told.
    """
    from tinyml_core.compress import converter

    load_tensorflow(report, training=True)
    with _expect("training"):
        if weights is None:
            keras_model = converter.trained(model, settings.seed)
        else:
            keras_model = converter.built(model, settings.seed)
            converter.set_packed_weights(keras_model, weights)
        with timed("train_s"):
            trained = stage.apply(keras_model, model, arrays, settings, report)
        report("exporting the trained model")
        one_at_a_time = model.brought is not None and model.brought.facts.one_at_a_time
        saved_model = converter.export(trained.keras_model, one_at_a_time)
    dense_layers = tuple(dict.fromkeys((*before.dense_layers, *trained.dense_layers)))
    told = TrainingFacts(dense_layers, (*before.notes, *trained.notes))
    return told, {"saved_model": saved_model, "weights": converter.packed_weights(trained.keras_model)}


def convert_variant(
    saved_model: bytes, number_format: NumberFormat, settings: Settings, training: TrainingFacts, report: Report,
    arrays: Arrays | None = None,
) -> Made:  # fmt: skip
    """Convert a SavedModel to a `.tflite` in a number format; `arrays` calibrate, where the format needs that."""
    from tinyml_core.compress import converter

    load_tensorflow(report)
    report("converting")
    with _expect("converting"):
        content = converter.to_tflite(saved_model, number_format, _calibration(arrays, settings), settings)
    return training, {"tflite": content}


def requantize(
    tflite: bytes,
    number_format: NumberFormat,
    settings: Settings,
    training: TrainingFacts,
    arrays: Arrays | None = None,
) -> Made:
    """Write a float32 `.tflite` in another number format, without TensorFlow."""
    assert number_format.requantize is not None, number_format.name
    with timed("convert_s"), _expect("quantizing", "LiteRT's quantizer"):
        content = number_format.requantize(tflite, _calibration(arrays, settings), settings)
    return training, {"tflite": content}


def _calibration(arrays: Arrays | None, settings: Settings) -> Calibration:
    from tinyml_core.compress import converter

    return (lambda: iter(())) if arrays is None else converter.calibration(arrays, settings.calibration_samples)


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
        reason = f"{library} could not do this ({type(error).__name__}): {words[:200].rstrip('.')}."
        advice = "Choose another technique for this model."
        raise Expected(Failure(stage, reason, advice, lasting=True, detail=str(error)[:4000])) from error
