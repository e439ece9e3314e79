"""Writes a `.tflite` anew with a fixed input shape in place of one that was left open."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyml_core.measure.forked import Ended, Told, forked
from tinyml_core.measure.tflite import is_constant
from tinyml_core.uploads.refusal import refused

BUDGET_S = 30.0
"""What all tries of one file get together. A file that needs longer is refused: every measurement would wait for it again."""

MOST_VALUES = 16 * 1024**2


def checked_shape(shape: tuple[int | None, ...], given: list[int]) -> tuple[int, ...]:
    """The answer to what a file leaves open.

    Args:
        shape: As the file states it, without batch axis; None where it is open.
        given: The answer, of the same length.

    Raises:
        Expected: The answer does not fit.
    """
    fits = len(given) == len(shape) and all(
        size > 0 and known in (None, size) for size, known in zip(given, shape, strict=True)
    )
    if not fits or np.prod(given, dtype=np.float64) > MOST_VALUES:
        stated = " × ".join("?" if size is None else str(size) for size in shape)
        raise refused(
            f"The input has the shape {stated}; {' × '.join(map(str, given)) or 'nothing'} does not fill it in.",
            "Give a positive whole number for each size that is left open, and the others as they are.",
        )
    return tuple(given)


@dataclass(frozen=True, slots=True)
class Budget:
    """The time that all tries of one file get together.

    Attributes:
        seconds: All of it.
        until: When it ends, by `time.monotonic()`.
    """

    seconds: float
    until: float

    @property
    def left_s(self) -> float:
        """What is left of it."""
        return max(0.0, self.until - time.monotonic())

    def used_up(self, interpreter: str, stage: str) -> Exception:
        """The refusal of a file that an interpreter was still opening, allocating or executing at the end."""
        return refused(
            f"{interpreter} was still {stage or 'opening'} this file when its {self.seconds:g} seconds were over; all tries of "
            "one file together get no longer, so nothing is measured on it.",
            "Look for a loop in it that never ends, or for an input far larger than a microcontroller takes; mend that where the "
            "model was made, and convert it again.",
        )


def budget(seconds: float = BUDGET_S) -> Budget:
    """A budget that begins now."""
    return Budget(seconds, time.monotonic() + seconds)


def with_fixed_shape(content: bytes, model: Any, at: int, shape: tuple[int, ...], within: Budget) -> bytes:
    """The file with that input's shape fixed, and the shapes of all tensors as LiteRT derives them from it.

    Args:
        content: The file.
        model: The same, parsed; it is changed.
        at: Position of the input among the inputs.
        shape: Without batch axis, which becomes 1.
        within: What is left of the time for the tries of this file.

    Raises:
        Expected: LiteRT cannot execute the file with that shape, or not in time.
    """
    import flatbuffers  # type: ignore[import-untyped]

    ended = forked(lambda tell: _shapes(content, at, [1, *shape], tell), within.left_s)
    if ended.how == "too long":
        raise within.used_up("LiteRT", ended.stage)
    if ended.how != "returned":
        raise refused(
            f"With an input of {' × '.join(map(str, shape))} the file cannot be executed by LiteRT, so its inner shapes "
            "are unknown.",
            "Try another size, or fix the input shape where the model was made and convert it again.",
            ended.words,
        )
    main = model.subgraphs[0]
    if any(0 in ended.value.get(str(index), [0]) for index in main.outputs):
        raise refused(
            f"With an input of {' × '.join(map(str, shape))} the network answers with nothing.", "Try a larger size."
        )
    for index, tensor in enumerate(main.tensors):
        known = ended.value.get(str(index))
        if known is not None and not is_constant(model, tensor):
            tensor.shape, tensor.shapeSignature = np.array(known, dtype=np.int32), None
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _shapes(content: bytes, at: int, shape: list[int], tell: Told) -> dict[str, list[int]]:
    """Shape of each tensor of the main graph after one inference, by index; runs in a fork."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    # Without delegates: these replace operators, and what lies between them then has no shape.
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    ready: Any = Interpreter(model_content=content, num_threads=1, experimental_op_resolver_type=plain)
    ready.resize_tensor_input(ready.get_input_details()[at]["index"], shape)
    tell("allocating")
    ready.allocate_tensors()
    for details in ready.get_input_details():
        ready.set_tensor(details["index"], np.zeros(details["shape"], dtype=details["dtype"]))
    tell("executing")
    ready.invoke()  # some shapes depend on values that are computed
    return {str(found["index"]): [int(size) for size in found["shape"]] for found in ready.get_tensor_details()}


# ---- Tries a stranger's `.tflite` on both interpreters, each in a fork: which of them take it, and how it ends -----


NOT_SOUND = "not a valid Flatbuffer"
"""Words of LiteRT's verifier, which its constructor runs first."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What both interpreters made of a file.

    Attributes:
        litert: True if LiteRT executes it.
        notes: What a person should know, one sentence each.
    """

    litert: bool
    notes: tuple[str, ...] = ()


def tried(content: bytes, within: Budget) -> Trial:
    """Execute a file once on LiteRT; only where that fails on TFLM too, to say how the two differ.

    Args:
        content: The file.
        within: What is left of the time for the tries of this file.

    Raises:
        Expected: LiteRT's verifier finds that the file is broken (TFLM then never sees it), or the time is over.
    """
    ended = forked(lambda tell: _on_litert(content, tell), within.left_s)
    if ended.how == "too long":
        raise within.used_up("LiteRT", ended.stage)
    if NOT_SOUND in ended.words:
        raise refused(
            "This is not a readable .tflite file: LiteRT's verifier finds that its parts do not fit together.",
            "Give the file as the converter wrote it, whole and unchanged.",
            ended.words,
        )
    if ended.how == "returned":
        return Trial(litert=True)
    return Trial(litert=False, notes=(f"{_of_litert(ended)} {_of_tflm(content, within)}",))


def _on_litert(content: bytes, tell: Told) -> None:
    import gc

    import numpy as np
    from ai_edge_litert.interpreter import Interpreter

    tell("opening")
    ready: Any = Interpreter(model_content=content, num_threads=1)
    tell("allocating")
    ready.allocate_tensors()
    tell("executing")
    for details in ready.get_input_details():
        ready.set_tensor(details["index"], np.zeros(details["shape"], dtype=details["dtype"]))
    ready.invoke()
    tell("freeing")
    del ready
    gc.collect()


def _of_litert(ended: Ended) -> str:
    """LiteRT's part of the sentence."""
    if ended.how == "crashed":
        when = {
            "opening": "when it opens it",
            "allocating": "when it allocates its tensors",
            "executing": "when it executes it",
            "freeing": "when it is freed, after a good answer",
        }
        return f"LiteRT crashes on this file {when.get(ended.stage, '')} ({ended.words}), so there is no score and no latency."
    words = " ".join(ended.words.split()).removeprefix("ValueError: ").removeprefix("RuntimeError: ")
    return f"LiteRT refuses this file (“{words[:160]}”), so there is no score and no latency."


def _of_tflm(content: bytes, within: Budget) -> str:
    """TFLM's part of the sentence.

    Raises:
        Expected: The time is over.
    """
    from tinyml_core.measure import tflm

    if not tflm.available():
        return "TFLM cannot be executed on this computer."
    ended = forked(lambda tell: tflm.try_once(content), within.left_s)
    if ended.how == "too long":
        raise within.used_up("TFLM", "executing")
    if ended.how == "returned" and not ended.value:
        return "TFLM runs it: valid for TFLM, not for LiteRT."
    if ended.how == "crashed":
        return f"TFLM crashes on it too ({ended.words})."
    return "TFLM refuses it too."
