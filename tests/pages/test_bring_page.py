"""The page that brings a model, with AppTest: from the file to the table, and every way it can go wrong."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tinyml_core import catalog
from tinyml_core.uploads.library import Library
from tinyml_core.zoo.weights import float32_path

if TYPE_CHECKING:
    from tests.conftest import Lab
    from tests.pages.conftest import Reader

FLOAT32 = float32_path(catalog.model("digits")).read_bytes()


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library of this test's own."""
    monkeypatch.setenv("TINYML_UPLOADS", str(tmp_path / "uploads"))
    return Library()


def bring(at: AppTest, key: str, name: str, content: bytes) -> AppTest:
    at.file_uploader(key=key).set_value((name, content, "application/octet-stream")).run()
    return at


def button(at: AppTest, label: str) -> object:
    return next(one for one in at.button if one.label == label)


def digits_npz(lab: Lab) -> bytes:
    arrays, packed = lab.arrays("digits"), io.BytesIO()
    held = arrays.test
    np.savez(packed, x=(arrays.x[held] * arrays.x_scale * 255).round().astype(np.uint8)[..., 0], y=arrays.y[held])
    return packed.getvalue()


def test_the_page_says_how_files_are_opened_and_what_becomes_of_them(
    visit: Callable[..., AppTest], read: Reader
) -> None:
    words = read.words(visit("bring_your_own"))
    assert "processes of their own" in words
    assert "removed when nobody has used it" in words


def test_a_model_is_described_before_anything_is_asked_of_it(visit: Callable[..., AppTest], read: Reader) -> None:
    at = bring(visit("bring_your_own"), "brought_model", "mine.tflite", FLOAT32)
    assert not at.exception
    words = read.words(at)
    assert "**mine" in words and "25,730 parameters" in words
    assert "Without data nothing can be scored" in words


def test_what_does_not_fit_is_mended_with_one_click_each_and_can_be_undone(
    visit: Callable[..., AppTest], lab: Lab, read: Reader
) -> None:
    at = bring(visit("bring_your_own"), "brought_model", "mine.tflite", FLOAT32)
    at = bring(at, "brought_data", "mine.npz", digits_npz(lab))
    assert button(at, "Measure it").disabled  # type: ignore[attr-defined]
    cures = [one for one in at.button if (one.key or "").startswith("cure_")]
    assert cures
    next(one for one in cures if "channel" in (one.key or "")).click().run()
    assert not button(at, "Measure it").disabled  # type: ignore[attr-defined]
    at.button(key="uncure").click().run()
    assert button(at, "Measure it").disabled  # type: ignore[attr-defined]


def test_measuring_puts_it_on_the_shelf_and_turns_to_the_comparison(
    visit: Callable[..., AppTest], uploads: Library, read: Reader
) -> None:
    at = bring(visit("bring_your_own"), "brought_model", "mine.tflite", FLOAT32)
    button(at, "Measure it").click().run()  # type: ignore[attr-defined]
    assert not at.exception
    (place,) = uploads.folder.iterdir()
    assert uploads.model(place.name) is not None
    assert at.session_state.brought == (place.name,)


def test_a_link_to_something_brought_opens_its_comparison(
    visit: Callable[..., AppTest], lab: Lab, uploads: Library, read: Reader
) -> None:
    from tests.pipeline.test_bringing import read_model
    from tinyml_core.pipeline.bringing import keep

    card = keep(uploads, read_model(lab, FLOAT32), (8, 8, 1))
    at = visit(model=card.name, techniques="float32,lq_int8")
    assert not at.exception
    assert len(read.rows(at)) == 2
    assert at.selectbox(key="model").value == card.name


def test_a_link_to_what_was_removed_says_so_and_shows_the_usual_model(
    visit: Callable[..., AppTest], read: Reader
) -> None:
    at = visit(model="my-0123456789abcdef")
    assert not at.exception
    assert "has been removed since" in " ".join(read.notes(at))
    assert at.selectbox(key="model").value == catalog.DEFAULT_MODEL


def test_forgetting_takes_it_off_the_server(visit: Callable[..., AppTest], uploads: Library) -> None:
    at = bring(visit("bring_your_own"), "brought_model", "mine.tflite", FLOAT32)
    button(at, "Measure it").click().run()  # type: ignore[attr-defined]
    name = at.session_state.brought[0]
    at.switch_page("pages/5_bring_your_own.py").run()
    at.button(key=f"forget_{name}").click().run()
    assert not at.exception
    assert uploads.model(name) is None


@pytest.mark.parametrize(
    ("name", "content"), [("a.tflite", b"no model at all"), ("a.keras", b"PK\x03\x04broken"), ("a.h5", b"")]
)
def test_a_file_that_is_none_costs_one_sentence(
    visit: Callable[..., AppTest], read: Reader, name: str, content: bytes
) -> None:
    at = bring(visit("bring_your_own"), "brought_model", name, content)
    assert not at.exception
    assert len(at.error) == 1
    assert not [one for one in at.button if one.label == "Measure it"]


def test_a_model_that_is_forgotten_in_another_window_is_told_in_this_one(
    visit: Callable[..., AppTest], lab: Lab, uploads: Library, read: Reader
) -> None:
    from tests.pipeline.test_bringing import read_model
    from tinyml_core.pipeline.bringing import keep

    card = keep(uploads, read_model(lab, FLOAT32), (8, 8, 1))
    at = visit(model=card.name, techniques="float32,lq_int8")
    uploads.forget(card.name)
    at.run()
    assert not at.exception
    assert "has been removed since" in " ".join(read.notes(at))
    assert at.selectbox(key="model").value == catalog.DEFAULT_MODEL


def test_whoever_has_a_link_can_forget_what_it_leads_to(
    visit: Callable[..., AppTest], uploads: Library, read: Reader
) -> None:
    at = bring(visit("bring_your_own"), "brought_model", "mine.tflite", FLOAT32)
    button(at, "Measure it").click().run()  # type: ignore[attr-defined]
    (place,) = uploads.folder.iterdir()
    other = visit("bring_your_own")  # a window that never brought anything
    for text, told in (
        ("my-0123", "There is no name of a brought model in it"),
        ("my-0123456789abcdef", "is not on this server"),
        (f"http://lab.example/compare?model={place.name}&boards=", "were removed from this server"),
    ):
        next(one for one in other.text_input if one.label == "Link or name").set_value(text)
        button(other, "Forget").click().run()  # type: ignore[attr-defined]
        assert not other.exception and told in " ".join(
            one.value for one in (*other.error, *other.info, *other.success)
        )
    assert uploads.model(place.name) is None
