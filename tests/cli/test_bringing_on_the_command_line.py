"""Options of a model of one's own: what would do nothing is said, and no file is read for it."""

from __future__ import annotations

import argparse
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tinyml_core.cli import bring
from tinyml_core.domain.brought import DataFacts, ModelFacts, Port
from tinyml_core.engine.futures import done
from tinyml_core.pipeline.bringing import Read, Upload

PORT = Port("x", (4,), "float32")
DATA = DataFacts("npz", 9, (4,), "float32", 0.0, 1.0, "none", 6, 3, "as the file has them", own_split=True)


def brought(monkeypatch: pytest.MonkeyPatch, folder: Path, inputs: int, *words: str) -> list[str]:
    """What is told while a model with so many inputs is brought; its file and its data are there if the folder has them."""
    told: list[str] = []

    def asked(desk: object, upload: Upload, *more: object) -> Future[Any]:
        facts = ModelFacts("tflite", (PORT,) * inputs, (PORT,), 10, "")
        return done(Read(upload, DATA if upload.name == "data.npz" else facts, {}))

    for step in ("ask_model", "ask_data"):
        monkeypatch.setattr(bring, step, asked)
    monkeypatch.setattr(bring, "keep", lambda *given: SimpleNamespace(name="my-0123456789abcdef"))
    monkeypatch.setattr(bring.options, "tell", told.append)
    (folder / "mine.tflite").write_bytes(b"x")
    parser = argparse.ArgumentParser()
    bring.add(parser)
    chosen = parser.parse_args(["--data", str(folder / "data.npz"), *words])
    chosen.model, chosen.seed = str(folder / "mine.tflite"), 1
    bring.check_options(chosen, True)
    bring.bring(None, chosen)  # type: ignore[arg-type]
    return told


def test_data_are_not_even_read_for_a_model_with_two_inputs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not (tmp_path / "data.npz").exists()
    assert brought(monkeypatch, tmp_path, 2) == ["tinyml: --data is not used."]


@pytest.mark.parametrize(("words", "lines"), [(("--test-percent", "40"), 1), ((), 0)])
def test_a_share_that_has_no_effect_is_told(
    words: tuple[str, ...], lines: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data.npz").write_bytes(b"x")
    told = brought(monkeypatch, tmp_path, 1, *words)
    assert len(told) == lines
    assert all("no effect" in line for line in told)
