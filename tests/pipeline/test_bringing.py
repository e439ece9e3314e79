"""From a stranger's bytes to a model that every part of the lab knows: through real isolated workers."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tinyml_core import catalog
from tinyml_core.catalog import usual_techniques
from tinyml_core.compare.columns import training_notes
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import question_of
from tinyml_core.compare.record import variant_record
from tinyml_core.domain.brought import BroughtModel, ModelFacts
from tinyml_core.domain.outcome import Failure, Score, Similarity
from tinyml_core.domain.technique import UNCHANGED
from tinyml_core.pipeline.bringing import DataChoices, Read, Upload, ask_data, ask_model, keep, upload_of
from tinyml_core.pipeline.run import ComparisonRun
from tinyml_core.uploads.library import Library
from tinyml_core.zoo.weights import float32_path

if TYPE_CHECKING:
    from tests.conftest import Lab

PATIENCE_S = 300
FLOAT32 = float32_path(catalog.model("digits")).read_bytes()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.setenv("TINYML_UPLOADS", str(tmp_path / "uploads"))
    return Library()


def uploaded(name: str, content: bytes) -> Upload:
    found = upload_of(name, content)
    assert isinstance(found, Upload)
    return found


def read_model(lab: Lab, content: bytes, name: str = "mine.tflite") -> Read[ModelFacts]:
    found = ask_model(lab.desk, uploaded(name, content)).result(PATIENCE_S)
    assert isinstance(found, Read), found
    return found


def digits_npz(lab: Lab) -> bytes:
    arrays = lab.arrays("digits")
    held = arrays.test
    packed = io.BytesIO()
    np.savez(packed, x=(arrays.x[held] * arrays.x_scale).astype(np.float32), y=arrays.y[held])
    return packed.getvalue()


@pytest.fixture
def with_data(lab: Lab, library: Library) -> BroughtModel:
    """The zoo's float32 digits as if a stranger had brought it, with held-out digits as data."""
    model = read_model(lab, FLOAT32)
    chosen = DataChoices(test_percent=50)
    data = ask_data(lab.desk, uploaded("mine.npz", digits_npz(lab)), model.facts, (8, 8, 1), chosen).result(PATIENCE_S)
    assert isinstance(data, Read), data
    return keep(library, model, (8, 8, 1), data, chosen)


def compared(lab: Lab, name: str, *techniques: str) -> Comparison:
    question, sentences = question_of(name, techniques or None)
    assert question is not None and not sentences
    return ComparisonRun(lab.desk, question, latency=False).wait()


def rows(comparison: Comparison) -> dict[str, Row]:
    return {row.technique.name: row for row in comparison.rows}


def test_a_float32_tflite_gets_the_second_quantizers_techniques(lab: Lab, with_data: BroughtModel) -> None:
    found = rows(compared(lab, with_data.name, "float32", "lq_int8", "int8"))
    assert found["float32"].score is not None and found["float32"].score.value > 0.9
    assert found["lq_int8"].smaller_factor is not None and found["lq_int8"].smaller_factor > 2
    refused = found["int8"].outcome
    assert isinstance(refused, Failure) and "this is a .tflite" in refused.reason


def test_its_score_is_the_zoo_models_on_the_same_samples(lab: Lab, with_data: BroughtModel) -> None:
    brought = rows(compared(lab, with_data.name, "float32"))["float32"]
    zoo = lab.measured("digits", "float32").score
    arrays = lab.arrays("digits")
    dataset = catalog.dataset(with_data.dataset)
    assert not isinstance(zoo, Failure) and zoo is not None and brought.score is not None
    assert brought.score.samples == dataset.samples_test == len(arrays.test) // 2
    # The zoo's answers on all held-out samples, counted on those that were held out of them here.
    from tinyml_core.domain.dataset import unpack

    blob = Library().blob(dataset.brought, "arrays") if dataset.brought else None
    assert blob is not None
    mine = unpack(blob.read())
    known = {row.tobytes(): right for row, right in zip(
        (arrays.x[arrays.test] * arrays.x_scale).astype(np.float32), zoo.errors, strict=True
    )}  # fmt: skip
    wrong = sum(known[(mine.x[index] * mine.x_scale).astype(np.float32).tobytes()] for index in mine.test)
    assert brought.score.value == pytest.approx(1 - wrong / len(mine.test))


def test_everything_made_of_it_is_opened_by_isolated_workers_alone(
    lab: Lab, with_data: BroughtModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = lab.forgetful()
    opened: list[str] = []
    for executor in set(desk.executors.values()):
        original = executor.submit

        def submit(fn: Callable[..., object], call: object, original: Callable[..., object] = original) -> object:
            opened.append(getattr(call, "step", ""))
            return original(fn, call)

        monkeypatch.setattr(executor, "submit", submit)
    question, _ = question_of(with_data.name, ["float32", "lq_int8"])
    assert question is not None
    comparison = ComparisonRun(desk, question, latency=False).wait()
    assert all(row.measured for row in comparison.rows)
    assert not opened or desk.isolated is desk.executors, opened


def test_an_integer_tflite_is_measured_as_it_is_and_nothing_else_is_offered(lab: Lab, library: Library) -> None:
    card = keep(library, read_model(lab, lab.tflite("digits", "int8")), (8, 8, 1))
    assert usual_techniques(card.name) == (UNCHANGED,)
    (row,) = compared(lab, card.name).rows
    assert row.measured is not None and row.measured.micro.status == "runs"
    assert row.smaller_factor is None and row.score is None
    refused = rows(compared(lab, card.name, "lq_int8"))["lq_int8"].outcome
    assert isinstance(refused, Failure) and "only be measured as it is" in refused.reason


def test_without_data_variants_are_compared_on_made_up_inputs_and_that_is_said(lab: Lab, library: Library) -> None:
    card = keep(library, read_model(lab, FLOAT32), (8, 8, 1))
    found = rows(compared(lab, card.name, "float32", "lq_int8", "lq_w4"))
    eight, four = found["lq_int8"].similarity, found["lq_w4"].similarity
    assert isinstance(eight, Similarity) and isinstance(four, Similarity)
    assert eight.synthetic and "made-up inputs" in eight.text
    assert eight.changed is not None and four.changed is not None and eight.changed < four.changed
    assert eight.largest_difference > 0
    assert found["float32"].similarity is None and found["lq_int8"].score is None
    assert found["lq_int8"].fits


def test_what_tflm_computes_wrongly_is_never_recommended(lab: Lab, with_data: BroughtModel) -> None:
    found = rows(compared(lab, with_data.name, "float32", "lq_w8"))
    assert [warned.code for warned in found["lq_w8"].warnings].count("weights_dequantized") == 1
    assert found["float32"].picked and not found["lq_w8"].picked


def test_data_without_labels_calibrate_but_are_not_scored(lab: Lab, library: Library) -> None:
    model = read_model(lab, FLOAT32)
    packed = io.BytesIO()
    arrays = lab.arrays("digits")
    np.save(packed, (arrays.x[:200] * arrays.x_scale).astype(np.float32))
    data = ask_data(lab.desk, uploaded("x.npy", packed.getvalue()), model.facts, (8, 8, 1), DataChoices()).result(
        PATIENCE_S
    )
    assert isinstance(data, Read), data
    card = keep(library, model, (8, 8, 1), data)
    found = rows(compared(lab, card.name, "float32", "lq_int8"))["lq_int8"]
    assert found.score is None
    assert isinstance(found.similarity, Similarity) and not found.similarity.synthetic
    assert found.similarity.samples == data.facts.samples_test


def test_the_same_file_gets_the_same_name_and_other_data_another(
    lab: Lab, library: Library, with_data: BroughtModel
) -> None:
    alone = keep(library, read_model(lab, FLOAT32), (8, 8, 1))
    again = keep(library, read_model(lab, FLOAT32, "another_name.tflite"), (8, 8, 1))
    assert alone.name == again.name != with_data.name


def test_what_was_forgotten_is_told_and_costs_no_exception(lab: Lab, library: Library) -> None:
    card = keep(library, read_model(lab, FLOAT32), (8, 8, 1))
    question, _ = question_of(card.name, ["float32"])
    assert question is not None
    library.forget(card.name)
    assert not catalog.is_model(card.name)
    none, sentences = question_of(card.name)
    assert none is None and "has been removed" in sentences[0]


def keras_model_with(kind: str, path: Path) -> bytes:
    """A Keras file for digits with a layer that quantization-aware training does not know."""
    from tf_keras import Sequential, layers

    first = [layers.Rescaling(1 / 2, name="rescaling")] if kind == "rescaling" else []
    inside = [layers.LayerNormalization(name="layer_normalization")] if kind == "layer_normalization" else []
    hidden = layers.Dense(16, activation="relu")
    model = Sequential([layers.InputLayer((8, 8, 1)), *first, layers.Flatten(), hidden, *inside, layers.Dense(10)])
    model.save(path)
    return path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rescaling", "layer_normalization"])
def test_a_layer_that_cannot_be_wrapped_costs_no_training_and_is_named_on_the_row(
    kind: str, lab: Lab, library: Library, tmp_path: Path
) -> None:
    model = read_model(lab, keras_model_with(kind, tmp_path / "mine.keras"), "mine.keras")
    chosen = DataChoices(test_percent=50)
    data = ask_data(lab.desk, uploaded("mine.npz", digits_npz(lab)), model.facts, (8, 8, 1), chosen).result(PATIENCE_S)
    assert isinstance(data, Read), data
    card = keep(library, model, (8, 8, 1), data, chosen)
    found = rows(compared(lab, card.name, "qat_int8", "prune50_int8", "cluster8_int8"))
    for row in found.values():
        assert row.measured is not None, row.outcome
        assert isinstance(row.measured.score, Score), row.measured.score
    assert [word for word in training_notes(found["qat_int8"]) if f"{kind} (" in word], found["qat_int8"].measured
    notes = variant_record(found["qat_int8"])["training"]["notes"]
    assert len(notes) == 1 and f"{kind} (" in notes[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.tflite", b""),
        ("noise.tflite", bytes(range(256)) * 40),
        ("cut.tflite", FLOAT32[:5000]),
        ("text.keras", b"hello"),
    ],
)
def test_a_file_that_is_no_model_costs_one_sentence(lab: Lab, name: str, content: bytes) -> None:
    upload = upload_of(name, content)
    found = upload if isinstance(upload, Failure) else ask_model(lab.desk, upload).result(PATIENCE_S)
    assert isinstance(found, Failure)
    assert found.reason.endswith(".") and found.advice


def test_a_worker_that_was_taken_over_can_answer_what_it_likes_and_is_not_believed(lab: Lab) -> None:
    from tinyml_core.engine.call import Answer
    from tinyml_core.pipeline.bringing import _read

    upload = uploaded("mine.tflite", FLOAT32)
    for body in ({}, {"kind": "exe"}, [], None, {"kind": "tflite", "inputs": "x" * 1000}):
        assert isinstance(_read(Answer(body, {}), upload, ModelFacts), Failure)  # type: ignore[arg-type]


def test_a_files_name_is_cut_and_cleaned_before_it_is_shown() -> None:
    upload = uploaded("../../<script>alert(1)</script>\\evil`name`.tflite", b"x")
    assert upload.title == "evilname.tflite"
    assert len(replace(upload, name="a" * 500).title) <= 48
    assert replace(upload, name="my_model_v2.tflite").title == "my_model_v2.tflite"
