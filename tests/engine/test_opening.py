"""Opening a desk: workers suited to the machine, and TensorFlow loaded ahead where that helps."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tinyml_core import lab
from tinyml_core.engine.call import Call
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.store import Store


def steps_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    def ask(call: Call, asker: str = "") -> Future[Any]:
        asked.append(call.step)
        return Future()

    monkeypatch.setattr(desk, "ask", ask)
    lab.warm_up(desk)
    return asked


def test_every_worker_that_needs_tensorflow_is_warmed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = lab.open_desk(Store(tmp_path))
    assert steps_asked(desk, monkeypatch) == ["warm_up"] * desk.slots["tensorflow"]
    desk.close()


def test_an_inline_desk_has_nothing_to_warm_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert steps_asked(lab.open_inline_desk(Store(tmp_path)), monkeypatch) == []


def test_scoring_never_queues_behind_tensorflow(tmp_path: Path) -> None:
    desk = lab.open_desk(Store(tmp_path))
    assert desk.executors["light"] is not desk.executors["tensorflow"]
    assert desk.executors["quiet"] is desk.executors["light"]
    desk.close()
