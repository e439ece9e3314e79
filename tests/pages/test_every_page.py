"""Whatever pages there are: each runs, each says what it is, and the navigation shows just these."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import frame
from tinyml_core import catalog
from tinyml_core.boards.board import boards
from tinyml_core.compress import techniques

REPOSITORY = Path(__file__).parents[2]
PAGES = frame.page_files()
ASKING = tuple(page for page in PAGES if "ask_question.question(" in page.path.read_text(encoding="utf-8"))
"""Pages with the chooser on top; one where something is brought has none."""
each_page = pytest.mark.parametrize("page", PAGES, ids=[page.slug for page in PAGES])
each_asking_page = pytest.mark.parametrize("page", ASKING, ids=[page.slug for page in ASKING])
Visit = Callable[..., AppTest]


@each_asking_page
def test_a_page_runs_for_the_default_question(page: frame.PageFile, visit: Visit, read: Any) -> None:
    at = visit(page.slug)
    assert read.problems(at) == []
    assert read.notes(at) == []
    assert len(at.header) == 1
    assert {*at.pills(key="after").value, *at.pills(key="during").value} == set(techniques.DEFAULT_TECHNIQUES)
    assert read.charts(at)


@each_asking_page
@pytest.mark.parametrize(
    "model",
    [
        pytest.param(name, marks=() if name in ("digits", "motion_anomaly", "mlperf_kws") else pytest.mark.every)
        for name, model in catalog.models().items()
        if not model.datasets or not catalog.datasets()[model.default_dataset].fetched_files
    ],
)
def test_a_page_runs_for_every_model(page: frame.PageFile, model: str, visit: Visit, read: Any) -> None:
    at = visit(page.slug, model=model, techniques="float32,int8,float16")
    assert read.problems(at) == []
    assert at.selectbox(key="model").value == model
    assert at.pills(key="after").value == ["float32", "int8", "float16"]
    assert read.charts(at)


@each_page
def test_the_docstring_of_a_page_is_its_title_and_its_help(page: frame.PageFile) -> None:
    docstring = ast.get_docstring(ast.parse(page.path.read_text(encoding="utf-8")))
    assert docstring is not None
    assert docstring.startswith(f"{page.title}: {page.help}")
    assert 0 < len(page.title) <= 20
    assert page.help.endswith(".")


def test_pages_stand_in_the_order_of_their_file_names() -> None:
    numbers = [int(page.path.name.split("_")[0]) for page in PAGES]
    assert numbers == sorted(set(numbers))
    assert len({page.slug for page in PAGES}) == len(PAGES)


def test_the_navigation_shows_the_pages_that_exist(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    usual = frame.st.navigation

    def navigation(pages: list[Any], **options: Any) -> Any:
        shown[:] = pages
        return usual(pages, **options)

    monkeypatch.setattr(frame.st, "navigation", navigation)
    visit(techniques="float32")
    assert [page.title for page in shown] == [page.title for page in PAGES]
    assert [page.url_path for page in shown] == ["", *(page.slug for page in PAGES[1:])]  # the first is the front page


def test_a_new_file_is_a_new_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1_first.py").write_text('"""First: it is there."""\n')
    (tmp_path / "2_second.py").write_text('"""Second: so is this."""\n\nraise SystemExit("files are read, not run")\n')
    (tmp_path / "helper.py").write_text('"""No page: it has no number."""\n')
    monkeypatch.setattr(frame, "FOLDER", tmp_path)
    found = frame.page_files.__wrapped__()
    assert [(page.slug, page.title, page.help) for page in found] == [
        ("first", "First", "it is there."),
        ("second", "Second", "so is this."),
    ]


@each_page
def test_a_page_that_is_opened_before_the_app_runs_all_the_same(page: frame.PageFile, desk: object, read: Any) -> None:
    at = AppTest.from_file(str(page.path), default_timeout=120)
    at.query_params["techniques"] = "float32,int8"
    at.run()
    assert read.problems(at) == []
    assert len(at.header) == 1
    if page in ASKING:
        assert at.pills(key="after").value == ["float32", "int8"]


@each_asking_page
def test_without_a_technique_a_page_says_what_to_do(page: frame.PageFile, visit: Visit, read: Any) -> None:
    at = visit(page.slug, techniques="float32")
    at.pills(key="after").set_value([]).run()
    assert read.problems(at) == []
    assert "at least one technique" in at.info[0].value
    assert not at.dataframe


@each_asking_page
def test_without_a_board_a_page_still_answers(page: frame.PageFile, visit: Visit, read: Any) -> None:
    at = visit(page.slug, techniques="float32,int8")
    at.multiselect(key="boards").set_value([]).run()
    assert read.problems(at) == []
    assert "board" in read.words(at).lower()
    assert at.query_params["boards"] in ("", [""])


def test_the_question_follows_from_page_to_page(visit: Visit, turn: Any, read: Any) -> None:
    at = visit(model="sine", techniques="float32,int8", boards=next(iter(boards())), samples="50")
    asked = at.code[0].value.split("?")[1]
    for page in (*PAGES[1:], *PAGES[:1]):
        turn(at, page.slug)
        assert read.problems(at) == []
        if page in ASKING:
            assert at.code[0].value.split("?")[1] == asked


def test_two_visitors_have_questions_of_their_own(visit: Visit) -> None:
    first, second = visit(techniques="float32"), visit(model="sine", techniques="int8")
    first.run()
    assert first.selectbox(key="model").value == "digits"
    assert second.selectbox(key="model").value == "sine"
