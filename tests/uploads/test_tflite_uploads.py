"""Claims about a `.tflite` that somebody brings: what cannot be is refused in words, what can is described and tried."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

import tinyml_core
from tests import small_tflite
from tests.small_tflite import packed
from tinyml_core.domain.brought import ModelFacts
from tinyml_core.engine.call import Expected
from tinyml_core.measure import tflm
from tinyml_core.measure.forked import Ended, forked
from tinyml_core.uploads.tflite import trial
from tinyml_core.uploads.tflite.checks import checked
from tinyml_core.uploads.tflite.read import read_tflite

SHIPPED = sorted((Path(tinyml_core.__file__).parent / "zoo" / "models").glob("*.tflite"))
ON_TFLM = pytest.mark.skipif(not tflm.available(), reason="the tflite-micro package has no wheel for this machine")


def read(content: bytes, input_shape: list[int] | None = None) -> tuple[ModelFacts, dict[str, bytes]]:
    return read_tflite(content, "mine.tflite", input_shape, lambda stage: None)


def refusal(content: bytes, input_shape: list[int] | None = None) -> str:
    with pytest.raises(Expected) as caught:
        read(content, input_shape)
    assert caught.value.failure.lasting and caught.value.failure.advice
    return caught.value.failure.reason


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_files_of_the_zoo_are_sound(path: Path) -> None:
    facts, made = read(path.read_bytes())
    assert made == {"tflite": path.read_bytes()}
    assert facts.float_weights and facts.parameters > 100 and facts.open_shape is None and not facts.notes


def test_real_ranges_follow_from_scale_and_zero_point() -> None:
    facts, _ = read(packed(small_tflite.fully_connected()))
    (port,) = facts.inputs
    assert (port.shape, port.dtype, port.low, port.high) == ((4,), "int8", -64.0, 63.5)
    assert not facts.float_weights and facts.parameters == 10 and facts.last_activation == "other"


def set_item(*path: Any) -> Callable[[Any], None]:
    """A change: walks attributes and indices, and sets the last but one to the last."""

    def change(model: Any) -> None:
        *steps, last, value = path
        for step in steps:
            model = model[step] if isinstance(step, int) else getattr(model, step)
        setattr(model, last, value)

    return change


GRAPH = ("subgraphs", 0)
WEIGHTS = (*GRAPH, "tensors", 1)
OPERATOR = (*GRAPH, "operators", 0)


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_item(*WEIGHTS, "buffer", 99), "inner structure is broken."),
        (set_item(*WEIGHTS, "shape", ints(2, 5)), "holds 8 bytes, but its shape and type take 10"),
        (set_item(*WEIGHTS, "shape", ints(-2, -4)), "impossible shape"),
        (set_item(*WEIGHTS, "shape", ints(*[1] * 12)), "impossible shape"),
        (set_item(*GRAPH, "tensors", 0, "shape", ints(1, 2**30)), "takes 1,024 MB"),
        (set_item(*WEIGHTS, "type", 77), "unknown type"),
        (set_item(*WEIGHTS, "shapeSignature", ints(-7, 4)), "two shapes"),
        (set_item(*WEIGHTS, "quantization", small_tflite.quantization(3)), "3 scales, which fit none"),
        (set_item(*WEIGHTS, "quantization", "zeroPoint", np.zeros(1, np.int64)), "2 scales and 1 zero points"),
        (set_item(*WEIGHTS, "quantization", "scale", np.full(2, np.nan, np.float32)), "no positive number"),
        (set_item(*WEIGHTS, "quantization", "zeroPoint", np.full(2, 2**40)), "no tensor can store"),
        (set_item(*OPERATOR, "inputs", ints(0, 1, 44)), "reads tensor 44"),
        (set_item(*OPERATOR, "outputs", ints(-1)), "writes tensor -1"),
        (set_item(*OPERATOR, "opcodeIndex", 5), "is of kind 5"),
        (set_item(*GRAPH, "inputs", ints(-1)), "has the input -1"),
        (set_item(*GRAPH, "outputs", ints(4)), "has the output 4"),
        (set_item(*GRAPH, "inputs", ints()), "no inputs"),
        (set_item(*GRAPH, "operators", [small_tflite.calling(3)]), "calls graph 3"),
        (set_item(*GRAPH, "operators", [small_tflite.calling(0)]), "in a circle"),
        (set_item("metadataBuffer", ints(9)), "metadata names buffer 9"),
    ],
)
def test_what_cannot_be_is_refused_in_words(change: Callable[[Any], None], words: str) -> None:
    model = small_tflite.fully_connected()
    change(model)
    assert words in refusal(packed(model))


def test_weights_in_another_file_are_refused() -> None:
    model = small_tflite.fully_connected()
    group = schema.ExternalBufferGroupT()
    group.name = b"/etc/passwd"
    model.externalBufferGroups = [group]
    assert "another file" in refusal(packed(model))


def test_a_sparse_index_is_walked() -> None:
    assert checked(packed(small_tflite.sparse()))
    levels = (*WEIGHTS, "sparsity", "dimMetadata")
    for change in (
        set_item(*levels, 1, "arrayIndices", "values", np.array([0, 2, 1, 9], np.uint8)),
        set_item(*levels, 1, "arraySegments", "values", np.array([0, 9, 4], np.uint8)),
        set_item(*levels, 0, "denseSize", 3),
        set_item(*WEIGHTS, "sparsity", "traversalOrder", ints(0, 0)),
        set_item(*WEIGHTS, "sparsity", "blockMap", ints(7)),
    ):
        model = small_tflite.sparse()
        change(model)
        assert "leads out of its shape" in refusal(packed(model))


def test_one_part_listed_a_million_times_is_refused_before_it_is_read() -> None:
    content = bytearray(packed(small_tflite.fully_connected()))
    # The vector of subgraphs is given a length that the file cannot hold; its first entries are what follows it.
    table = schema.Model.GetRootAs(content, 0)
    at = table._tab.Vector(table._tab.Offset(8)) - 4
    content[at : at + 4] = (10**9).to_bytes(4, "little")
    assert "tensors and operators" in refusal(bytes(content)) or "broken" in refusal(bytes(content))


@ON_TFLM
def test_a_file_that_only_tflm_runs_has_words_of_its_own() -> None:
    model = small_tflite.fully_connected()
    model.subgraphs[0].tensors[2].quantization.quantizedDimension = 3
    facts, made = read(packed(model))
    (note,) = facts.notes
    assert "LiteRT refuses" in note and "valid for TFLM, not for LiteRT" in note
    assert made["tflite"]


@ON_TFLM
def test_a_crash_of_litert_when_it_is_freed_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(content: bytes, tell: Callable[[str], None]) -> None:
        tell("freeing")
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(trial, "_on_litert", crash)
    facts, made = read(packed(small_tflite.fully_connected()))
    assert facts.notes == (
        "LiteRT crashes on this file when it is freed, after a good answer (SIGKILL), so there is no score and no "
        "latency. TFLM runs it: valid for TFLM, not for LiteRT.",
    )
    assert made["tflite"]


ONE_S, GENEROUS_S = 1.0, 20.0


@pytest.mark.parametrize("answer", [None, [1]], ids=["whole", "with an open shape"])
def test_a_loop_that_never_ends_is_refused_within_one_budget(answer: list[int] | None) -> None:
    model = small_tflite.endless()
    if answer is not None:
        model.subgraphs[0].tensors[0].shapeSignature = ints(-1, -1)
    told: list[str] = []
    start = time.monotonic()
    with pytest.raises(Expected, match="one file together") as caught:
        read_tflite(packed(model), "mine.tflite", answer, told.append, budget_s=ONE_S)
    assert time.monotonic() - start < GENEROUS_S
    failure = caught.value.failure
    assert failure.reason.startswith("LiteRT was still executing this file when its 1 seconds were over")
    assert "never ends" in failure.advice and failure.lasting
    assert told[-1] == "trying the file, 1 seconds at most"


@ON_TFLM
def test_what_litert_leaves_of_the_budget_is_all_that_tflm_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    limits_s: list[float] = []

    def noted(work: Callable[[Callable[[str], None]], Any], limit_s: float) -> Ended:
        limits_s.append(limit_s)
        return forked(work, limit_s)

    def refuses_late(content: bytes, tell: Callable[[str], None]) -> None:
        time.sleep(0.7)
        raise RuntimeError("no")

    monkeypatch.setattr(trial, "forked", noted)
    monkeypatch.setattr(trial, "_on_litert", refuses_late)
    monkeypatch.setattr(tflm, "try_once", lambda content: time.sleep(60) or "")
    with pytest.raises(Expected) as caught:
        read_tflite(packed(small_tflite.fully_connected()), "mine.tflite", None, lambda stage: None, budget_s=ONE_S)
    assert caught.value.failure.reason.startswith("TFLM was still executing")
    on_litert, on_tflm = limits_s
    assert on_litert <= ONE_S and on_tflm <= 0.3


def open_model() -> bytes:
    model = small_tflite.fully_connected()
    model.subgraphs[0].tensors[0].shapeSignature = ints(-1, -1)
    return packed(model)


def test_an_open_shape_is_asked_for_and_filled_in() -> None:
    facts, made = read(open_model())
    assert facts.open_shape == (None,) and made == {}
    facts, made = read(open_model(), [4])
    assert facts.open_shape is None and facts.inputs[0].shape == (4,)
    assert checked(made["tflite"]).subgraphs[0].tensors[0].shapeSignature is None


@pytest.mark.parametrize("answer", [[], [4, 4], [0], [-1], [10**9]])
def test_an_answer_that_does_not_fit_is_one_sentence(answer: list[int]) -> None:
    assert "does not fill it in" in refusal(open_model(), answer)


def test_an_answer_that_cannot_be_executed_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "answers with nothing" in refusal(open_model(), [3])  # less than one row of the matrix takes
    monkeypatch.setattr(trial, "_shapes", lambda *given: 1 / 0)
    assert "cannot be executed" in refusal(open_model(), [4])


def test_an_open_batch_size_is_not_asked_for() -> None:
    model = small_tflite.fully_connected()
    model.subgraphs[0].tensors[0].shapeSignature = ints(-1, 4)
    assert read(packed(model))[0].open_shape is None
