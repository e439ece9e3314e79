"""A training that runs can be stopped from the page, unless somebody else waits for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tinyml_core.compress import techniques
from tinyml_core.domain.outcome import was_stopped
from tinyml_core.engine.call import Call, Pool
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.progress import LocalProgress
from tinyml_core.engine.store import NoStore

POOLS: tuple[Pool, ...] = ("tensorflow", "light", "quiet")
Visit = Callable[..., AppTest]
QAT = techniques.technique("qat_int8")
STAGE = techniques.stages()["qat"].title
SHARED = "qat_int8_float_io"
"""Waits for the same training."""
STOPPED = "■ was stopped"


class Training(Executor):
    """Does everything at once but training, which goes on until it is stopped."""

    def __init__(self, worker: Executor) -> None:
        self.worker = worker
        self.running: dict[str, Future[Any]] = {}
        self.begun = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Begin a training, or have anything else done."""
        call: Call = args[0]
        if call.step != "train_on":
            return self.worker.submit(fn, *args, **kwargs)
        self.begun += 1
        self.running[call.fingerprint] = Future()
        return self.running[call.fingerprint]

    def end_what_is_cancelled(self, desk: Desk) -> int:
        """What workers do a moment after the wish; gives how many were ended."""
        cancelled = [name for name in self.running if desk.progress.cancelled(name)]
        for name in cancelled:
            self.running.pop(name).set_result(was_stopped("training", "while training"))
        return len(cancelled)


@pytest.fixture
def training(worker: Any) -> Training:
    """The worker of the desk under test."""
    return Training(worker)


@pytest.fixture
def busy(training: Training, open_with: Callable[[Desk], None], visit: Visit) -> Desk:
    """A desk whose trainings last."""
    desk = Desk(dict.fromkeys(POOLS, training), dict.fromkeys(POOLS, 9), NoStore(), LocalProgress())
    open_with(desk)
    return desk


def stops(at: AppTest) -> list[Any]:
    """The buttons that stop something."""
    return [button for button in at.button if button.label.startswith("Stop")]


def test_while_nothing_trains_there_is_nothing_to_stop(busy: Desk, visit: Visit) -> None:
    assert stops(visit(techniques="float32,int8")) == []


def test_a_training_is_stopped_its_row_says_so_and_it_can_be_tried_again(
    busy: Desk, training: Training, visit: Visit, read: Any
) -> None:
    at = visit(techniques="float32,qat_int8")
    assert [button.label for button in stops(at)] == [f"Stop: {STAGE}"]
    stops(at)[0].click().run()
    assert training.end_what_is_cancelled(busy) == 1
    at.run()
    assert read.problems(at) == []
    assert read.rows(at)[QAT.title]["State"] == STOPPED
    assert f"“{QAT.title}” was stopped." in read.summary(at)
    assert "could not be measured" not in read.summary(at)
    at.selectbox(key="variant").set_value("qat_int8").run()
    assert "It was stopped while training." in at.info[0].value
    assert list(at.error) == []
    assert stops(at) == []
    assert training.begun == 1  # a page that draws itself anew does not begin it again
    next(button for button in at.button if button.label == "Run again what was stopped").click().run()
    assert training.begun == 2
    assert len(stops(at)) == 1


def test_rows_that_share_a_training_share_its_button(busy: Desk, training: Training, visit: Visit, read: Any) -> None:
    at = visit(techniques=f"float32,qat_int8,{SHARED}")
    assert [button.label for button in stops(at)] == [f"Stop: {STAGE}"]
    assert "2 rows wait for it" in stops(at)[0].help
    stops(at)[0].click().run()
    training.end_what_is_cancelled(busy)
    at.run()
    for name in ("qat_int8", SHARED):
        assert read.rows(at)[techniques.technique(name).title]["State"] == STOPPED
    assert read.rows(at)["float32"]["State"].startswith("measured")


def test_what_somebody_else_waits_for_goes_on_for_them(
    busy: Desk, training: Training, visit: Visit, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinyml_core.engine.desk.INTEREST_S", 600.0)  # however slow this machine draws a page
    visit(techniques="float32,qat_int8")
    at = visit(techniques="int8,qat_int8")
    stops(at)[0].click().run()
    assert training.end_what_is_cancelled(busy) == 0
    assert [toast.value for toast in at.toast] == [f"Somebody else waits for “{STAGE}” too, so it goes on for them."]
    assert read.rows(at)[QAT.title]["State"].startswith("…")


def test_trainings_that_wait_can_be_stopped_with_those_that_run(
    training: Training, open_with: Callable[[Desk], None], visit: Visit, read: Any
) -> None:
    slots: dict[Pool, int] = {"tensorflow": 1, "light": 9, "quiet": 9}
    desk = Desk(dict.fromkeys(POOLS, training), slots, NoStore(), LocalProgress())
    open_with(desk)
    visit(techniques="qat_int8", epochs="3")  # takes the only slot
    at = visit(techniques="float32,qat_int8")
    assert [button.label for button in stops(at)] == [f"Stop: {STAGE}"]
    stops(at)[0].click().run()
    assert read.problems(at) == []
    assert read.rows(at)[QAT.title]["State"] == STOPPED
