"""Runs a `.tflite` with LiteRT, and times it on this computer."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import psutil

from tinyml_core.domain.outcome import Failure, Latency
from tinyml_core.engine.call import Expected
from tinyml_core.engine.progress import timed

BATCH = 500
BATCH_VALUES = 2_000_000
"""Input values in one batch at most: photographs go in by dozens, because every layer's output has to be held."""

PROBE = 8


def interpreter(content: bytes, reference_kernels: bool = False, keep_tensors: bool = False) -> Any:
    """A LiteRT interpreter on one thread, tensors not yet allocated.

    Reference kernels are the plain C++ ones that TFLM's are derived from, in place of the default (XNNPACK). Kept
    tensors hold their values until the next inference; without delegates, which would hide some.

    Raises:
        Expected: LiteRT refuses the file.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    resolver = OpResolverType.BUILTIN_REF if reference_kernels else OpResolverType.AUTO
    try:
        with warnings.catch_warnings():
            # Kept tensors take memory, and LiteRT warns of it; here that is what is wanted.
            warnings.simplefilter("ignore", UserWarning)
            return Interpreter(
                model_content=content, num_threads=1, experimental_op_resolver_type=resolver,
                experimental_preserve_all_tensors=keep_tensors,
            )  # fmt: skip
    except (ValueError, RuntimeError) as error:
        raise refused(error) from error


def refused(error: Exception) -> Expected:
    """LiteRT's refusal as an expected failure."""
    reason = "LiteRT refuses this file, so there is no score and no latency."
    advice = "TFLM may run it all the same: see its own column."
    return Expected(Failure("executing on LiteRT", reason, advice, detail=str(error)[:2000], lasting=True))


def run(content: bytes, x: np.ndarray, x_scale: float, reference_kernels: bool = False) -> tuple[np.ndarray, Any, Any]:
    """The model's stored outputs for all samples.

    Batched invocation is used if, on the first samples, it gives the very same numbers as one by one.

    Returns:
        `(outputs, input details, output details)`; outputs `(samples, values)` in the output tensor's type.

    Raises:
        Expected: LiteRT refuses the file, or it has more than one input.
    """
    single = interpreter(content, reference_kernels)
    try:
        single.allocate_tensors()
        details = single.get_input_details()
        if len(details) != 1:
            reason = f"The model has {len(details)} inputs; data sets here feed exactly one."
            raise Expected(Failure("scoring", reason, lasting=True))
        wanted, given = int(np.prod(details[0]["shape"][1:])), int(np.prod(x.shape[1:]))
        if wanted != given:
            reason = f"The model takes {wanted} values a sample, the data set has {given}."
            raise Expected(Failure("scoring", reason, lasting=True))
        probe = stored_inputs(x[:PROBE], x_scale, details[0])
        with timed("invoke_s"):
            first = one_by_one(single, probe)
        outputs = _batched(content, x, x_scale, first, reference_kernels)
        if outputs is None:
            rest = stored_inputs(x[PROBE:], x_scale, details[0])
            with timed("invoke_s"):
                outputs = np.concatenate([first, one_by_one(single, rest)])
    except (ValueError, RuntimeError) as error:
        raise refused(error) from error
    return outputs, details[0], single.get_output_details()[0]


def answers(content: bytes, x: np.ndarray, x_scale: float, reference_kernels: bool = False) -> np.ndarray:
    """The model's real outputs for all samples, `(samples, values)`; else as `run`."""
    stored, _, details = run(content, x, x_scale, reference_kernels)
    return to_real(stored, details)


def one_by_one(ready: Any, stored: np.ndarray) -> np.ndarray:
    """Outputs of an allocated interpreter, sample by sample: `(samples, values)`."""
    put, get = ready.get_input_details()[0]["index"], ready.get_output_details()[0]
    outputs = np.empty((len(stored), int(np.prod(get["shape"][1:]))), dtype=get["dtype"])
    for index in range(len(stored)):
        ready.set_tensor(put, stored[index : index + 1])
        ready.reset_all_variables()  # what recurrent layers remember of the sample before
        ready.invoke()
        outputs[index] = ready.get_tensor(get["index"]).ravel()
    return outputs


def _batched(
    content: bytes, x: np.ndarray, x_scale: float, first: np.ndarray, reference_kernels: bool
) -> np.ndarray | None:
    """Outputs by batches, or None if batching is refused or changes a number.

    Inputs are quantized batch by batch: a copy of all at once is fresh memory and thousands of page faults.
    """
    ready = interpreter(content, reference_kernels)
    details, get = ready.get_input_details()[0], ready.get_output_details()[0]["index"]
    outputs: list[np.ndarray] = []
    allocated = 0
    size = max(PROBE, min(BATCH, BATCH_VALUES // int(np.prod(x.shape[1:]))))
    for start in range(0, len(x), size):
        batch = stored_inputs(x[start : start + size], x_scale, details)
        try:
            if len(batch) != allocated:
                ready.resize_tensor_input(details["index"], [len(batch), *batch.shape[1:]])
                ready.allocate_tensors()
                allocated = len(batch)
            ready.set_tensor(details["index"], batch)
            ready.reset_all_variables()
            with timed("invoke_s"):
                ready.invoke()
        except (ValueError, RuntimeError):
            return None
        result = ready.get_tensor(get)
        if result.shape[0] != len(batch):
            return None
        outputs.append(result.reshape(len(batch), -1))
        if not start and not np.array_equal(outputs[0][:PROBE], first):
            return None
    return np.concatenate(outputs)


def synthetic(random: np.random.Generator, shape: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """An input of random numbers: 0 to 1 for floats, the whole range of a small integer type, 0 or 1 for large ones.

    Large integers are not measured values but indices, for instance of words: they must not lead out of a table.
    """
    if dtype.kind == "f":
        return random.random(tuple(shape)).astype(dtype)
    if dtype.kind == "b" or dtype.itemsize > 2:
        return random.integers(0, 2, size=tuple(shape)).astype(dtype)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max, size=tuple(shape), endpoint=True, dtype=dtype)


# ---- Real values to a tensor's stored numbers and back, by the tensor's own scale and zero point -------------------


def stored_inputs(x: np.ndarray, x_scale: float, details: dict[str, Any]) -> np.ndarray:
    """Inputs as the model's input tensor stores them: `(samples, *shape of the tensor without batch)` in its type.

    Bytes are looked up: each of the 256 possible values is quantized once, not each pixel.

    Raw inputs are `(samples, ...)`, `uint8` or float, with the real value `x * x_scale`; the details one entry of LiteRT's
    `get_input_details()`.
    """
    if x.dtype == np.uint8:
        table = to_stored(np.arange(256).astype(np.float32) * np.float32(x_scale), details)
        # Bytes to bytes: the standard library's translation is faster than NumPy's indexing.
        one_byte = table.itemsize == 1
        stored = np.frombuffer(x.tobytes().translate(table.tobytes()), table.dtype) if one_byte else table[x]
    else:
        stored = to_stored(x.astype(np.float32) * np.float32(x_scale), details)
    return np.ascontiguousarray(stored).reshape(len(x), *details["shape"][1:])


def to_stored(real: np.ndarray, details: dict[str, Any]) -> np.ndarray:
    """Quantize: `round(real / scale) + zero_point`, clipped to the type; floats stay as they are."""
    dtype = np.dtype(details["dtype"])
    scale, zero_point = details["quantization"]
    if dtype.kind == "f" or scale == 0:
        return real.astype(dtype)
    limits = np.iinfo(dtype)
    stored: np.ndarray = np.clip(np.round(real / np.float32(scale)) + zero_point, limits.min, limits.max).astype(dtype)
    return stored


def to_real(stored: np.ndarray, details: dict[str, Any]) -> np.ndarray:
    """Dequantize: `(stored - zero_point) * scale` as float32."""
    scale, zero_point = details["quantization"]
    if stored.dtype.kind == "f" or scale == 0:
        return stored.astype(np.float32)
    return (stored.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)


# ---- Time of one inference on this computer: for explaining, never for ranking microcontroller variants ------------

WARM_UP_S = 0.05
MEASURE_S = 0.25
MOST_RUNS = 2000
FEWEST_RUNS = 20
PATIENCE_S = 2.0


def wait_for_quiet() -> bool:
    """Wait until other programs leave the processor alone; False if they do not within two seconds."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if psutil.cpu_percent(interval=0.1) * (psutil.cpu_count() or 1) < 35:
            return True
    return False


def host_latency(content: bytes) -> Latency:
    """p50 and p90 of many runs after warm-up: LiteRT, default kernels, one thread, one sample, invocation only.

    Raises:
        Expected: LiteRT refuses the file.
    """
    quiet = wait_for_quiet()
    ready = interpreter(content)
    try:
        ready.allocate_tensors()
        random = np.random.default_rng(1)
        for details in ready.get_input_details():
            ready.set_tensor(details["index"], synthetic(random, details["shape"], np.dtype(details["dtype"])))
        end = time.perf_counter() + WARM_UP_S
        ready.invoke()
        while time.perf_counter() < end:
            ready.invoke()
        runs: list[float] = []
        end = time.perf_counter() + MEASURE_S
        while len(runs) < FEWEST_RUNS or (len(runs) < MOST_RUNS and time.perf_counter() < end):
            start = time.perf_counter()
            ready.invoke()
            runs.append((time.perf_counter() - start) * 1000)
    except (ValueError, RuntimeError) as error:
        raise refused(error) from error
    p50, p90 = np.percentile(runs, [50, 90])
    return Latency(p50_ms=float(p50), p90_ms=float(p90), runs_ms=tuple(round(run, 6) for run in runs), busy=not quiet)
