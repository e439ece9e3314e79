"""What fits which board, and what a wrong board file is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml_core.boards.board import Board, boards, load_board
from tinyml_core.boards.figure import BoardError, Figure
from tinyml_core.boards.fit import Fit, remedies, resolver_saving_bytes, smallest_board
from tinyml_core.boards.fit import fit as real_fit
from tinyml_core.boards.runtime_code import RuntimeCode
from tinyml_core.domain.outcome import Micro

KB = 1024
PICO = Path(__file__).parents[2] / "tinyml_core" / "boards" / "raspberry_pi_pico.toml"


def board(flash_kb: int = 1000, ram_kb: int = 256, reserve_kb: int = 10) -> Board:
    """A board with round numbers: runtime and platform take `reserve_kb` each of RAM, the platform that of flash."""
    flash, ram, reserve = (Figure(size * KB, "assumed", "made for a test") for size in (flash_kb, ram_kb, reserve_kb))
    return replace(
        boards()["raspberry_pi_pico"],
        flash_usable_bytes=flash,
        ram_contiguous_bytes=ram,
        platform_flash_bytes=reserve,
        runtime_ram_bytes=reserve,
        platform_ram_bytes=reserve,
    )


@pytest.fixture(autouse=True, scope="module")
def _code_of_10_kb() -> Iterator[None]:
    """The runtime's code takes 10 KB of flash, so that sums can be done in the head; its model has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tinyml_core.boards.fit.runtime_code", lambda operators, board: code(10, 10, 10))
        yield


def code(low_kb: int, size_kb: int, high_kb: int) -> RuntimeCode:
    """Code of this size and band."""
    return RuntimeCode(size_kb * KB, low_kb * KB, high_kb * KB, (("core", size_kb * KB),), "made for a test")


def fit(board: Board, flash_bytes: int, micro: Micro) -> Fit:
    """As the real one, of a model whose operators do not matter."""
    return real_fit(board, flash_bytes, micro, ("CONV_2D",))


def runs(arena: int, minimum: int | None = None, derived: int | None = None) -> Micro:
    """What TFLM says of a model that runs."""
    return Micro("runs", arena_bytes=arena, arena_minimum_bytes=minimum, arena_32bit_bytes=derived)


def test_a_small_model_fits_and_is_told_what_is_left() -> None:
    found = fit(board(), 80 * KB, runs(36 * KB))
    assert found.verdict == "fits"
    assert found.reasons == ("It leaves 900.0 KB of flash and 200.0 KB of RAM for your own code and data.",)


def test_a_model_too_big_for_flash_does_not_fit() -> None:
    found = fit(board(flash_kb=256), 285 * KB, runs(KB))
    assert found.verdict == "too big"
    assert found.reasons == ("Flash: needs 305.0 KB of 256.0 KB usable, 49.0 KB too much.",)


def test_an_arena_too_big_for_ram_does_not_fit() -> None:
    found = fit(board(), KB, runs(int(281.2 * KB)))
    assert found.verdict == "too big"
    assert found.reasons == ("RAM: needs 301.2 KB of 256.0 KB usable, 45.2 KB too much.",)


def test_both_limits_are_named_when_both_are_hit() -> None:
    found = fit(board(), 2000 * KB, runs(500 * KB))
    assert [reason.split(":")[0] for reason in found.reasons] == ["Flash", "RAM"]


def test_filling_memory_to_the_last_byte_is_tight_and_one_more_is_too_big() -> None:
    assert fit(board(), 980 * KB, runs(KB)).verdict == "tight"
    assert fit(board(), 980 * KB + 1, runs(KB)).verdict == "too big"


def test_exactly_85_percent_fits_and_one_byte_more_is_tight() -> None:
    assert fit(board(), 830 * KB, runs(KB)).verdict == "fits"
    over = fit(board(), 830 * KB + 1, runs(KB))
    assert over.verdict == "tight"
    assert over.reasons[0].startswith("Flash: needs 85.1 % of 1000.0 KB usable, over 85 %")
    ram = board(ram_kb=200)
    assert fit(ram, KB, runs(150 * KB)).verdict == "fits"
    assert fit(ram, KB, runs(150 * KB + 1)).verdict == "tight"


def test_the_larger_of_the_two_measured_arenas_decides() -> None:
    assert fit(board(), KB, runs(4 * KB, minimum=6 * KB)).ram_needed_bytes == 26 * KB
    assert fit(board(), KB, runs(6 * KB, minimum=4 * KB)).ram_needed_bytes == 26 * KB


def test_where_only_the_derived_arena_would_fit_the_verdict_is_tight() -> None:
    found = fit(board(), KB, runs(240 * KB, derived=200 * KB))
    assert found.verdict == "tight"
    assert found.ram_needed_bytes == 260 * KB
    assert found.reasons[0] == "RAM: needs 260.0 KB of 256.0 KB usable, 4.0 KB too much."
    assert "220.0 KB and would fit" in found.reasons[1] and "calculated" in found.reasons[1]


def test_a_derived_arena_cannot_save_a_model_too_big_for_flash() -> None:
    assert fit(board(), 2000 * KB, runs(240 * KB, derived=200 * KB)).verdict == "too big"


def test_a_derived_arena_never_makes_a_verdict_better_than_tight() -> None:
    assert fit(board(), KB, runs(230 * KB, derived=KB)).verdict == "tight"


def test_where_only_the_low_end_of_the_codes_band_would_fit_the_verdict_is_tight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tinyml_core.boards.fit.runtime_code", lambda operators, board: code(5, 10, 20))
    found = fit(board(), 984 * KB, runs(KB))
    assert found.verdict == "tight"
    assert found.reasons[0] == "Flash: needs 1004.0 KB of 1000.0 KB usable, 4.0 KB too much."
    assert "999.0 KB and would fit" in found.reasons[1] and "estimated" in found.reasons[1]
    assert fit(board(), 985 * KB, runs(KB)).verdict == "tight"
    assert fit(board(), 985 * KB + 1, runs(KB)).verdict == "too big"


def test_where_the_high_end_of_the_codes_band_would_not_fit_the_verdict_is_tight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tinyml_core.boards.fit.runtime_code", lambda operators, board: code(5, 10, 300))
    assert fit(board(), 690 * KB, runs(KB)).verdict == "fits"
    found = fit(board(), 690 * KB + 1, runs(KB))
    assert found.verdict == "tight"
    assert "high end of its band" in found.reasons[0]


def test_both_doubtful_parts_at_best_are_still_no_more_than_tight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinyml_core.boards.fit.runtime_code", lambda operators, board: code(5, 10, 20))
    found = fit(board(), 984 * KB, runs(240 * KB, derived=200 * KB))
    assert found.verdict == "tight"
    assert [reason.split(":")[0] for reason in found.reasons if ": needs" in reason] == ["Flash", "RAM"]
    assert fit(board(), 984 * KB, runs(240 * KB, derived=239 * KB)).verdict == "too big"


def test_a_model_too_big_is_told_which_other_variants_fit() -> None:
    here = board(flash_kb=256)
    big = fit(here, 285 * KB, runs(KB))
    others = {
        "Too big as well": fit(here, 300 * KB, runs(KB)),
        "Full": fit(here, 230 * KB, runs(KB)),
        "int8": fit(here, 80 * KB, runs(KB)),
        "float16": fit(here, 80 * KB, Micro("refused", cause="It has float16 weights.")),
    }
    assert remedies(big, here, ("CONV_2D",), others) == ("What fits of this model's variants: int8, Full (tightly).",)


def test_an_arena_that_would_fit_outside_the_chip_is_told_so() -> None:
    here = replace(board(), psram_bytes=Figure(8192 * KB, "assumed", "made for a test"))
    too_big = fit(here, KB, runs(300 * KB))
    assert remedies(too_big, here, ("CONV_2D",), {}) == (
        "The arena of 300.0 KB would fit into the 8.0 MB of RAM outside the chip, which is slower.",
    )
    assert remedies(fit(here, 2000 * KB, runs(300 * KB)), here, ("CONV_2D",), {}) == ()
    assert remedies(too_big, board(), ("CONV_2D",), {}) == ()


def test_a_model_that_fits_only_with_its_own_resolver_is_told_to_keep_it_small() -> None:
    here = board(flash_kb=256)
    assert resolver_saving_bytes(("CONV_2D", "CONV_2D"), here) > 170 * KB
    (told,) = remedies(fit(here, 80 * KB, runs(KB)), here, ("CONV_2D", "CONV_2D"), {})
    assert told.startswith("Register only its one operator: linking all")
    assert remedies(fit(board(), 80 * KB, runs(KB)), board(), ("CONV_2D",), {}) == ()


def test_nothing_helps_where_nothing_is_known() -> None:
    assert (
        remedies(fit(board(), KB, Micro("not executed")), board(), ("CONV_2D",), {"int8": fit(board(), KB, runs(KB))})
        == ()
    )


def test_the_smallest_board_has_the_least_ram_and_then_the_least_flash() -> None:
    found = [real_fit(one, 40 * KB, runs(20 * KB), ("CONV_2D",)) for one in boards().values()]
    smallest = smallest_board(found, boards())
    assert smallest is not None
    runs_on = [boards()[one.board] for one in found if one.verdict in ("fits", "tight")]
    assert len(runs_on) > 30
    assert smallest.ram_contiguous_bytes.value == min(one.ram_contiguous_bytes.value for one in runs_on)
    assert smallest_board([one for one in found if one.verdict == "too big"], boards()) is None


def test_a_refused_model_cannot_run_but_its_flash_is_still_given() -> None:
    found = fit(board(), 80 * KB, Micro("refused", cause="It has float16 weights."))
    assert (found.verdict, found.ram_needed_bytes, found.flash_needed_bytes) == ("cannot run", None, 100 * KB)
    assert found.reasons == ("TFLM refuses the model: It has float16 weights.",)


def test_a_model_never_executed_is_unknown_and_not_fits() -> None:
    found = fit(board(), 80 * KB, Micro("not executed"))
    assert (found.verdict, found.ram_needed_bytes) == ("unknown", None)
    assert "not executed" in found.reasons[0]
    assert [part.title for part in found.ram_parts] == ["Runtime", "Platform"]


def test_a_model_never_executed_is_still_too_big_for_too_small_a_flash() -> None:
    assert fit(board(), 2000 * KB, Micro("not executed")).verdict == "too big"


def test_a_model_that_runs_without_a_measured_arena_is_unknown() -> None:
    found = fit(board(), KB, Micro("runs"))
    assert found.verdict == "unknown"
    assert found.reasons == ("RAM: unknown, because no arena was measured.",)


def test_an_arena_is_not_believed_of_a_model_that_does_not_run() -> None:
    assert fit(board(), KB, Micro("refused", arena_bytes=KB)).ram_needed_bytes is None


sizes = st.integers(0, 4096 * KB)


@given(flash=sizes, arena=sizes, minimum=st.none() | sizes, derived=st.none() | sizes)
def test_parts_add_up_and_the_verdict_agrees_with_the_sums(
    flash: int, arena: int, minimum: int | None, derived: int | None
) -> None:
    for one in boards().values():
        found: Fit = fit(one, flash, runs(arena, minimum, derived))
        assert sum(part.size_bytes for part in found.flash_parts) == found.flash_needed_bytes
        assert sum(part.size_bytes for part in found.ram_parts) == found.ram_needed_bytes
        assert found.reasons
        inside = found.flash_needed_bytes <= found.flash_available_bytes
        inside_ram = found.ram_needed_bytes is not None and found.ram_needed_bytes <= found.ram_available_bytes
        if found.verdict == "fits":
            assert inside and inside_ram
        if not inside:
            assert found.verdict == "too big"
        if inside and inside_ram:
            assert found.verdict in ("fits", "tight")


@given(flash=sizes, more=sizes, arena=sizes)
def test_a_bigger_model_never_gets_a_better_verdict(flash: int, more: int, arena: int) -> None:
    order = ("fits", "tight", "too big")
    for one in boards().values():
        small, big = (fit(one, size, runs(arena)).verdict for size in (flash, flash + more))
        assert order.index(small) <= order.index(big)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("order = 4\n", "", "wrong.toml lacks order; add it"),
        ("order = 4\n", "order = 4\ncolour = 1\n", "wrong.toml has the unknown colour; remove or correct it"),
        ("cores = 2", "cores = 0", "cores is 0, expected 1 to 64"),
        ("cores = 2", 'cores = "two"', "cores is 'two', expected a whole number"),
        ("cores = 2", "cores = true", "cores is True, expected a whole number"),
        ('fpu = "none"', 'fpu = " "', "fpu is ' ', expected words"),
        ("clock_mhz_default = 125", "clock_mhz_default = 300", "must not exceed clock_mhz_max, 133"),
        ("value = 8192\n", "value = -1\n", "runtime_ram_bytes.value is -1, expected 1 to 67108864"),
        ("value = 8192\n", "", "runtime_ram_bytes lacks value"),
        ('known = "assumed"', 'known = "guessed"', "runtime_ram_bytes.known is 'guessed', expected one of read"),
        ('source = "the same', 'source = ""\n# "the same', "runtime_ram_bytes.source is '', expected words"),
        (
            "[flash_usable_bytes]\nvalue = 2097152",
            "[flash_usable_bytes]\nvalue = 2097153",
            "flash_usable_bytes is 2097153, but must not exceed flash_physical_bytes, 2097152",
        ),
        ("order = 4\n", "order = \n", "expected a readable TOML file"),
    ],
)
def test_a_wrong_board_file_is_told_what_is_wrong(tmp_path: Path, old: str, new: str, expected: str) -> None:
    text = PICO.read_text(encoding="utf-8")
    assert text.count(old) == 1
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BoardError) as told:
        load_board(wrong)
    assert expected in str(told.value)
    assert str(told.value).startswith("wrong.toml") and "\n" not in str(told.value)


def test_a_board_without_sources_is_refused(tmp_path: Path) -> None:
    text = PICO.read_text(encoding="utf-8")
    start = text.index("sources = [")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text[:start] + "sources = []" + text[text.index("]", start) + 1 :], encoding="utf-8")
    with pytest.raises(BoardError, match="sources is"):
        load_board(wrong)


def test_a_file_name_that_cannot_stand_in_a_link_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "My Board.toml"
    wrong.write_text(PICO.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(BoardError, match="rename the file"):
        load_board(wrong)


def test_a_platform_may_take_nothing(tmp_path: Path) -> None:
    bare = tmp_path / "bare.toml"
    bare.write_text(PICO.read_text(encoding="utf-8").replace("value = 78496", "value = 0"), encoding="utf-8")
    assert load_board(bare).platform_flash_bytes.value == 0


def test_boards_are_read_without_any_heavy_library() -> None:
    code = (
        "import sys; from tinyml_core.boards.board import boards; import tinyml_core.boards.fit; boards(); "
        "sys.exit(any(name in sys.modules for name in ('numpy', 'pandas', 'streamlit', 'tensorflow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
