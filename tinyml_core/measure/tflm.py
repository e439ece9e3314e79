"""Executes a `.tflite` on the real TensorFlow Lite Micro interpreter: does it run, and in how much memory?"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import cattrs
import numpy as np

from tinyml_core.domain.dataset import Arrays, Task
from tinyml_core.domain.outcome import Micro, MicroAgreement
from tinyml_core.engine.call import Expected
from tinyml_core.engine.progress import lap, take_laps, timed
from tinyml_core.measure import litert, tflite
from tinyml_core.measure.forked import Told, forked
from tinyml_core.measure.litert import stored_inputs, to_real
from tinyml_core.measure.score import classes, decisions, reconstruction_errors, threshold
from tinyml_core.measure.tflm_refusals import explain

ROOMY_ARENA_BYTES = 64 * 1024**2
"""Large enough for any model that a microcontroller could hold."""

ALIGNMENT = 16
TRY_LIMIT_S = 60.0
COMPARE_LIMIT_S = 600.0

NOT_HERE = Micro(
    status="not executed",
    cause="The tflite-micro package has no wheel for this kind of machine (it has one for Linux on x86-64).",
    fix="Run the lab on Linux x86-64, or in a container, to execute variants on TFLM.",
)


def available() -> bool:
    """True if the TFLM interpreter is installed; nothing is imported."""
    return importlib.util.find_spec("tflite_micro") is not None


def load_runtimes() -> None:
    """Load LiteRT, its quantizer and TFLM before anybody waits for them."""
    from ai_edge_litert import interpreter, schema_py_generated  # noqa: F401
    from litert_quantizer import quantizer  # noqa: F401

    if available():
        from tflite_micro import runtime  # noqa: F401


@contextmanager
def captured_stderr() -> Iterator[list[str]]:
    """Collect what C code writes to stderr (file descriptor 2): TFLM has no other voice."""
    lines: list[str] = []
    saved = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            file.seek(0)
            lines.extend(file.read(64 * 1024).decode(errors="replace").splitlines())


def load(content: bytes, arena_bytes: int) -> tuple[Any | None, str]:
    """A TFLM interpreter in an arena of that size, or None with TFLM's own words."""
    from tflite_micro import runtime

    ready, error = None, ""
    with captured_stderr() as lines:
        try:
            ready = runtime.Interpreter.from_bytes(content, arena_size=arena_bytes)
            # Where the batch size is left open in the file TFLM takes the size 1 that the shape itself says.
            ready.get_input_details(0)
        except (RuntimeError, ValueError) as problem:
            ready, error = None, str(problem)
    return ready, "\n".join([*lines, error]).strip()


def allocation_record(ready: Any) -> dict[str, int]:
    """`total`, `head` and `tail` of TFLM's own allocation record, in bytes."""
    with captured_stderr() as lines:
        ready.print_allocations()
    found = re.findall(r"Arena allocation (total|head|tail) (\d+) bytes", "\n".join(lines))
    return {part: int(size) for part, size in found}


def smallest_arena(content: bytes, recorded_bytes: int) -> int | None:
    """The smallest arena, in steps of 16 bytes, that allocates and runs; found by bisection. None if none does.

    It is never below what the record says, and can be above: planning needs memory for a moment.
    """
    low = recorded_bytes // ALIGNMENT * ALIGNMENT - ALIGNMENT
    high = low + ALIGNMENT
    while not runs_in(content, high):
        low, high = high, high + 2 * (high - low)
        if high > ROOMY_ARENA_BYTES:
            return None
    while high - low > ALIGNMENT:
        middle = (low + high) // 2 // ALIGNMENT * ALIGNMENT
        low, high = (low, middle) if runs_in(content, middle) else (middle, high)
    return high


def runs_in(content: bytes, arena_bytes: int) -> bool:
    """True if the model allocates in that arena and one inference succeeds.

    TFLM does not always refuse an arena that is too small: some allocations are not checked, and it crashes. So each
    try is made in a fork of this process.
    """
    return bool(forked(lambda tell: try_once(content, arena_bytes), TRY_LIMIT_S).value == "")


def try_once(content: bytes, arena_bytes: int = ROOMY_ARENA_BYTES) -> str:
    """Allocate and infer once, here; TFLM's own words if it refuses, nothing if it runs."""
    ready, words = load(content, arena_bytes)
    if ready is None:
        return words or "(TFLM gave no text)"
    error = ""
    with captured_stderr() as lines:
        try:
            ready.invoke()
        except RuntimeError as problem:
            error = str(problem) or "(TFLM gave no text)"
    return "\n".join([*lines, error]) if error else ""


def micro(
    content: bytes, arrays: Arrays | None, tolerance: float | None, output_step: float | None, saving_bytes: int | None,
    task: Task | None = None, most_samples: int | None = None,
) -> Micro:  # fmt: skip
    """What TFLM says to a `.tflite`: runs or refuses, its arena, and whether it agrees with LiteRT.

    Args:
        content: The `.tflite`.
        arrays: The data whose held-out samples are executed; None for 16 synthetic inputs.
        tolerance: For regression, the distance within which two answers count as equal.
        output_step: One quantization step of the output in real units; None if the model computes in float.
        saving_bytes: What the arena saves on a 32-bit board (`inspect_file.saving_bytes`).
        task: Of the data; decides what an answer is.
        most_samples: Compared with LiteRT; None for all.
    """
    if arrays is not None and most_samples is not None:
        arrays = replace(arrays, test=arrays.test[:most_samples])
    if not available():
        return NOT_HERE
    ready, words = load(content, ROOMY_ARENA_BYTES)
    if ready is not None:
        with captured_stderr() as lines:
            try:
                ready.invoke()
            except RuntimeError as problem:
                lines.append(str(problem))
                ready = None
        words = "\n".join(lines)
    if ready is None:
        return explain(words, tflite.weight_types(content))
    record = allocation_record(ready)
    total = record["total"]
    derived = None if saving_bytes is None else total - saving_bytes
    result = Micro(
        "runs", arena_bytes=total, arena_head_bytes=record["head"], arena_tail_bytes=record["tail"],
        arena_minimum_bytes=smallest_arena(content, total), arena_32bit_bytes=derived,
    )  # fmt: skip
    ready.reset()
    return _compared(result, lambda: agreement(content, ready, arrays, tolerance, output_step, task))


def _compared(result: Micro, compare: Callable[[], MicroAgreement | None]) -> Micro:
    """With the agreement with LiteRT, found in a fork: LiteRT crashes on some files that TFLM runs."""

    def work(tell: Told) -> Any:
        take_laps()
        return cattrs.unstructure(compare()), take_laps()

    ended = forked(work, COMPARE_LIMIT_S)
    if ended.how == "raised":
        raise RuntimeError(ended.words)
    if ended.how != "returned":
        how = f"crashes on this file ({ended.words})" if ended.how == "crashed" else "did not end on this file"
        return replace(result, cause=f"LiteRT {how}, so its answers could not be compared with TFLM's.")
    found, laps = ended.value
    for name, seconds in laps.items():
        lap(name, seconds)
    return replace(result, agreement=cattrs.structure(found, MicroAgreement) if found else None)


# ---- Does TFLM answer as LiteRT does? Both execute the same held-out samples, LiteRT with its reference kernels ----

Decide = Callable[[np.ndarray], np.ndarray]
"""Takes real outputs, `(samples, values)`; gives each sample's answer, where that is neither a class nor a value."""


def agreement(
    content: bytes, ready: Any, arrays: Arrays | None, tolerance: float | None, output_step: float | None,
    task: Task | None = None,
) -> MicroAgreement | None:  # fmt: skip
    """TFLM's outputs against LiteRT's reference kernels on the same stored inputs; None where LiteRT cannot."""
    details = ready.get_input_details(0)
    if arrays is None:
        shape, dtype = np.array([16, *details["shape"][1:]]), np.dtype(details["dtype"])
        stored = litert.synthetic(np.random.default_rng(1), shape, dtype)
    try:
        if arrays is None:
            single = litert.interpreter(content, reference_kernels=True)
            single.allocate_tensors()
            if len(single.get_input_details()) != 1 or details["shape"][0] != 1:
                return None
            expected, get = litert.one_by_one(single, stored), single.get_output_details()[0]
        else:
            x = arrays.x[arrays.test]
            expected, put, get = litert.run(content, x, arrays.x_scale, reference_kernels=True)
            stored = stored_inputs(x, arrays.x_scale, put)
    except (Expected, ValueError, RuntimeError):
        return None
    actual = np.empty_like(expected)
    recurrent = tflite.has_variable_tensors(tflite.parse(content))
    with timed("invoke_s"):
        for index in range(len(stored)):
            if recurrent:  # LiteRT forgets the sample before, too; of models that stream neither does
                ready.reset()
            ready.set_input(stored[index : index + 1], 0)
            ready.invoke()
            actual[index] = ready.get_output(0).ravel()
    decide = _decide(content, arrays) if arrays is not None and task is Task.ANOMALY else None
    if task is Task.CLASSIFICATION and expected.shape[1] == 1:
        decide = classes  # one probability names one of two classes
    return compare(actual, expected, get, tolerance, output_step, decide)


def _decide(content: bytes, arrays: Arrays) -> Decide:
    """An anomaly detector's decision on each held-out sample, at the threshold that LiteRT's reference kernels give."""
    limit = threshold(lambda x: litert.answers(content, x, arrays.x_scale, reference_kernels=True), arrays)
    x = arrays.x[arrays.test]
    return lambda outputs: decisions(reconstruction_errors(outputs, x, arrays.x_scale), limit)


def compare(
    actual: np.ndarray, expected: np.ndarray, details: dict[str, Any],
    tolerance: float | None, output_step: float | None, decide: Decide | None = None,
) -> MicroAgreement:  # fmt: skip
    """Equal answers (same class, same decision, or within the tolerance) and the largest difference of outputs.

    The difference is counted in quantization steps, also where a last DEQUANTIZE turns the steps into floats; for a
    model that computes in float it is relative to the largest output.
    """
    mine, theirs = to_real(actual, details), to_real(expected, details)
    # Two outputs that are both "not a number" agree; one alone is as far off as can be, in a number that JSON can write.
    both = np.isnan(mine) & np.isnan(theirs)
    distance = np.nan_to_num(np.where(both, 0.0, np.abs(mine - theirs)), nan=1e30, posinf=1e30)
    if decide is not None:
        equal = decide(mine) == decide(theirs)
    elif tolerance is None and expected.shape[1] > 1:
        equal = actual.argmax(axis=1) == expected.argmax(axis=1)
    else:
        equal = distance.max(axis=1) <= (tolerance or 0.0)
    unit: Literal["steps", "relative"]
    if output_step:
        largest, unit = round(float(distance.max()) / output_step, 2), "steps"
    else:
        # The largest finite magnitude; 1 if there is none above zero.
        whole = float(np.abs(theirs[np.isfinite(theirs)]).max(initial=0.0)) or 1.0
        largest, unit = float(distance.max()) / whole, "relative"
    return MicroAgreement(int(np.count_nonzero(equal)), len(equal), largest, unit)
