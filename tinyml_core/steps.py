"""What a worker can do, step by step: each takes data and gives data, and imports its libraries itself."""

from __future__ import annotations

import contextlib
import gc
import io
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import cattrs

from tinyml_core import catalog
from tinyml_core.call import Expected
from tinyml_core.outcome import Failure
from tinyml_core.stopwatch import lap, timed
from tinyml_core.training_stage import Report
from tinyml_core.values import Arrays, Settings

Bytes = Mapping[str, bytes]
Result = tuple[Any, dict[str, bytes]]
Step = Callable[[Mapping[str, Any], Bytes, Report], Result]


def load_dataset(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Load and split a data set; gives its arrays as one uncompressed `.npz`."""
    import numpy as np

    report("loading the data set")
    arrays = catalog.datasets()[body["dataset"]].load(body.get("folder"))
    packed = io.BytesIO()
    np.savez(packed, x=arrays.x, y=arrays.y, train=arrays.train, test=arrays.test, x_scale=arrays.x_scale)
    return {}, {"arrays": packed.getvalue()}


def fetch(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Bring the files of a data set or of a model from the internet; they lie in the user's folder then."""
    from tinyml_core import fetching

    known: Mapping[str, Any] = catalog.datasets() if body["kind"] == "dataset" else catalog.models()
    outcome = fetching.fetch(known[body["name"]], report)
    if isinstance(outcome, Failure):
        raise Expected(outcome)
    return {"paths": [str(path) for path in outcome]}, {}


_unpacked: dict[int, tuple[bytes, Arrays]] = {}
"""By address; the bytes are held too, so that no other bytes can come to lie there."""


def unpack(content: bytes) -> Arrays:
    """The arrays of a packed data set; the last one stays unpacked while its bytes stay the same object."""
    import numpy as np

    if id(content) not in _unpacked or len(content) == 0:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = Arrays(stored["x"], stored["y"], stored["train"], stored["test"], float(stored["x_scale"]))
        _unpacked.clear()
        _unpacked[id(content)] = (content, arrays)
    return _unpacked[id(content)][1]


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
    from tinyml_core import convert

    load_tensorflow(report)
    report("exporting the trained model")
    return {}, {"saved_model": convert.export(convert.trained(catalog.models()[body["model"]], seed=1))}


def convert_variant(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Apply a technique: train on if it says so, then convert to `.tflite`; without a data set calibrate on made-up inputs."""
    from tinyml_core import convert
    from tinyml_core.made_up import made_up_inputs

    technique = catalog.techniques()[body["technique"]]
    settings = cattrs.structure(body["settings"], Settings)
    stage = catalog.discover("tinyml_core.training", "STAGE")[technique.training]
    number_format = catalog.discover("tinyml_core.number_formats", "FORMAT")[technique.number_format]
    load_tensorflow(report, training=technique.training != "none")
    if "arrays" in blobs:
        arrays = unpack(blobs["arrays"])
    else:
        arrays = made_up_inputs(catalog.models()[body["model"]], settings.calibration_samples)
    if technique.training == "none":
        saved_model = blobs["saved_model"]
    else:
        model = catalog.models()[body["model"]]
        with _expect("training"):
            keras_model = convert.trained(model, settings.seed)
            with timed("train_s"):
                keras_model = stage.apply(keras_model, model, arrays, settings, report)
            report("exporting the trained model")
            saved_model = convert.export(keras_model)
    report("converting")
    samples = convert.calibration(arrays, settings.calibration_samples)
    with _expect("converting"):
        content = convert.to_tflite(saved_model, number_format, samples, settings)
    return {}, {"tflite": content}


def train(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Train a model by its recipe from a clean state; gives its weights and how well they do in Keras."""
    import numpy as np

    from tinyml_core.fitting import clean_state, fit
    from tinyml_core.measure.score import score_answers

    load_tensorflow(report)
    model, arrays = catalog.models()[body["model"]], unpack(blobs["arrays"])
    recipe = model.training
    assert recipe is not None, "a model that has data has a recipe"
    clean_state(recipe.seed)
    keras_model = model.build()
    with timed("train_s"):
        fit(keras_model, recipe, arrays, recipe.epochs, recipe.seed, report)
    packed = io.BytesIO()
    np.savez(packed, **{f"w{index:02d}": weight for index, weight in enumerate(keras_model.get_weights())})
    outputs = keras_model(arrays.x[arrays.test].astype("float32") * arrays.x_scale).numpy()
    found = score_answers(outputs, arrays.y[arrays.test], model.task)
    facts = {
        "score": found.value,
        "low": found.low,
        "high": found.high,
        "metric": found.metric,
        "samples": found.samples,
    }
    how = {"epochs": recipe.epochs, "batch_size": recipe.batch_size, "learning_rate": recipe.learning_rate}
    return facts | {"dataset": model.datasets[0], **how, "seed": recipe.seed}, {"weights": packed.getvalue()}


@contextlib.contextmanager
def _expect(stage: str) -> Iterator[None]:
    """Refusals of TensorFlow and its converter become failures that last; its own words are the detail."""
    try:
        yield
    except (MemoryError, OSError):
        raise
    except Exception as error:
        words = " ".join(str(error).split())
        raise Expected(
            Failure(
                stage=stage,
                reason=f"TensorFlow could not do this ({type(error).__name__}): {words[:200]}",
                advice="Choose another technique for this model.",
                detail=str(error)[:4000],
                lasting=True,
            )
        ) from error


def inspect(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Read a `.tflite` without executing it."""
    from tinyml_core.measure.inspect_file import inspect_file

    report("reading the file")
    return cattrs.unstructure(inspect_file(blobs["tflite"])), {}


def score(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Score a `.tflite` on held-out data with LiteRT."""
    from tinyml_core.measure.score import score as score_file

    report("scoring on LiteRT")
    task = catalog.datasets()[body["dataset"]].task
    return cattrs.unstructure(score_file(blobs["tflite"], unpack(blobs["arrays"]), task)), {}


def micro(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Execute a `.tflite` on TFLM."""
    from tinyml_core.measure.micro import micro as execute

    report("executing on TFLM")
    dataset = catalog.datasets().get(body["dataset"] or "")
    arrays = unpack(blobs["arrays"]) if dataset else None
    tolerance = dataset.answer_tolerance if dataset else None
    return cattrs.unstructure(
        execute(blobs["tflite"], arrays, tolerance, body["output_step"], body["saving_bytes"])
    ), {}


def latency(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Time a `.tflite` on this computer; called when nothing else runs."""
    from tinyml_core.measure.host_latency import host_latency

    report("timing on this computer")
    return cattrs.unstructure(host_latency(blobs["tflite"])), {}


def npu(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Compile a `.tflite` for an Ethos-U NPU."""
    from tinyml_core.measure.npu import npu as compile_for

    report("compiling for the NPU")
    names = (body["accelerator"], body["system_config"], body["memory_mode"])
    return cattrs.unstructure(compile_for(blobs["tflite"], *names)), {}


def warm_up(body: Mapping[str, Any], blobs: Bytes, report: Report) -> Result:
    """Load TensorFlow before anybody waits for it."""
    load_tensorflow(report)
    return {}, {}


STEPS: dict[str, Step] = {
    step.__name__: step
    for step in (load_dataset, fetch, export, train, convert_variant, inspect, score, micro, latency, npu, warm_up)
}
