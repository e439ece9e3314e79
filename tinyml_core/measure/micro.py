"""Executes a `.tflite` on the real TensorFlow Lite Micro interpreter: does it run, and in how much memory?"""

from __future__ import annotations

import importlib.util
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tinyml_core.dataset import Arrays, Task
from tinyml_core.measure import tflite_file
from tinyml_core.measure.micro_agreement import agreement
from tinyml_core.measure.refusals import explain
from tinyml_core.outcome import Micro

ROOMY_ARENA_BYTES = 64 * 1024**2
"""Large enough for any model that a microcontroller could hold."""

ALIGNMENT = 16
NOT_HERE = Micro(
    status="not executed",
    cause="The tflite-micro package has no wheel for this kind of machine (it has one for Linux on x86-64).",
    fix="Run the lab on Linux x86-64, or in a container, to execute variants on TFLM.",
)


def available() -> bool:
    """True if the TFLM interpreter is installed; nothing is imported."""
    return importlib.util.find_spec("tflite_micro") is not None


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


def smallest_arena(content: bytes, recorded_bytes: int) -> int:
    """The smallest arena, in steps of 16 bytes, that allocates and runs; found by bisection.

    It is never below what the record says, and can be above: planning needs memory for a moment.
    """
    low = recorded_bytes // ALIGNMENT * ALIGNMENT - ALIGNMENT
    high = low + ALIGNMENT
    while not runs_in(content, high):
        low, high = high, high + 2 * (high - low)
    while high - low > ALIGNMENT:
        middle = (low + high) // 2 // ALIGNMENT * ALIGNMENT
        low, high = (low, middle) if runs_in(content, middle) else (middle, high)
    return high


def runs_in(content: bytes, arena_bytes: int) -> bool:
    """True if the model allocates in that arena and one inference succeeds.

    TFLM does not always refuse an arena that is too small: some allocations are not checked, and it crashes. So each
    try is made in a fork of this process, and a crash is an answer like another.
    """
    with warnings.catch_warnings():
        # Python warns of forks beside threads; here the fork does nothing but run TFLM and end.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if _runs_here(content, arena_bytes) else 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return status == 0


def _runs_here(content: bytes, arena_bytes: int) -> bool:
    ready, _ = load(content, arena_bytes)
    if ready is None:
        return False
    with captured_stderr():
        try:
            ready.invoke()
        except RuntimeError:
            return False
    return True


def micro(
    content: bytes,
    arrays: Arrays | None,
    tolerance: float | None,
    output_step: float | None,
    saving_bytes: int | None,
    task: Task | None = None,
) -> Micro:
    """What TFLM says to a `.tflite`: runs or refuses, its arena, and whether it agrees with LiteRT.

    Args:
        content: The `.tflite`.
        arrays: The data whose held-out samples are executed; None for 16 made-up inputs.
        tolerance: For regression, the distance within which two answers count as equal.
        output_step: One quantization step of the output in real units; None if the model computes in float.
        saving_bytes: What the arena saves on a 32-bit board (`measure.arena`).
        task: Of the data; decides what an answer is.
    """
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
    return replace(result, agreement=agreement(content, ready, arrays, tolerance, output_step, task))
