"""What a visitor meets: a real server, real workers, a real browser."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tinyml_core import catalog
from tinyml_core.boards.board import FOLDER, boards
from tinyml_core.compress import techniques

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLES = {name: technique.title for name, technique in techniques.techniques().items()}
PAGES = ("/", "/boards", "/inspect", "/bring_your_own")
FEW = "techniques=float32,int8"
MIB = 1024**2
Arrive = Callable[..., Any]


def test_the_first_visit_to_the_plain_address_answers_without_a_click(arrive: Arrive) -> None:
    visitor = arrive().open("/")
    visitor.wait_for_rows(len(techniques.DEFAULT_TECHNIQUES))  # all rows stand there before any is measured
    visitor.settle()
    assert visitor.exceptions() == 0
    assert list(visitor.rows()) == [TITLES[name] for name in techniques.DEFAULT_TECHNIQUES]
    assert all(row["Flash"] and row["Accuracy"] for row in visitor.rows().values())
    assert "TensorFlow Lite Micro" in visitor.summary()
    assert visitor.page.get_by_text("variants measured").count() == 0
    assert visitor.page.get_by_test_id("stVegaLiteChart").count() >= 5
    assert visitor.at() == "/"


def test_a_deep_link_may_be_the_first_request_of_a_server(arrive: Arrive, start_server: Any, server: Any) -> None:
    fresh = start_server(server.store)
    visitor = arrive(fresh).open("/boards?model=sine&techniques=float32,int8").settle()
    assert visitor.exceptions() == 0
    assert visitor.page.get_by_text("Page not found").count() == 0
    names = [link.split("\n")[0] for link in visitor.page.get_by_test_id("stTopNavLinkContainer").all_inner_texts()]
    assert names == ["Compare", "Boards", "Inspect", "Bring your own"]
    assert visitor.page.get_by_test_id("stSidebarNav").count() == 0  # the file names of Streamlit's older way
    assert visitor.page.title() == "TinyML Lab" or "Boards" in visitor.page.title()
    assert visitor.page.get_by_test_id("stHeading").first.inner_text() == "Which variant fits which board?"
    assert visitor.box("Model").input_value() == catalog.models()["sine"].title
    assert visitor.at() == "/boards?model=sine&techniques=float32,int8"
    assert visitor.outside() == []


def conversions(store: Path) -> dict[str, bytes]:
    """The stored answers that hold a `.tflite`, by file name."""
    answers = {path.name: path.read_bytes() for path in store.glob("answers/*/*.json")}
    return {name: data for name, data in answers.items() if "tflite" in json.loads(data)["reply"].get("blobs", {})}


def test_one_more_technique_adds_a_row_and_makes_nothing_anew(arrive: Arrive, server: Any) -> None:
    wide = {"width": 1900, "height": 900}  # a column that is scrolled out of sight is not in the page
    visitor = arrive(viewport=wide).open(f"/?{FEW}").settle()
    before, made_before = visitor.rows(), conversions(server.store)
    visitor.pill(TITLES["int16x8"]).click()
    visitor.wait_for_rows(3)
    visitor.settle()
    after, made_after = visitor.rows(), conversions(server.store)
    assert list(after) == [TITLES[name] for name in ("float32", "int8", "int16x8")]
    assert {title: after[title]["This computer"] for title in before} == {
        title: row["This computer"] for title, row in before.items()
    }  # a time is never measured the same twice
    assert len(made_after.keys() - made_before.keys()) == 1
    assert made_before.items() <= made_after.items()


def test_a_shared_link_shows_another_person_the_same(arrive: Arrive) -> None:
    first = arrive().open(f"/?{FEW}&boards=raspberry_pi_pico").settle()
    first.page.get_by_role("button", name="Share").click()
    shared = first.page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").inner_text().strip()
    assert re.match(rf"{re.escape(first.address)}/?\?", shared)
    second = arrive().open(shared.removeprefix(first.address)).settle()
    assert second.rows() == first.rows()
    assert second.summary() == first.summary()
    assert second.chosen() == [TITLES["float32"], TITLES["int8"]]
    assert second.at() == f"/?{FEW}&boards=raspberry_pi_pico"  # what is usual is left out again


def test_a_reload_keeps_the_question(arrive: Arrive) -> None:
    visitor = arrive().open("/").settle()
    for title in (TITLES["dynamic"], TITLES["float16"]):
        visitor.pill(title).click()
        expect(visitor.pill(title)).to_have_attribute("aria-pressed", "false")
    visitor.settle()
    before, address = visitor.chosen(), visitor.at()
    assert len(before) == len(techniques.DEFAULT_TECHNIQUES) - 2
    visitor.page.reload()
    visitor.settle()
    assert visitor.chosen() == before
    assert visitor.at() == address


def test_the_back_button_returns_to_the_question_before(arrive: Arrive) -> None:
    visitor = arrive().open(f"/?{FEW}").settle()
    digits, sine = catalog.models()["digits"].title, catalog.models()["sine"].title
    visitor.choose("Model", sine)
    visitor.page.wait_for_function("location.search.includes('model=sine')")
    visitor.settle()
    visitor.page.go_back()
    expect(visitor.box("Model")).to_have_value(digits)
    visitor.settle()
    assert visitor.chosen() == [TITLES["float32"], TITLES["int8"]]
    visitor.page.go_forward()
    expect(visitor.box("Model")).to_have_value(sine)
    assert visitor.exceptions() == 0


def test_turning_pages_keeps_the_question_and_the_address(arrive: Arrive) -> None:
    visitor = arrive().open(f"/?{FEW}").settle()
    for name, path in (("Boards", "/boards"), ("Compare", "/")):
        visitor.page.get_by_role("link", name=name, exact=True).click()
        visitor.wait_until_at(f"{path}?{FEW}")
        visitor.settle()
        assert visitor.exceptions() == 0
        assert visitor.chosen() == [TITLES["float32"], TITLES["int8"]]
    for _ in range(4):  # two page turns, each with an address that is bare for a moment
        visitor.page.go_back()
        visitor.page.wait_for_timeout(500)
        visitor.settle()
        assert visitor.chosen() == [TITLES["float32"], TITLES["int8"]]
    visitor.wait_until_at(f"/?{FEW}")


@pytest.mark.parametrize("path", PAGES)
def test_on_a_phone_no_page_scrolls_sideways(path: str, arrive: Arrive) -> None:
    phone = arrive(**PHONE)
    phone.open(f"{path}?{FEW}").settle()
    scroll, client = phone.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert client == 390
    assert scroll <= client
    body = phone.page.get_by_test_id("stMain").evaluate("main => [main.scrollWidth, main.clientWidth]")
    assert body[0] <= body[1]


def test_on_a_phone_what_was_found_stands_before_the_toggles(arrive: Arrive) -> None:
    for options, first in ((PHONE, ".st-key-found"), ({}, ".st-key-chooser")):
        visitor = arrive(**options)
        visitor.open(f"/?{FEW}").settle()
        tops = {
            name: visitor.page.locator(name).first.bounding_box()["y"] for name in (".st-key-found", ".st-key-chooser")
        }
        assert min(tops, key=lambda name: tops[name]) == first


def brightness(colour: str) -> float:
    """0 for black to 255 for white, of a CSS colour."""
    red, green, blue = (float(part) for part in re.findall(r"[\d.]+", colour)[:3])
    return 0.299 * red + 0.587 * green + 0.114 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_follows_the_colour_scheme_of_the_computer(scheme: str, arrive: Arrive) -> None:
    visitor = arrive(color_scheme=scheme).open(f"/?{FEW}").settle()
    text = visitor.page.locator("h2").first.evaluate("part => getComputedStyle(part).color")
    ground = visitor.page.get_by_test_id("stApp").evaluate("part => getComputedStyle(part).backgroundColor")
    dark, bright = sorted((brightness(text), brightness(ground)))
    assert dark < 60 < 200 < bright
    assert (brightness(text) > brightness(ground)) == (scheme == "dark")
    assert visitor.exceptions() == 0


def test_a_click_on_a_row_shows_everything_about_that_variant(arrive: Arrive) -> None:
    visitor = arrive().open(f"/?{FEW}").settle()
    box = visitor.box("Everything about")
    assert box.input_value() == TITLES["int8"]
    # The table is a canvas: a head of 36 pixels, then rows of 38; the first column holds a box to tick.
    visitor.page.get_by_test_id("stDataFrameResizable").first.click(position={"x": 16, "y": 36 + 19})
    expect(box).to_have_value(TITLES["float32"])
    expect(visitor.page.get_by_role("heading", name=TITLES["float32"], exact=True)).to_be_visible()
    visitor.settle().choose("Everything about", TITLES["int8"])
    expect(visitor.page.get_by_role("heading", name=f"{TITLES['int8']} ★ recommended")).to_be_visible()


def test_the_downloaded_file_is_the_one_whose_hash_stands_on_the_page(arrive: Arrive) -> None:
    visitor = arrive().open(f"/?{FEW}").settle()
    visitor.page.get_by_role("tab", name="Download and source").click()
    with visitor.page.expect_download() as waiting:
        visitor.page.get_by_role("button", name="digits_int8.tflite").click()
    content = Path(waiting.value.path()).read_bytes()
    assert waiting.value.suggested_filename == "digits_int8.tflite"
    assert content[4:8] == b"TFL3"
    assert visitor.page.get_by_text(hashlib.sha256(content).hexdigest()).count() == 1
    with visitor.page.expect_download() as waiting:
        visitor.page.get_by_role("button", name="digits_int8.cc").click()
    numbers = re.findall(r"0x[0-9a-fA-F]{2}", Path(waiting.value.path()).read_text())
    assert bytes(int(number, 16) for number in numbers)[: len(content)] == content


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_no_other_computer_for_anything(path: str, arrive: Arrive) -> None:
    visitor = arrive().open(f"{path}?{FEW}").settle()
    for part in visitor.page.get_by_test_id("stExpander").locator("summary").all():
        if part.is_visible():
            part.click()
    visitor.settle()
    assert visitor.asked  # the notes are taken
    assert visitor.outside() == []
    assert visitor.exceptions() == 0


def test_words_of_a_stranger_in_a_link_become_neither_links_nor_pictures(arrive: Arrive) -> None:
    words = "https://evil.example/x,www.evil.example,me@evil.example,<img src=x>,[click](https://evil.example),**b**"
    visitor = arrive().open(f"/?techniques=float32,{words}").settle()
    notes = visitor.page.get_by_test_id("stAlert").filter(has_text="There is no technique")
    assert notes.count() == 1  # one box, a sentence for each
    assert notes.inner_text().count("There is no technique") == len(words.split(","))
    assert "**b**" in " ".join(notes.all_inner_texts())
    assert notes.locator("a, img, strong").count() == 0
    assert visitor.chosen() == [TITLES["float32"]]
    assert visitor.outside() == []


def test_the_server_itself_loads_no_tensorflow_and_stays_small(arrive: Arrive, server: Any) -> None:
    arrive().open(f"/?{FEW}").settle()
    maps = Path(f"/proc/{server.process.pid}/maps")
    if maps.exists():
        loaded = maps.read_text()
        assert "streamlit" in loaded or "pyarrow" in loaded or "pandas" in loaded  # the libraries can be seen there
        for library in ("tensorflow", "litert", "tflite", "sklearn"):
            assert library not in loaded
    assert psutil.Process(server.process.pid).memory_info().rss < 300 * MIB


# ---- Boards


def test_a_limit_changes_the_advice_and_outlives_a_reload(arrive: Arrive) -> None:
    visitor = arrive().open(f"/boards?{FEW}").settle()
    advice = visitor.page.get_by_test_id("stAlert").filter(has_text="SparkFun Edge")
    expect(advice).to_contain_text(f"{TITLES['int8']} is the best of those that run")
    visitor.page.get_by_role("button", name="My limits").click()
    limit = visitor.page.get_by_role("spinbutton", name="Latency, ms")
    limit.fill("0.5")
    limit.press("Enter")
    expect(advice).to_contain_text("No variant keeps all limits")
    expect(advice).to_contain_text("over the limit of 0.50 ms")
    visitor.wait_until_at(f"/boards?{FEW}&limit_board=sparkfun_edge&limit_ms=0.5")
    visitor.page.reload()
    expect(advice).to_contain_text("over the limit of 0.50 ms")
    visitor.page.get_by_role("button", name="My limits (1 set)").click()
    expect(limit).to_have_value("0.5")
    assert visitor.exceptions() == 0


def cell(visitor: Any, technique: str, board: str) -> Any:
    """A cell of the map."""
    chart = visitor.page.get_by_test_id("stVegaLiteChart").first
    return chart.locator(f'path[aria-label*="Technique: {TITLES[technique]};"][aria-label*="Board: {board};"]')


def test_a_board_of_ones_own_is_on_the_map_for_everybody_with_the_link(arrive: Arrive) -> None:
    first = arrive().open(f"/boards?{FEW}").settle()
    first.page.get_by_text("Add your own board").click()
    first.page.get_by_role("textbox", name="Name of the board").fill("My sensor board")
    first.page.get_by_role("button", name="Add this board").click()
    expect(cell(first, "int8", "My sensor board")).to_be_visible()
    expect(first.page.get_by_role("heading", name="Time and energy on My sensor board")).to_be_visible()
    first.settle().page.get_by_role("button", name="Share").click()
    shared = first.page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").inner_text().strip()
    second = arrive().open(shared.removeprefix(first.address)).settle()
    expect(cell(second, "int8", "My sensor board")).to_be_visible()
    assert first.exceptions() == second.exceptions() == 0
    assert second.at() == first.at()
    first.page.keyboard.press("Escape")
    first.page.get_by_role("button", name="Remove").click()
    first.wait_until_at(f"/boards?{FEW}")
    expect(cell(first, "int8", "My sensor board")).to_have_count(0)


def test_a_board_file_can_be_dropped_in(arrive: Arrive) -> None:
    visitor = arrive().open(f"/boards?{FEW}").settle()
    text = (FOLDER / "nucleo_f446re.toml").read_text(encoding="utf-8")
    visitor.page.get_by_text("Add your own board").click()
    visitor.page.get_by_role("tab", name="Drop a TOML file").click()
    visitor.page.locator("input[type=file]").set_input_files(
        {"name": "mine.toml", "mimeType": "application/toml", "buffer": text.encode()}
    )
    visitor.page.get_by_role("button", name="Add the board of this file").click()
    added = f"{boards()['nucleo_f446re'].title} (own)"
    expect(cell(visitor, "int8", added)).to_be_visible()
    assert visitor.settle().exceptions() == 0


def test_a_click_on_a_cell_shows_that_variant_on_that_board(arrive: Arrive) -> None:
    visitor = arrive().open(f"/boards?{FEW}").settle()
    assert visitor.box("Variant").input_value() == TITLES["int8"]
    for technique, board in (("float32", "Raspberry Pi Pico"), ("int8", "STM32F746G Discovery")):
        cell(visitor, technique, board).scroll_into_view_if_needed()
        place = cell(visitor, technique, board).bounding_box()
        # in the middle, where the words are, as a person clicks
        visitor.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        expect(visitor.box("Variant")).to_have_value(TITLES[technique])
        expect(visitor.box("Board")).to_have_value(board)
        expect(visitor.page.get_by_role("heading", name=f"Time and energy on {board}")).to_be_visible()
        visitor.settle()
    assert visitor.exceptions() == 0


def test_all_boards_fit_on_a_phone_without_scrolling_sideways(arrive: Arrive) -> None:
    phone = arrive(**PHONE)
    phone.open(f"/boards?{FEW}&boards={','.join(boards())}").settle()
    for board in boards().values():
        assert cell(phone, "int8", board.title).count() == 1
    scroll, client = phone.page.get_by_test_id("stMain").evaluate("main => [main.scrollWidth, main.clientWidth]")
    assert scroll <= client
    right = (
        phone.page.get_by_test_id("stVegaLiteChart")
        .locator("svg")
        .evaluate_all("charts => Math.max(...charts.map(chart => chart.getBoundingClientRect().right))")
    )
    assert right <= 390
    assert phone.exceptions() == 0


def test_the_details_lead_inside_the_variant_and_its_memory_is_drawn_by_address(arrive: Arrive) -> None:
    visitor = arrive().open(f"/?{FEW}").settle()
    visitor.choose("Everything about", TITLES["float32"])
    visitor.settle()
    visitor.page.get_by_role("button", name="Look inside").click()
    visitor.page.get_by_role(
        "heading", name="What is inside each variant, and where does its error come from?"
    ).wait_for()
    visitor.wait_until_at(f"/inspect?{FEW}")
    assert visitor.box("Look inside").input_value() == TITLES["float32"]
    visitor.page.get_by_role("tab", name="Memory over time").click()
    visitor.page.get_by_text("By address").click()
    expect(visitor.page.get_by_text("Peak: 12,288 bytes")).to_be_visible()
    visitor.settle()
    assert visitor.exceptions() == 0
    assert visitor.errors == []
    assert visitor.outside() == []
