"""Tries a stranger's `.tflite` on both interpreters, each in a fork: which of them take it, and how it ends.

Valid files exist that crash LiteRT when it is freed after a good answer, and others that LiteRT refuses while TFLM runs
them. Both are states with words of their own, not failures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tinyml_core.measure.forked import Ended, Told, forked
from tinyml_core.uploads.refusal import refused

LIMIT_S = 20.0
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


def tried(content: bytes) -> Trial:
    """Execute a file once on LiteRT; only where that fails on TFLM too, to say how the two differ.

    Raises:
        Expected: LiteRT's verifier finds that the file is broken; TFLM then never sees it.
    """
    ended = forked(lambda tell: _on_litert(content, tell), LIMIT_S)
    if NOT_SOUND in ended.words:
        raise refused(
            "This is not a readable .tflite file: LiteRT's verifier finds that its parts do not fit together.",
            "Give the file as the converter wrote it, whole and unchanged.",
            ended.words,
        )
    if ended.how == "returned":
        return Trial(litert=True)
    return Trial(litert=False, notes=(f"{_of_litert(ended)} {_of_tflm(content)}",))


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
    if ended.how == "too long":
        return f"LiteRT did not end {ended.stage} it within {LIMIT_S:.0f} seconds, so expect no score and no latency."
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


def _of_tflm(content: bytes) -> str:
    """TFLM's part of the sentence."""
    from tinyml_core.measure import micro

    if not micro.available():
        return "TFLM cannot be executed on this computer."
    ended = forked(lambda tell: micro.try_once(content), LIMIT_S)
    if ended.how == "returned" and not ended.value:
        return "TFLM runs it: valid for TFLM, not for LiteRT."
    if ended.how == "crashed":
        return f"TFLM crashes on it too ({ended.words})."
    if ended.how == "too long":
        return f"TFLM did not end within {LIMIT_S:.0f} seconds either."
    return "TFLM refuses it too."
