"""What a model needs before it can be measured: the page offers it, shows how far it is, and says why it failed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import POOLS, REPOSITORY, desk_before
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Call, Reply
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.store import NoStore

BUTTON = "Fetch it (218.2 MB)"


class Slow(Executor):
    """Keeps what it is given until the test ends it."""

    def __init__(self) -> None:
        self.given: dict[str, tuple[Call, Future[Reply]]] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Not done before somebody sets its result."""
        future: Future[Any] = Future()
        self.given[args[0].step] = (args[0], future)
        return future


@pytest.fixture
def worker(open_with: Callable[[Desk], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slow:
    """The one worker of the desk of the page; nothing was fetched or trained on this computer."""
    monkeypatch.setenv("TINYML_DATA", str(tmp_path))
    slow = Slow()
    open_with(desk_before(slow, NoStore()))
    assert "network" in POOLS
    return slow


def visit() -> AppTest:
    at = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=120)
    at.query_params["model"] = "flowers"
    return at.run()


def press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def test_a_model_that_needs_a_download_offers_it_and_measures_nothing(worker: Slow) -> None:
    at = visit()
    assert not at.exception
    assert BUTTON in labels(at)
    assert any("is not on this computer yet" in info.value for info in at.info)
    assert worker.given.keys() <= {"warm_up"}


def test_a_download_is_seen_by_everybody_and_survives_a_rerun(worker: Slow) -> None:
    first = press(visit(), BUTTON)
    call, _ = worker.given["fetch"]
    from pages.shared import lab

    lab.desk().progress.report(call.fingerprint, "fetching flower_photos.tgz, 34 of 218 MB")
    for at in (first.run(), visit()):
        assert not at.exception
        assert BUTTON not in labels(at)
        assert "Stop" in labels(at)
        assert any("34 of 218 MB" in part.value for part in at.markdown)


def test_a_download_that_failed_says_why_and_can_be_asked_for_again(worker: Slow) -> None:
    at = press(visit(), BUTTON)
    _, future = worker.given.pop("fetch")
    future.set_result(Failure("fetching", "There is no room for it on the disk.", "Free some."))
    at.run()
    assert not at.exception
    assert any("There is no room for it on the disk" in box.value for box in at.error)
    press(at, BUTTON)
    assert "fetch" in worker.given
