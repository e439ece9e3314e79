"""What a wrong board file is told, and that a board can be written and read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml_core.boards.board import FOLDER, Npu, board_problems, boards, read_board
from tinyml_core.boards.figure import BoardError
from tinyml_core.boards.own import board_toml

EDGE = (FOLDER / "sparkfun_edge.toml").read_text(encoding="utf-8")
VISION = (FOLDER / "seeed_grove_vision_ai_v2.toml").read_text(encoding="utf-8")


def changed(text: str, table: str, old: str, new: str) -> str:
    """The text with one line of a table changed."""
    start = text.index(f"[{table}]") if table else 0
    at = text.index(old, start)
    return text[:at] + new + text[at + len(old) :]


MB = 1024**2


@pytest.mark.parametrize(
    ("table", "old", "new", "words"),
    [
        # absurd numbers
        ("ram_physical_bytes", "value = 393216", f"value = {65 * MB}", ("ram_physical_bytes", "68157440", "67108864")),
        ("flash_physical_bytes", "value = 1048576", f"value = {1025 * MB}", ("flash_physical_bytes", "1 to 1073741824")),
        ("", "clock_mhz_max = 96", "clock_mhz_max = 2001", ("clock_mhz_max is 2001", "1 to 2000")),
        ("", "clock_mhz_default = 48", "clock_mhz_default = 0", ("clock_mhz_default is 0", "1 to 2000")),
        ("", "clock_mhz_max = 96", "clock_mhz_max = -96", ("clock_mhz_max is -96", "1 to 2000")),
        ("", "clock_mhz_max = 96", "clock_mhz_max = 96.5", ("clock_mhz_max is 96.5", "a whole number")),
        ("active_power_uw", "value = 4800", "value = 10000001", ("active_power_uw.value is 10000001", "10000000")),
        ("active_power_uw", "value = 4800", "value = 0", ("active_power_uw.value is 0", "1 to 10000000")),
        ("psram_bytes", "value = 0", "value = -1", ("psram_bytes.value is -1", "0 to")),
        ("platform_flash_bytes", "value = 8500", "value = -1", ("platform_flash_bytes.value is -1", "0 to")),
        ("", "cores = 1", "cores = 65", ("cores is 65", "1 to 64")),
        # more than there is
        ("ram_contiguous_bytes", "value = 393216", "value = 393217", ("ram_contiguous_bytes is 393217", "393216")),
        ("flash_usable_bytes", "value = 983040", "value = 1048577", ("flash_usable_bytes is 1048577", "1048576")),
        ("", "clock_mhz_default = 48", "clock_mhz_default = 97", ("clock_mhz_default is 97", "clock_mhz_max, 96")),
        # words that mean nothing
        ("", 'kernel_core = "Cortex-M4F"', 'kernel_core = "M4"', ("kernel_core is 'M4'", "Cortex-M4F", '""')),
        ("", "flash_external = false", 'flash_external = "no"', ("flash_external is 'no'", "true or false")),
        ("", 'title = "SparkFun Edge"', 'title = ""', ("title is ''", "expected words")),
        ("active_power_uw", 'known = "read"', 'known = "heard"', ("active_power_uw.known is 'heard'", "second-hand")),
        # what belongs together
        ("", "power_scope", "power_colour = 1\npower_scope", ("unknown power_colour", "remove or correct")),
        ("", "confidence", "#", ("lacks confidence", "add it")),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_with_what_is_allowed(table: str, old: str, new: str, words: tuple[str, ...]) -> None:
    with pytest.raises(BoardError) as told:
        read_board(changed(EDGE, table, old, new), "mine")
    sentence = str(told.value)
    assert all(word in sentence for word in words), sentence
    assert sentence.startswith("mine.toml") and "\n" not in sentence


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "ethos-u55"', 'kind = "tpu"', ("npu.kind is 'tpu'", "ethos-u85")),
        ('"ethos-u55-64"', '"ethos-u55-512"', ("npu.accelerator is 'ethos-u55-512'", "ethos-u55-32")),
        ('kind = "ethos-u55"', 'kind = "ethos-u65"', ("npu.accelerator is 'ethos-u55-64'", "ethos-u65-256")),
        ('"Ethos_U55_High_End_Embedded"', '"Fast"', ("npu.system_config is 'Fast'", "Ethos_U55_Deep_Embedded")),
        ('"Shared_Sram"', '"Dram"', ("npu.memory_mode is 'Dram'", "Sram_Only")),
        ('"Shared_Sram"', '"Shared_Sram"\nclock_mhz = 0', ("npu.clock_mhz is 0", "1 to 2000")),
        ('accelerator = "ethos-u55-64"\n', "", ("npu lacks accelerator",)),
    ],
)
def test_a_bad_npu_is_named_with_what_is_allowed(old: str, new: str, words: tuple[str, ...]) -> None:
    with pytest.raises(BoardError) as told:
        read_board(changed(VISION, "npu", old, new), "mine")
    assert all(word in str(told.value) for word in words), str(told.value)


def test_a_clock_without_a_power_is_refused() -> None:
    start = EDGE.index("[active_power_uw]")
    end = EDGE.index("[", start + 1) if "[" in EDGE[start + 1 :] else len(EDGE)
    with pytest.raises(BoardError, match="active_power_mhz is 48, but there is no active_power_uw"):
        read_board(EDGE[:start] + EDGE[end:], "mine")


@pytest.mark.parametrize(
    "text", ["", "order = ", "\x00", "a = " + "[" * 5000, "order = " + "9" * 5000, "[order]", "order = 1979-05-27"]
)
def test_whatever_is_uploaded_costs_one_sentence(text: str) -> None:
    with pytest.raises(BoardError) as told:
        read_board(text, "upload")
    assert str(told.value).startswith("upload.toml")


@given(st.text())
def test_no_text_is_more_than_a_sentence(text: str) -> None:
    with pytest.raises(BoardError):
        read_board(text, "upload")


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(EDGE, encoding="utf-8")
    (tmp_path / "bad.toml").write_text(EDGE.replace("cores = 1", "cores = 0"), encoding="utf-8")
    (tmp_path / "worse.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "folder.toml").mkdir()
    assert list(boards(tmp_path)) == ["good"]
    problems = board_problems(tmp_path)
    assert [problem.split(":")[0] for problem in problems] == ["bad.toml", "folder.toml", "worse.toml"]
    assert "cores is 0" in problems[0]


def test_an_empty_folder_has_no_boards_and_no_problems(tmp_path: Path) -> None:
    assert (boards(tmp_path), board_problems(tmp_path)) == ({}, ())


@given(st.text(min_size=1).filter(lambda text: bool(text.strip())))
def test_any_words_come_back_as_they_were_written(words: str) -> None:
    board = replace(boards()["sparkfun_edge"], title=words, notes=(words,), sources=(words, "b"))
    try:
        encoded = words.encode("utf-8")
    except UnicodeEncodeError:
        return
    assert encoded
    assert read_board(board_toml(board), board.name) == board


def test_a_board_without_power_and_with_an_npu_comes_back_too() -> None:
    npu = Npu("ethos-u85", "ethos-u85-256", "Ethos_U85_SYS_DRAM_Low", "Sram_Only", 500, "assumed", "made for a test")
    board = replace(boards()["sparkfun_edge"], active_power_uw=None, active_power_mhz=None, npu=npu)
    assert read_board(board_toml(board), board.name) == board
