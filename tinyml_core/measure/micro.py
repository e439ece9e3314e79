"""Executes a `.tflite` on the real TensorFlow Lite Micro interpreter: does it run, and in how much memory?"""

from __future__ import annotations

import importlib.util
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import cattrs

from tinyml_core.dataset import Arrays, Task
from tinyml_core.measure import tflite_file
from tinyml_core.measure.forked import Told, forked
from tinyml_core.measure.micro_agreement import agreement
from tinyml_core.measure.refusals import explain
from tinyml_core.outcome import Micro, MicroAgreement
from tinyml_core.stopwatch import lap, take_laps

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
    content: bytes,
    arrays: Arrays | None,
    tolerance: float | None,
    output_step: float | None,
    saving_bytes: int | None,
    task: Task | None = None,
    most_samples: int | None = None,
) -> Micro:
    """What TFLM says to a `.tflite`: runs or refuses, its arena, and whether it agrees with LiteRT.

    Args:
        content: The `.tflite`.
        arrays: The data whose held-out samples are executed; None for 16 made-up inputs.
        tolerance: For regression, the distance within which two answers count as equal.
        output_step: One quantization step of the output in real units; None if the model computes in float.
        saving_bytes: What the arena saves on a 32-bit board (`measure.arena`).
        task: Of the data; decides what an answer is.
        most_samples: Compared with LiteRT; None for all.
    """
    if arrays is not None and most_samples is not None:
        arrays = replace(arrays, test=arrays.test[:most_samples])
    if not available():
        return NOT_HERE
    ready, words = load(content, ROOMY_ARENA_BYTES)
    if ready is None:
        return explain(words, tflite_file.weight_types(content))
    with captured_stderr() as lines:
        try:
            ready.invoke()
        except RuntimeError as problem:
            lines.append(str(problem))
            ready = None
    if ready is None:
        return explain("\n".join(lines), tflite_file.weight_types(content))
    record = allocation_record(ready)
    result = Micro(
        status="runs",
        arena_bytes=record["total"],
        arena_head_bytes=record["head"],
        arena_tail_bytes=record["tail"],
        arena_minimum_bytes=smallest_arena(content, record["total"]),
        arena_32bit_bytes=None if saving_bytes is None else record["total"] - saving_bytes,
    )
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
