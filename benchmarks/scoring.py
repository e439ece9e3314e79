"""Does scoring cost more than the inference it needs? 10,000 MNIST-size samples through an int8 network.

python -m benchmarks.scoring
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable

import numpy as np

from tinyml_core import catalog
from tinyml_core.compress import converter, techniques
from tinyml_core.domain.dataset import Arrays, Task
from tinyml_core.domain.technique import Settings
from tinyml_core.engine.perform import ENVIRONMENT
from tinyml_core.measure import litert
from tinyml_core.measure.litert import stored_inputs
from tinyml_core.measure.score import score

SAMPLES = 10_000
REPEATS = 25


def int8_network() -> bytes:
    """The int8 variant of `mnist`, made as a worker makes it."""
    os.environ.update(ENVIRONMENT)
    arrays = catalog.datasets()["mnist"].load(None)
    saved_model = converter.export(converter.trained(catalog.models()["mnist"], seed=1))
    number_format = techniques.number_formats()["int8"]
    return converter.to_tflite(saved_model, number_format, converter.calibration(arrays, 100), Settings())


def many_samples() -> Arrays:
    """10,000 different images: the held-out ones, shuffled, with a little noise; all of them are to be scored."""
    arrays = catalog.datasets()["mnist"].load(None)
    random = np.random.default_rng(1)
    picks = random.permutation(np.resize(arrays.test, SAMPLES))
    noise = random.integers(-20, 21, size=(SAMPLES, *arrays.x.shape[1:]))
    x = np.clip(arrays.x[picks].astype(np.int64) + noise, 0, 255).astype(np.uint8)
    everything = np.arange(SAMPLES)
    return Arrays(x=x, y=arrays.y[picks], train=everything[:0], test=everything, x_scale=arrays.x_scale)


def bare_invocation(content: bytes, arrays: Arrays) -> Callable[[], float]:
    """A function that gives the seconds of `invoke` alone: same batches, inputs quantized and put in beforehand."""
    ready = litert.interpreter(content)
    details = ready.get_input_details()[0]
    stored = stored_inputs(arrays.x, arrays.x_scale, details)
    ready.resize_tensor_input(details["index"], [litert.BATCH, *stored.shape[1:]])
    ready.allocate_tensors()

    def invoke() -> float:
        seconds = 0.0
        for start in range(0, SAMPLES, litert.BATCH):
            ready.set_tensor(details["index"], stored[start : start + litert.BATCH])
            begin = time.perf_counter()
            ready.invoke()
            seconds += time.perf_counter() - begin
        return seconds

    return invoke


def measure() -> dict[str, float | bool]:
    """Bare invocation and the score, in turn, many times; medians, and whether the answers agree.

    The ratio is the median of the ratios of neighbours: a single run takes 50 ms, and what else the machine does
    changes from one moment to the next, but hits neighbours alike.
    """
    content, arrays = int8_network(), many_samples()
    invoke = bare_invocation(content, arrays)
    bare, scored = [], []
    for _ in range(REPEATS):
        bare.append(invoke())
        begin = time.perf_counter()
        result = score(content, arrays, Task.CLASSIFICATION)
        scored.append(time.perf_counter() - begin)

    single = litert.interpreter(content)
    single.allocate_tensors()
    stored = stored_inputs(arrays.x, arrays.x_scale, single.get_input_details()[0])
    begin = time.perf_counter()
    answers = litert.one_by_one(single, stored).argmax(axis=1)
    one_by_one = time.perf_counter() - begin
    return {
        "samples": SAMPLES,
        "bare_s": statistics.median(bare),
        "score_s": statistics.median(scored),
        "ratio": statistics.median(whole / part for whole, part in zip(scored, bare, strict=True)),
        "one_by_one_s": one_by_one,
        "same_answers": result.answers == tuple(answers.tolist()),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
