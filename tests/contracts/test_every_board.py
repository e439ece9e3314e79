"""What every board's file must keep, and where the usual tables are wrong."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

import tinyml_core.boards
from tinyml_core.boards.board import Board, board_problems, boards, load_board, read_board
from tinyml_core.boards.figure import Figure
from tinyml_core.boards.own import board_toml
from tinyml_core.boards.runtime_code import all_operators_code, runtime_code

FOLDER = Path(tinyml_core.boards.__file__).parent
ALL = list(boards().values())
every_board = pytest.mark.parametrize("board", ALL, ids=[board.name for board in ALL])


def figures(board: Board) -> dict[str, Figure]:
    """All figures of a board by field."""
    values = {field.name: getattr(board, field.name) for field in fields(board)}
    return {name: value for name, value in values.items() if isinstance(value, Figure)}


SMALL_NETWORK = ("CONV_2D", "MAX_POOL_2D", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX")
"""A small network for pictures."""


def test_every_file_is_a_board_under_its_own_name() -> None:
    assert board_problems() == ()
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(boards())
    assert all(name == board.name for name, board in boards().items())


def test_places_in_lists_are_unique() -> None:
    assert [board.order for board in ALL] == sorted({board.order for board in ALL})


@every_board
def test_figures_are_positive(board: Board) -> None:
    for name, figure in figures(board).items():
        assert figure.value > 0 or name.startswith(("platform_", "psram_")), name
    assert 0 < board.clock_mhz_default <= board.clock_mhz_max


@every_board
def test_no_more_is_usable_than_there_is(board: Board) -> None:
    assert board.flash_usable_bytes.value <= board.flash_physical_bytes.value
    assert board.ram_contiguous_bytes.value <= board.ram_physical_bytes.value


@every_board
def test_runtime_and_platform_leave_room_for_a_model(board: Board) -> None:
    flash = runtime_code(SMALL_NETWORK, board).high_bytes + board.platform_flash_bytes.value
    ram = board.runtime_ram_bytes.value + board.platform_ram_bytes.value
    assert flash < board.flash_usable_bytes.value * 0.8
    assert ram < board.ram_contiguous_bytes.value * 0.8


@every_board
def test_every_board_can_be_written_and_read_again(board: Board) -> None:
    assert read_board(board_toml(board), board.name) == board
    assert load_board(FOLDER / f"{board.name}.toml") == board


@every_board
def test_linking_all_operators_never_takes_less_than_linking_some(board: Board) -> None:
    assert runtime_code(SMALL_NETWORK, board).size_bytes < all_operators_code(board).size_bytes


@every_board
def test_power_is_a_number_exactly_where_a_usable_figure_was_found(board: Board) -> None:
    assert (board.active_power_uw is None) == board.power.startswith("not known")


@every_board
def test_only_boards_with_an_ethos_u_have_an_npu_for_vela(board: Board) -> None:
    assert (board.npu is not None) == ("Ethos-U" in board.npu_text)


@every_board
def test_what_is_recalled_of_the_whole_board_is_not_said_to_be_read(board: Board) -> None:
    if board.confidence == "low":
        assert not any(
            figure.known == "read"
            for name, figure in figures(board).items()
            if not name.startswith(("platform_", "runtime_"))
        )


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


def test_ten_boards_have_no_usable_power() -> None:
    assert sum(board.active_power_uw is None for board in ALL) == 10


def test_thirteen_boards_run_programs_from_flash_outside_the_chip() -> None:
    assert sum(board.flash_external for board in ALL) == 13


def test_there_are_the_four_usual_boards_and_37_more() -> None:
    usual = ["sparkfun_edge", "arduino_nano_33_ble_sense", "stm32f746g_discovery", "raspberry_pi_pico"]
    assert list(boards())[:4] == usual
    assert len(ALL) == 41


def test_the_largest_piece_of_ram_in_doubt_is_named() -> None:
    board = boards()["nucleo_l4r5zi"]
    assert board.ram_contiguous_bytes.value == 640 * 1024
    assert any("384 KB in one piece" in note for note in board.notes)


def test_a_board_without_flash_on_its_chip_says_where_its_program_lies() -> None:
    board = boards()["stm32n6570_dk"]
    assert board.flash_external and board.npu is None
    assert any("no flash on the chip" in note for note in board.notes)
    assert board.platform_ram_bytes.value > 400 * 1024


def test_uno_r4_keeps_16_kb_for_its_boot_loader() -> None:
    assert boards()["arduino_uno_r4"].flash_usable_bytes.value == (256 - 16) * 1024


def test_edge_power_is_what_the_board_draws_and_not_the_chips_headline() -> None:
    board = boards()["sparkfun_edge"]
    assert board.flash_usable_bytes.value == 960 * 1024
    assert (board.clock_mhz_default, board.clock_mhz_max) == (48, 96)
    assert "33 uA/MHz" in board.power and any("6 uA/MHz" in note for note in board.notes)
