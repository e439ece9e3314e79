"""A stranger brings a model: from the file to the table, in a real browser, through real isolated workers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tinyml_core import catalog
from tinyml_core.zoo.weights import float32_path

if TYPE_CHECKING:
    from tests.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Arrive = Callable[..., Any]


@pytest.fixture
def mine(tmp_path: Path, lab: Lab) -> tuple[Path, Path]:
    """A float32 model, and data for it that lack an axis and go to 255."""
    model, data, arrays = tmp_path / "mine.tflite", tmp_path / "mine.npz", lab.arrays("digits")
    model.write_bytes(float32_path(catalog.model("digits")).read_bytes())
    packed = io.BytesIO()
    held = arrays.test
    np.savez(packed, x=(arrays.x[held] * arrays.x_scale * 255).round().astype(np.uint8)[..., 0], y=arrays.y[held])
    data.write_bytes(packed.getvalue())
    return model, data


def choose_file(visitor: Any, label: str, path: Path) -> None:
    uploader = visitor.page.get_by_test_id("stFileUploader").filter(has_text=label)
    uploader.locator("input[type=file]").set_input_files(str(path))


def test_from_a_file_to_the_table_and_away_again(arrive: Arrive, mine: tuple[Path, Path]) -> None:
    visitor = arrive().open("/bring_your_own")
    page = visitor.page
    choose_file(visitor, "SavedModel", mine[0])
    expect(page.get_by_text("2. Data to measure it on")).to_be_visible()
    choose_file(visitor, "Data, optional", mine[1])
    cures = page.locator("[class*='st-key-cure_'] button")
    expect(cures.first).to_be_visible()
    # The range first: the button for the missing axis stays until it is pressed.
    page.locator("[class*='scale_255'] button").click()
    expect(page.locator("[class*='scale_255'] button")).to_have_count(0)
    cures.first.click()
    expect(page.get_by_text("They fit the model.")).to_be_visible()
    page.get_by_role("button", name="Measure it").click()
    page.wait_for_url(re.compile(r"model=my-[0-9a-f]{16}"))
    visitor.settle()
    assert visitor.exceptions() == 0
    rows = visitor.rows()
    assert rows["float32"]["Accuracy"].startswith("9")
    assert "int8 (LiteRT quantizer)" in rows
    assert visitor.outside() == []
    # Somebody else opens the link.
    link = visitor.at()
    other = arrive().open(link).settle()
    assert other.rows()["float32"]["Accuracy"] == rows["float32"]["Accuracy"]
    # It is forgotten.
    visitor.page.get_by_role("link", name="Bring your own").click()
    visitor.page.get_by_role("button", name="Forget").click()
    expect(visitor.page.get_by_role("button", name="Forget")).to_have_count(0)
    late = arrive().open(link).settle()
    assert late.exceptions() == 0
    expect(late.page.get_by_text("has been removed since")).to_be_visible()


def test_a_broken_file_costs_one_sentence_and_the_server_goes_on(arrive: Arrive, server: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.keras"
    broken.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 8)
    visitor = arrive().open("/bring_your_own")
    choose_file(visitor, "SavedModel", broken)
    expect(visitor.page.get_by_test_id("stAlert").filter(has_text="cannot be read")).to_be_visible()
    assert visitor.exceptions() == 0
    assert server.process.poll() is None
