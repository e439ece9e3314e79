"""The pages without a browser: Streamlit's AppTest before a desk that answers at once.

Real workers measure a few variants once for the whole run. The pages then ask a desk whose only worker repeats those
answers before `submit` returns, notes what it was asked, and can be told to fail. Nothing native runs in the tests' process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from tinyml_core import catalog
from tinyml_core.compare.question import question_of
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Answer, Call, Pool, Reply
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.progress import LocalProgress
from tinyml_core.engine.store import NoStore, Store
from tinyml_core.pipeline.run import ComparisonRun

if TYPE_CHECKING:
    from tests.conftest import Lab

REPOSITORY = Path(__file__).parents[2]
# `streamlit run app.py` puts the folder of app.py there.
if str(REPOSITORY) not in sys.path:
    sys.path.insert(0, str(REPOSITORY))

PATIENCE_S = 500
FEW = ("float32", "int8", "float16")
POOLS: tuple[Pool, ...] = ("tensorflow", "light", "quiet", "network")


class Foreman(Executor):
    """Has each call done by the run's real workers and waits for it; what they did before is only repeated.

    Attributes:
        asked: Every call it was given.
        fails: What it answers instead, decided by the call; None for the workers' answer.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.asked: list[Call] = []
        self.fails: Callable[[Call], Failure | None] = lambda call: None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Done before this returns."""
        call: Call = args[0]
        self.asked.append(call)
        future: Future[Reply] = Future()
        if call.step == "warm_up":
            future.set_result(Answer({}))  # every test would wait for it
        else:
            future.set_result(self.fails(call) or self.lab.desk.ask(call).result(PATIENCE_S))
        return future

    def steps(self) -> list[tuple[str, str]]:
        """Step and title of every call it was given."""
        return [(call.step, call.title) for call in self.asked]


def desk_before(worker: Executor, store: Store) -> Desk:
    """A desk with one worker for everything."""
    return Desk(dict.fromkeys(POOLS, worker), dict.fromkeys(POOLS, 1), store, LocalProgress())


@pytest.fixture(scope="session")
def answers(lab: Lab) -> None:
    """Real workers answer the questions that these tests ask, side by side."""
    for model in (*(name for name, member in catalog.models().items() if member.datasets), "mlperf_kws"):
        question, _ = question_of(model, None if model == catalog.DEFAULT_MODEL else FEW)
        assert question is not None
        asked = ComparisonRun(lab.desk, question)
        asked.compare_policies()
        asked.wait()


@pytest.fixture
def worker(lab: Lab, answers: None) -> Foreman:
    """The one worker of the desk under test."""
    return Foreman(lab)


@pytest.fixture
def open_with(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Desk], None]]:
    """Gives the pages a desk of one's own in place of one with worker processes."""
    from pages.shared import lab

    lab.desk.clear()

    def use(desk: Desk) -> None:
        lab.desk.clear()
        monkeypatch.setattr(lab, "open_desk", lambda: desk)

    yield use
    lab.desk.clear()


@pytest.fixture
def desk(worker: Foreman, open_with: Callable[[Desk], None]) -> Desk:
    """A desk that knows nothing yet and whose worker answers at once; the pages use it."""
    desk = desk_before(worker, NoStore())
    open_with(desk)
    return desk


@pytest.fixture
def turn() -> Callable[[AppTest, str], AppTest]:
    """Turns to another page, as the navigation does."""
    from pages.shared import frame

    def to(at: AppTest, slug: str) -> AppTest:
        path = next(page.path for page in frame.page_files() if page.slug == slug)
        at.switch_page(str(path.relative_to(REPOSITORY))).run()
        # AppTest hands the widgets of the old page to the new one, which loses the pills of this one run. A browser
        # does not (tests/browser turns pages for real).
        return at.run()

    return to


@pytest.fixture
def visit(desk: Desk, turn: Callable[[AppTest, str], AppTest]) -> Callable[..., AppTest]:
    """Opens the app at an address: the name of a page, and the parameters of the link."""
    from pages.shared import frame

    def go(slug: str | None = None, **link: str) -> AppTest:
        at = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=120)
        for name, value in link.items():
            at.query_params[name] = value
        at.run()
        return at if slug in (None, frame.page_files()[0].slug) else turn(at, slug)

    return go


class Reader:
    """Reads a page as a person does."""

    @staticmethod
    def words(at: AppTest) -> str:
        """All words of the page outside tables and charts."""
        parts = [*at.markdown, *at.caption, *at.header, *at.subheader, *at.info, *at.warning, *at.error, *at.code]
        return "\n".join(str(part.value) for part in parts)

    @staticmethod
    def rows(at: AppTest) -> dict[str, dict[str, Any]]:
        """The rows of the comparison by title, without the star of the recommended one."""
        cells = at.dataframe[0].value.to_dict("records")
        return {row["Technique"].removeprefix("★ "): row for row in cells}

    @staticmethod
    def summary(at: AppTest) -> str:
        """The sentence above the table; empty if there is none."""
        heads = [str(part.value) for part in at.markdown if str(part.value).startswith("#### ")]
        return heads[0].removeprefix("#### ") if heads else ""

    @staticmethod
    def notes(at: AppTest) -> list[str]:
        """What the page says about the link, as Markdown."""
        return [note for box in at.warning if box.icon == ":material/link_off:" for note in box.value.split("\n\n")]

    @staticmethod
    def charts(at: AppTest) -> int:
        """How many charts are drawn."""
        return len(at.get("arrow_vega_lite_chart")) + len(at.get("vega_lite_chart"))

    @staticmethod
    def problems(at: AppTest) -> list[str]:
        """Exceptions that the page shows."""
        return [str(part.message) for part in at.exception]


@pytest.fixture
def read() -> Reader:
    """Ways to read a page."""
    return Reader()
