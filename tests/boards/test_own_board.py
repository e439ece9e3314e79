"""Boards that a person describes: from a form, a file or a link, checked like any other, and harmless on a page."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml_core.boards import own
from tinyml_core.boards.board import boards
from tinyml_core.boards.figure import BoardError
from tinyml_core.boards.own import board_toml

FORM = own.form_toml("My board", "Cortex-M4F", 80, 512, 128, 24, 12, "", 20.0, False)


def test_a_form_becomes_a_board_with_the_numbers_of_the_form() -> None:
    board = own.from_toml(FORM)
    assert board.name == "own_my_board"
    assert (board.clock_mhz_default, board.kernel_core) == (80, "Cortex-M4F")
    assert board.flash_usable_bytes.value == 512 * 1024
    assert board.ram_contiguous_bytes.value == 128 * 1024
    assert board.active_power_uw is not None
    assert board.active_power_uw.value == 20_000
    assert board.flash_usable_bytes.known == "assumed"


def test_without_power_and_core_both_stay_unknown() -> None:
    board = own.from_toml(own.form_toml("B", "", 80, 512, 128, 0, 0, "", None, True))
    assert board.active_power_uw is None
    assert board.kernel_core == ""
    assert board.flash_external


def test_a_link_carries_the_board_unchanged() -> None:
    board = own.from_toml(FORM)
    assert own.unpacked(own.packed(board)) == board


@pytest.mark.parametrize("name", list(boards()))
def test_any_board_of_the_project_can_be_dropped_in_as_a_file(name: str) -> None:
    board = own.from_toml(board_toml(boards()[name]))
    assert board.name.startswith(own.PREFIX)
    assert board.ram_contiguous_bytes.value == boards()[name].ram_contiguous_bytes.value
    assert own.unpacked(own.packed(board)) == board


def test_no_own_board_takes_the_name_of_a_known_one() -> None:
    for known in boards().values():
        assert own.own_name(known.title) not in boards()


def test_no_own_board_has_the_title_of_a_known_one() -> None:
    for known in boards().values():
        board = own.from_toml(board_toml(known))
        assert board.title == f"{known.title} (own)"
        assert own.from_toml(board_toml(board)) == board


def test_titles_in_other_letters_give_different_names() -> None:
    first, second = own.own_name("ボード"), own.own_name("плата")
    assert first != second
    assert first.isascii() and second.isascii()


@pytest.mark.parametrize(
    ("title", "gone"),
    [
        ("[x](http://evil.example)", "://"),
        ("![p](http://evil.example/p.png)", "!["),
        ("see www.evil.example", "www."),
        ("a@evil.example", "@"),
        ("<script>", "<"),
        ("**bold** `code` $x$ :red[x]", "["),
    ],
)
def test_words_of_a_stranger_make_no_links_and_no_markup(title: str, gone: str) -> None:
    board = own.from_toml(own.form_toml(title, "", 80, 512, 128, 0, 0, "", None, False))
    assert gone not in board.title
    assert not set("[]<>`*$|!@#") & set(board.title)


def test_a_strangers_notes_and_sources_are_cleaned_too() -> None:
    text = board_toml(replace(own.from_toml(FORM), notes=("[n](http://x.example)",), sources=("<b>", "ok")))
    board = own.from_toml(text)
    assert not set("[]<>") & set("".join((*board.notes, *board.sources)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("clock_mhz_default = 80", "clock_mhz_default = 90"), "clock_mhz_default"),
        (("clock_mhz_max = 80", "clock_mhz_max = -1"), "clock_mhz_max"),
        (("value = 524288", "value = 'much'"), "flash_physical_bytes"),
        (('core = "Cortex-M4F"', "core = 4"), "core"),
        (("order = 900", "order = 900\nsecret = 1"), "secret"),
        (("cores = 1\n", ""), "cores"),
    ],
)
def test_a_wrong_value_is_told_by_field(change: tuple[str, str], words: str) -> None:
    before, after = change
    assert before in FORM
    with pytest.raises(BoardError, match=words):
        own.from_toml(FORM.replace(before, after, 1))


def test_a_link_that_was_cut_off_is_told() -> None:
    word = own.packed(own.from_toml(FORM))
    with pytest.raises(BoardError, match="damaged or was cut off"):
        own.unpacked(word[: len(word) // 2])


def test_a_link_that_unpacks_to_very_much_is_refused() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b"a" * 5_000_000)).decode()
    with pytest.raises(BoardError, match=r"damaged|too long"):
        own.unpacked(bomb)


@given(st.text(max_size=300))
def test_whatever_stands_in_a_link_is_a_board_or_one_sentence(word: str) -> None:
    with pytest.raises(BoardError, match=r"\.$"):  # no board has so few characters
        own.unpacked(word)


@given(st.text(max_size=80))
def test_whatever_name_is_typed_the_form_gives_a_board(title: str) -> None:
    board = own.from_toml(own.form_toml(title or "x", "", 80, 512, 128, 0, 0, "", None, False))
    assert board.name.startswith(own.PREFIX)
    assert own.unpacked(own.packed(board)) == board
