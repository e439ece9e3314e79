"""Boards on the command line: times with bands, limits, boards of one's own, kernels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tinyml_core.boards import own
from tinyml_core.boards.board import boards
from tinyml_core.boards.latency.estimate import runtimes_for
from tinyml_core.boards.own import board_toml
from tinyml_core.cli import main

if TYPE_CHECKING:
    from tests.conftest import Lab

COMPARE = ("compare", "digits", "--techniques", "float32,int8", "--no-latency")
Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(lab: Lab, capfd: pytest.CaptureFixture[str]) -> Said:
    """Runs a command in this process, for which the run's warm workers have measured; gives exit code and what was said."""
    lab.comparison("digits", "float32", "int8")

    def run(*words: str) -> tuple[int, str, str]:
        capfd.readouterr()
        try:
            code = main(words)
        except SystemExit as end:  # the parser's way to refuse an option
            code = int(end.code or 0)
        told = capfd.readouterr()
        assert "Traceback" not in told.out + told.err
        return code, told.out, told.err

    return run


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The file of a board of one's own."""
    path = tmp_path / "mine.toml"
    text = own.form_toml("My board", "Cortex-M4F", 80, 512, 128, 24, 12, "", 20.0, False)
    path.write_text(board_toml(own.from_toml(text)), encoding="utf-8")
    return path


def on_boards(record: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """What a record says of each technique on each board."""
    return {
        (variant["technique"], found["board"]): found for variant in record["variants"] for found in variant["boards"]
    }


# ---- Times and energies


def test_each_time_and_energy_lies_in_its_band_or_says_why_there_is_none(say: Said) -> None:
    code, out, _ = say(*COMPARE, "--boards", "all", "--json", "-")
    found = on_boards(json.loads(out))
    assert code == 0
    assert len(found) == 2 * len(boards())
    for one in found.values():
        for name, reason in (("latency_ms", "no_latency"), ("energy_uj", "no_energy")):
            band = one[name]
            if band is None:
                assert one[reason].endswith(".")
            else:
                assert one[reason] is None
                assert 0 < band["low"] <= band["estimate"] <= band["high"]
                assert band["basis"]
    timed = {board for (technique, board), one in found.items() if technique == "int8" and one["latency_ms"]}
    assert timed == {board.name for board in boards().values() if runtimes_for(board)}
    with_energy = {board for (_, board), one in found.items() if one["energy_uj"]}
    assert with_energy <= {board.name for board in boards().values() if board.active_power_uw is not None}


def test_an_npu_has_cycles_in_the_record_and_float32_a_reason(say: Said) -> None:
    name = next(board.name for board in boards().values() if board.npu is not None)
    found = on_boards(json.loads(say(*COMPARE, "--boards", f"{name},sparkfun_edge", "--json", "-")[1]))
    npu = found["int8", name]["npu"]
    assert (npu["status"], npu["milliseconds"]) == ("estimated", None)
    assert npu["cycles"] > 0
    assert "integer operators only" in found["float32", name]["npu"]["failure"]["reason"]
    assert found["int8", "sparkfun_edge"]["npu"] is None


def test_the_text_tells_time_and_energy_on_each_board(say: Said) -> None:
    code, out, _ = say(*COMPARE, "--boards", "sparkfun_edge,himax_we_i_plus_evb")
    assert code == 0
    (edge,) = [line for line in out.splitlines() if line.startswith("int8 on SparkFun Edge: ")]
    assert "About " in edge and "(estimated, " in edge and "µJ" in edge
    (himax,) = [line for line in out.splitlines() if line.startswith("int8 on Himax WE-I Plus EVB: ")]
    assert "No estimate of time: No published latency" in himax


# ---- Limits


def test_limits_print_the_advice(say: Said) -> None:
    code, out, _ = say(*COMPARE, "--limits", "board=raspberry_pi_pico,flash=1024,ms=1000")
    assert code == 0
    assert "Full integer (int8) is the best within the limits on Raspberry Pi Pico" in out.splitlines()[-1]


def test_impossible_limits_print_what_is_nearest_and_stand_in_the_record(say: Said) -> None:
    limits = "board=sparkfun_edge,ms=0.001"
    assert "No variant keeps all limits on SparkFun Edge. Nearest is" in say(*COMPARE, "--limits", limits)[1]
    record = json.loads(say(*COMPARE, "--limits", limits, "--json", "-")[1])
    assert (record["limits"]["board"], record["limits"]["latency_ms"]) == ("sparkfun_edge", 0.001)
    assert "over the limit" in record["advice"]


def test_without_limits_there_is_no_advice_in_the_record(say: Said) -> None:
    record = json.loads(say(*COMPARE, "--json", "-")[1])
    assert (record["limits"], record["advice"]) == (None, None)


def test_limits_on_a_board_that_is_not_compared_cost_a_sentence(say: Said) -> None:
    code, out, err = say(*COMPARE, "--boards", "sparkfun_edge", "--limits", "board=raspberry_pi_pico,ms=1")
    assert code == 2
    assert "The limits hold on the first one." in err
    assert "on SparkFun Edge" in out


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ("ms=fast", "ms=fast: could not convert"),
        ("ms=-1", "The limit latency_ms is -1; it must be a number from 0 to 1e+06."),
        ("ms=nan", "it must be a number from 0"),
        ("flash=1e300", "it must be a number from 0"),
        ("speed=3", "'speed' is no limit; limits are board, flash, ram, points, ms, uj."),
    ],
)
def test_a_limit_that_is_none_is_refused(limits: str, sentence: str, say: Said) -> None:
    code, out, err = say(*COMPARE, "--limits", limits)
    assert (code, out) == (2, "")
    assert sentence in err.splitlines()[-1]


# ---- A board of one's own


def test_a_board_file_is_compared_with_the_usual_four(mine: Path, say: Said) -> None:
    code, out, _ = say(*COMPARE, "--board-file", str(mine), "--json", "-")
    found = on_boards(json.loads(out))
    assert code == 0
    assert found["int8", "own_my_board"]["latency_ms"]["estimate"] > 0
    assert len(found) == 2 * 5


def test_limits_may_hold_on_a_board_of_ones_own(mine: Path, say: Said) -> None:
    code, out, _ = say(*COMPARE, "--board-file", str(mine), "--limits", "board=own_my_board,ram=1")
    assert code == 0
    assert "No variant keeps all limits on My board." in out


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("clock_mhz_max = 80", "clock_mhz_max = 99999999"), ("clock_mhz_max", "99999999", "2000")),
        (('kernel_core = "Cortex-M4F"', 'kernel_core = "Cortex-X9"'), ("kernel_core", "Cortex-X9", "Cortex-M4F")),
        (("order", "= order"), ("readable TOML",)),
    ],
)
@pytest.mark.parametrize("command", ["compare", "check"])
def test_a_bad_board_file_costs_one_sentence_that_names_it(
    command: str, change: tuple[str, str], told: tuple[str, ...], mine: Path, say: Said
) -> None:
    mine.write_text(mine.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    code, out, err = say(command, "digits", "--board-file", str(mine))
    assert (code, out) == (2, "")
    last = err.splitlines()[-1]
    assert str(mine) in last
    for word in told:
        assert word in last.replace(",", "")


def test_a_board_file_that_is_not_there_costs_a_sentence(tmp_path: Path, say: Said) -> None:
    code, out, err = say(*COMPARE, "--board-file", str(tmp_path / "none.toml"))
    assert (code, out) == (2, "")
    assert "No such file" in err.splitlines()[-1]


# ---- Kernels


def test_other_kernels_give_another_time(say: Said) -> None:
    times = {}
    for runtime in ("tflm_cmsis_nn", "tflm_reference"):
        record = json.loads(say(*COMPARE, "--boards", "sparkfun_edge", "--runtime", runtime, "--json", "-")[1])
        found = on_boards(record)["int8", "sparkfun_edge"]["latency_ms"]
        assert found["runtime"] == runtime
        times[runtime] = found["estimate"]
    assert times["tflm_reference"] > times["tflm_cmsis_nn"]


def test_unknown_kernels_are_refused_with_the_known_ones(say: Said) -> None:
    code, out, err = say(*COMPARE, "--runtime", "tflm_fast")
    assert (code, out) == (2, "")
    assert "tflm_fast" in err.splitlines()[-1] and "tflm_cmsis_nn" in err.splitlines()[-1]


# ---- check


def test_a_file_is_checked_on_all_boards_and_ones_own(lab: Lab, mine: Path, tmp_path: Path, say: Said) -> None:
    file = tmp_path / "digits.tflite"
    file.write_bytes(lab.tflite("digits", "int8"))
    code, out, _ = say("check", str(file), "--boards", "all", "--board-file", str(mine))
    assert code == 0
    for board in [*boards().values(), own.from_toml(mine.read_text(encoding="utf-8"))]:
        assert any(line.startswith(f"{board.title}: ") for line in out.splitlines())
    record = json.loads(say("check", str(file), "--boards", "all", "--json", "-")[1])
    found = record["variants"][0]["boards"]
    assert [one["board"] for one in found] == list(boards())
    assert all((one["latency_ms"] is None) == (one["no_latency"] is not None) for one in found)
