"""What every board's file must keep, and where the usual tables are wrong."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

import tinyml_core.boards
from tinyml_core.boards.board import Board, Figure, boards

FOLDER = Path(tinyml_core.boards.__file__).parent
ALL = list(boards().values())
every_board = pytest.mark.parametrize("board", ALL, ids=[board.name for board in ALL])


def figures(board: Board) -> dict[str, Figure]:
    """All figures of a board by field."""
    values = {field.name: getattr(board, field.name) for field in fields(board)}
    return {name: value for name, value in values.items() if isinstance(value, Figure)}


def test_every_file_is_a_board_under_its_own_name() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(boards())
    assert all(name == board.name for name, board in boards().items())


def test_places_in_lists_are_unique() -> None:
    assert [board.order for board in ALL] == sorted({board.order for board in ALL})


@every_board
def test_figures_are_positive(board: Board) -> None:
    for name, figure in figures(board).items():
        assert figure.value > 0 or name.startswith("platform_"), name
    assert 0 < board.clock_mhz_default <= board.clock_mhz_max


@every_board
def test_no_more_is_usable_than_there_is(board: Board) -> None:
    assert board.flash_usable_bytes.value <= board.flash_physical_bytes.value
    assert board.ram_contiguous_bytes.value <= board.ram_physical_bytes.value


@every_board
def test_runtime_and_platform_leave_room_for_a_model(board: Board) -> None:
    flash = board.runtime_flash_bytes.value + board.platform_flash_bytes.value
    ram = board.runtime_ram_bytes.value + board.platform_ram_bytes.value
    assert flash < board.flash_usable_bytes.value / 2
    assert ram < board.ram_contiguous_bytes.value / 2


@every_board
def test_every_figure_says_where_it_comes_from(board: Board) -> None:
    for name, figure in figures(board).items():
        assert len(figure.source.split()) >= 4, f"{name}: {figure.source}"


@every_board
def test_every_board_names_its_sources(board: Board) -> None:
    assert board.sources and all(len(source.split()) >= 2 for source in board.sources)


def test_f746_offers_an_arena_320_kb_and_not_340() -> None:
    board = boards()["stm32f746g_discovery"]
    assert board.ram_contiguous_bytes.value == 320 * 1024
    assert board.ram_physical_bytes.value == 340 * 1024
    assert board.clock_mhz_default == 216
    assert any("340 KB" in note for note in board.notes)


def test_pico_runs_at_125_mhz_unless_told_otherwise() -> None:
    board = boards()["raspberry_pi_pico"]
    assert (board.clock_mhz_default, board.clock_mhz_max) == (125, 133)
    assert (board.fpu, board.dsp, board.microphone) == ("none", "no", "none")
    assert any("separate chip" in note for note in board.notes)


def test_nano_keeps_960_kb_of_flash_and_its_usual_power_is_not_repeated() -> None:
    board = boards()["arduino_nano_33_ble_sense"]
    assert board.flash_usable_bytes.value == 960 * 1024
    assert "23.5" not in board.power and any("TBC" in note for note in board.notes)


def test_nano_runtime_and_platform_add_up_to_the_published_sketch() -> None:
    board = boards()["arduino_nano_33_ble_sense"]
    assert board.runtime_flash_bytes.value + board.platform_flash_bytes.value == 190_840 - 16_712 == 236_864 - 62_736


def test_edge_power_is_what_the_board_draws_and_not_the_chips_headline() -> None:
    board = boards()["sparkfun_edge"]
    assert board.flash_usable_bytes.value == 960 * 1024
    assert (board.clock_mhz_default, board.clock_mhz_max) == (48, 96)
    assert "33 uA/MHz" in board.power and any("6 uA/MHz" in note for note in board.notes)
