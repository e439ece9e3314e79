"""The Boards page: what it shows of a variant on a board, what it advises, and the boards that a person brings."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ask import boards as ask_boards
from pages.ask import link
from pages.boards import page
from pages.shared.plain import plain
from tinyml_core.boards import own
from tinyml_core.boards.board import DEFAULT_BOARDS, Board, boards
from tinyml_core.boards.latency.estimate import runtimes_for
from tinyml_core.boards.latency.runtimes import all_runtimes
from tinyml_core.boards.own import board_toml
from tinyml_core.compare.question import MOST
from tinyml_core.compress import techniques
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Call

TITLES = {name: technique.title for name, technique in techniques.techniques().items()}
FEW = "float32,int8"
ALL = ",".join(boards())
WITH_VELA = [board for board in boards().values() if board.npu is not None]
WITHOUT_COEFFICIENTS = [board for board in boards().values() if not runtimes_for(board)]
LIMIT_KEYS = ("limit_flash_kb", "limit_ram_kb", "limit_points", "limit_ms", "limit_uj")
Visit = Callable[..., AppTest]


def charts(at: AppTest) -> dict[str, str]:
    """What assistive technology reads of each chart, by key; charts that cannot be clicked are numbered."""
    drawn = [*at.get("arrow_vega_lite_chart"), *at.get("vega_lite_chart")]
    return {part.proto.id.rsplit("-", 1)[-1] or str(index): part.proto.alt for index, part in enumerate(drawn)}


def metrics(at: AppTest) -> dict[str, Any]:
    """The large numbers of the page by their labels."""
    return {metric.label: metric for metric in at.metric}


def press(at: AppTest, label: str) -> AppTest:
    """Press the one button with this label."""
    (button,) = [button for button in at.button if button.label == label]
    return button.click().run()


def open_box(at: AppTest, *keys: str) -> AppTest:
    """Open boxes; their content is drawn only then."""
    for key in keys:
        at.session_state[key] = True
    return at.run()


def address(at: AppTest) -> dict[str, str]:
    """The parameters in the address bar."""
    given = {name: at.query_params[name] for name in at.query_params}
    return {name: value if isinstance(value, str) else ",".join(value) for name, value in given.items()}


def advice(at: AppTest) -> list[tuple[str, str]]:
    """What is advised, and in which colour."""
    return [(kind, part.value) for kind in ("success", "warning", "error") for part in at.get(kind) if part.icon]


def mine(title: str = "My board", **changes: Any) -> Board:
    """A board as the form makes it."""
    given = {
        "core": "Cortex-M4F", "clock_mhz": 80, "flash_kb": 512, "ram_kb": 128, "platform_flash_kb": 24,
        "platform_ram_kb": 12, "platform": "", "power_mw": 20.0, "flash_external": False,
    }  # fmt: skip
    return own.from_toml(own.form_toml(title, **{**given, **changes}))


def failing(step: str) -> Callable[[Call], Failure | None]:
    """Lets every call of a step fail."""
    return lambda call: Failure(step, "The oven was cold.", "Warm it up.", detail="E 42") if call.step == step else None


# ---- The map, and one cell in full


def test_the_map_shows_every_variant_on_the_usual_four_boards(visit: Visit, read: Any) -> None:
    at = visit("boards")
    assert read.problems(at) == []
    told = charts(at)["board_map"]
    for name in DEFAULT_BOARDS:
        assert boards()[name].title in told
    for technique in techniques.DEFAULT_TECHNIQUES:
        assert f"{TITLES[technique]}: " in told


def test_the_variant_shown_follows_the_recommendation_until_a_person_chooses(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW)
    assert at.selectbox(key="cell_variant").value == "int8"
    at.selectbox(key="cell_variant").set_value("float32").run()
    at.pills(key="after").set_value(["float32", "int8", "float16"]).run()
    assert at.selectbox(key="cell_variant").value == "float32"  # a choice outlives a new row
    at.pills(key="after").set_value(["int8", "float16"]).run()
    assert at.selectbox(key="cell_variant").value == "int8"  # but not the end of its own row
    assert read.problems(at) == []


def test_a_clicked_cell_names_technique_and_board() -> None:
    point = {"technique": "int8", "board": "sparkfun_edge"}
    assert page.cell_of({"cell": [point]}) == ("int8", "sparkfun_edge")


@pytest.mark.parametrize(
    "selection", [{}, {"cell": []}, {"cell": {}}, {"cell": [{"technique": "int8"}]}, {"cell": [{"board": "x"}]}]
)
def test_a_click_beside_all_cells_chooses_nothing(selection: dict[str, Any]) -> None:
    assert page.cell_of(selection) is None


def test_another_board_shows_its_own_verdict_card_and_times(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW)
    seen = set()
    for name in DEFAULT_BOARDS:
        board = boards()[name]
        at.selectbox(key="cell_board").set_value(name).run()
        assert read.problems(at) == []
        heads = [part.value for part in at.subheader]
        assert f"Time and energy on {board.title}" in heads
        assert board.title in heads  # its card
        assert f"**{board.title}**: ✓ fits." in read.words(at)
        assert board.mcu in read.words(at)
        seen.add(metrics(at)["Latency, estimated"].value)
    assert len(seen) == len(DEFAULT_BOARDS)


def test_each_part_of_both_sums_is_shown_when_its_box_is_opened(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW, boards="sparkfun_edge")
    assert not at.table
    open_box(at, "parts_Flash_int8_sparkfun_edge", "parts_RAM_int8_sparkfun_edge")
    assert read.problems(at) == []
    flash, ram = (table.value for table in at.table)
    assert list(flash.index) == ["Model", "Runtime", "Platform"]
    assert list(ram.index) == ["Arena", "Runtime", "Platform"]
    for parts in (flash, ram):
        assert all(parts["Known"]) and all(parts["Source"])


def test_the_card_shows_every_figure_with_its_source(visit: Visit, read: Any) -> None:
    at = open_box(visit("boards", techniques=FEW, boards="sparkfun_edge"), "facts_sparkfun_edge")
    assert read.problems(at) == []
    figures, words = (table.value for table in at.table)
    assert figures.loc["RAM in one piece", "Source"] == boards()["sparkfun_edge"].ram_contiguous_bytes.source
    assert "Power while computing" in figures.index
    assert all(figures["Known"]) and all(figures["Source"])
    assert words.loc["Microphone"].item() == boards()["sparkfun_edge"].microphone


def test_the_cycles_of_each_layer_add_up_to_the_whole(visit: Visit, read: Any) -> None:
    at = open_box(visit("boards", techniques=FEW), "layers")
    assert read.problems(at) == []
    (layers,) = [frame.value for frame in at.dataframe if "cycles" in frame.value]
    assert math.isclose(layers["share"].sum(), 1)
    assert any("1. conv 2d" in told for told in charts(at).values())


def test_the_table_has_a_row_for_each_chosen_board(visit: Visit, read: Any) -> None:
    at = open_box(visit("boards", techniques=FEW, boards=ALL), "board_table_box")
    assert read.problems(at) == []
    (table,) = [frame.value for frame in at.dataframe if "Verdict" in frame.value]
    assert sorted(table["Board"]) == sorted(board.title for board in boards().values())
    without = {board.title for board in WITHOUT_COEFFICIENTS}
    assert without <= set(table["Board"][table["Latency, ms"].isna()])
    known = table.dropna(subset=["Latency, ms"])
    assert (known["from"] <= known["Latency, ms"]).all() and (known["Latency, ms"] <= known["to"]).all()


@pytest.mark.every
def test_all_techniques_on_all_boards_are_drawn(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=",".join(TITLES), boards=ALL)
    assert read.problems(at) == []
    told = charts(at)["board_map"]
    assert all(board.title in told for board in boards().values())
    refused = {"lq_w4b32", "lq_w2b32"}  # 40 inputs of a layer of digits do not divide into blocks of 32
    assert all((f"{title}: " in told) == (name not in refused) for name, title in TITLES.items())


def test_a_model_without_data_has_sums_and_times_all_the_same(visit: Visit, read: Any) -> None:
    at = visit("boards", model="mlperf_kws", techniques="float32,int8,float16")
    assert read.problems(at) == []
    assert at.selectbox(key="cell_variant").value == "int8"
    assert metrics(at)["Latency, estimated"].value.startswith("about ")
    assert "its score was not measured" in advice(at)[0][1]


# ---- Advice


def test_without_limits_the_best_that_runs_is_named(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW)
    assert advice(at) == [
        (
            "success",
            f"{TITLES['int8']} is the best of those that run on SparkFun Edge: the smallest whose score is not worse "
            "than float32's beyond chance.",
        )
    ]


def test_a_limit_in_the_link_is_shown_in_the_form_and_gives_advice(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW, limit_board="raspberry_pi_pico", limit_flash=str(10 * 2**20))
    assert read.notes(at) == []
    assert at.selectbox(key="limit_board").value == "raspberry_pi_pico"
    assert at.number_input(key="limit_flash_kb").value == 10 * 1024
    assert "My limits (1 set)" in [box.proto.popover.label for box in at.get("popover")]
    ((kind, words),) = advice(at)
    assert kind == "success"
    assert words.startswith(f"{TITLES['int8']} is the best within the limits on Raspberry Pi Pico: ")


def test_advice_says_what_the_next_better_variant_fails_on(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques="float32,dynamic", limit_flash=str(512 * 1024))
    assert read.problems(at) == []
    ((kind, words),) = advice(at)
    assert kind == "success"
    assert words.startswith(f"{TITLES['float32']} is the best within the limits on SparkFun Edge: ")
    assert f"Next better would be {TITLES['dynamic']}, but: TFLM refuses the model" in words


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ({"limit_flash": "1024"}, "Flash: the whole program needs "),
        ({"limit_ram": "1024"}, "RAM: the whole program needs "),
        ({"limit_ms": "0.001"}, "Latency: about "),
        ({"limit_uj": "0.001"}, "Energy: about "),
    ],
)
def test_an_impossible_limit_is_said_to_be_so(limit: dict[str, str], says: str, visit: Visit, read: Any) -> None:
    at = visit("boards", techniques="int8", **limit)
    assert read.problems(at) == []
    ((kind, words),) = advice(at)
    assert kind == "error"
    assert f"Nearest is {TITLES['int8']}: {says}" in words
    assert "over the limit of" in words


def test_a_limit_inside_the_band_is_kept_only_probably(visit: Visit, read: Any) -> None:
    at = open_box(visit("boards", techniques=FEW, boards="sparkfun_edge"), "board_table_box")
    (table,) = [frame.value for frame in at.dataframe if "Verdict" in frame.value]
    between = (table["Latency, ms"].item() + table["to"].item()) / 2
    at.number_input(key="limit_ms").set_value(between).run()
    ((kind, words),) = advice(at)
    assert kind == "warning"
    assert "Only probably: Latency: about " in words
    assert "the band reaches over the limit" in words


def test_limits_typed_into_the_form_stand_in_the_address_until_they_are_cleared(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW)
    for key, value in zip(LIMIT_KEYS, (128.0, 64.0, 1.5, 40.0, 900.0), strict=True):
        at.number_input(key=key).set_value(value)
    at.selectbox(key="limit_board").set_value("raspberry_pi_pico").run()
    assert read.problems(at) == []
    written = {name: value for name, value in address(at).items() if name.startswith("limit_")}
    assert written == {
        "limit_board": "raspberry_pi_pico", "limit_flash": "131072", "limit_ram": "65536", "limit_points": "1.5",
        "limit_ms": "40", "limit_uj": "900",
    }  # fmt: skip
    press(at, "Clear all limits")
    assert read.problems(at) == []
    assert [at.number_input(key=key).value for key in LIMIT_KEYS] == [None] * 5
    assert not any(name.startswith("limit_") for name in address(at))
    assert "of those that run" in advice(at)[0][1]


def test_the_form_takes_the_largest_limits_that_a_link_may_hold(visit: Visit, read: Any) -> None:
    most = {name: f"{MOST[field]:.12g}" for name, field in link.LIMITS.items()}
    at = visit("boards", techniques="int8", **most)
    assert (read.problems(at), read.notes(at)) == ([], [])
    assert most.items() <= address(at).items()  # not others that the form would rather have
    assert advice(at)[0][0] == "success"


def test_limits_beyond_all_microcontrollers_cost_a_sentence_each_and_are_none(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques="int8", **{name: str(MOST[field] * 1.01) for name, field in link.LIMITS.items()})
    assert len(read.notes(at)) == len(link.LIMITS)
    assert all("No limit is set there" in note for note in read.notes(at))
    assert not link.LIMITS.keys() & address(at).keys()
    assert "of those that run" in advice(at)[0][1]


def test_limits_of_a_board_that_is_not_chosen_hold_on_the_first(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques="int8", boards="sparkfun_edge", limit_board="raspberry_pi_pico", limit_ms="50")
    assert any("The limits hold on the first one" in note.replace("\u2060", "") for note in read.notes(at))
    assert at.selectbox(key="limit_board").value == "sparkfun_edge"


# ---- Time and energy


def test_other_kernels_change_the_estimate_and_stand_in_the_address(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW, boards="sparkfun_edge")
    usual = metrics(at)["Latency, estimated"].value
    at.selectbox(key="kernels").set_value("tflm_reference").run()
    assert read.problems(at) == []
    assert metrics(at)["Latency, estimated"].value != usual
    assert address(at)["runtime"] == "tflm_reference"
    assert all_runtimes()["tflm_reference"].about in read.words(at)
    at.selectbox(key="kernels").set_value(runtimes_for(boards()["sparkfun_edge"])[0].name).run()
    assert metrics(at)["Latency, estimated"].value == usual
    assert "runtime" not in address(at)


def test_a_link_with_kernels_gives_the_same_estimate_to_somebody_else(visit: Visit) -> None:
    first = visit("boards", techniques=FEW, boards="sparkfun_edge")
    first.selectbox(key="kernels").set_value("tflm_reference").run()
    second = visit("boards", **address(first))
    assert second.selectbox(key="kernels").value == "tflm_reference"
    assert metrics(second)["Latency, estimated"].value == metrics(first)["Latency, estimated"].value


def test_kernels_that_a_board_does_not_have_are_not_shown_for_it(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW, boards="raspberry_pi_pico", runtime="x_cube_ai")
    assert read.problems(at) == []
    assert at.selectbox(key="kernels").value == runtimes_for(boards()["raspberry_pi_pico"])[0].name


@pytest.mark.parametrize("board", WITHOUT_COEFFICIENTS, ids=lambda board: board.name)
def test_a_board_that_nobody_has_timed_shows_no_number(board: Board, visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW, boards=board.name)
    assert read.problems(at) == []
    assert (metrics(at)["Latency"].value, metrics(at)["Energy"].value) == ("no estimate", "no estimate")
    assert "No published latency of any runtime" in read.words(at)
    assert not re.search(r"\d (ms|µs|µJ|mJ)\b", read.words(at))
    assert set(charts(at)) == {"board_map"}


def test_a_board_without_known_power_shows_a_time_but_no_energy(visit: Visit, read: Any) -> None:
    board = next(board for board in boards().values() if board.active_power_uw is None and runtimes_for(board))
    at = visit("boards", techniques=FEW, boards=board.name)
    assert metrics(at)["Latency, estimated"].value.startswith("about ")
    assert metrics(at)["Energy"].value == "no estimate"
    assert "No usable figure of the active power" in read.words(at)


# ---- NPU


@pytest.mark.parametrize("board", WITH_VELA, ids=lambda board: board.name)
def test_a_board_with_an_npu_shows_cycles_and_no_time_where_no_clock_is_known(
    board: Board, visit: Visit, read: Any
) -> None:
    assert board.npu is not None
    assert board.npu.clock_mhz is None
    at = visit("boards", techniques=FEW, boards=board.name)
    assert read.problems(at) == []
    cycles = metrics(at)["NPU cycles"]
    assert int(cycles.value.replace(",", "")) > 1000
    assert cycles.delta == "no clock known"
    assert metrics(at)["MACs on the NPU"].value == "100.0 %"
    assert "compiler estimate (Vela), not a measurement" in read.words(at)
    assert board.npu.accelerator in read.words(at)


def test_float32_on_an_npu_is_told_to_be_integer_only(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW, boards=WITH_VELA[0].name)
    at.selectbox(key="cell_variant").set_value("float32").run()
    assert read.problems(at) == []
    assert [part.value for part in at.info] == [
        plain(
            "The NPU runs integer operators only, and this file computes in floats (float32). Use full integer (int8)."
        )
    ]
    assert "NPU cycles" not in metrics(at)


def test_a_compiler_that_fails_says_why_and_costs_nothing_else(visit: Visit, read: Any, worker: Any) -> None:
    worker.fails = failing("npu")
    at = visit("boards", techniques=FEW, boards=WITH_VELA[0].name)
    assert read.problems(at) == []
    assert "The oven was cold. Warm it up." in [part.value for part in at.info]
    assert metrics(at)["Latency, estimated"].value.startswith("about ")


def test_a_board_without_an_npu_asks_no_compiler(visit: Visit, worker: Any) -> None:
    visit("boards", techniques=FEW)
    assert not [step for step, _ in worker.steps() if step == "npu"]


# ---- Choosing boards


def left_over(at: AppTest) -> set[str]:
    """Press the button that chooses what the filters leave; gives what is chosen then."""
    (button,) = [button for button in at.button if button.label.startswith("Choose these ")]
    count = int(button.label.split()[2])
    button.click().run()
    chosen = set(at.multiselect(key="boards").value)
    assert len(chosen) == count
    return chosen


def names(found: Iterable[Board]) -> set[str]:
    """Names of boards."""
    return {board.name for board in found}


def test_all_and_the_classic_four_are_one_press_away(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW, boards="nucleo_f446re")
    press(at, f"All {len(boards())}")
    assert read.problems(at) == []
    assert at.multiselect(key="boards").value == list(boards())
    assert address(at)["boards"] == ALL
    press(at, "The classic four")
    assert at.multiselect(key="boards").value == list(DEFAULT_BOARDS)
    assert "boards" not in address(at)


def test_boards_can_be_chosen_by_what_they_have(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW)
    at.pills(key="filter_has").set_value(["NPU"]).run()
    chosen = left_over(at)
    assert read.problems(at) == []
    assert names(WITH_VELA) <= chosen
    assert "stm32n6570_dk" in chosen  # an NPU that Vela does not compile for is one too
    assert not chosen & set(DEFAULT_BOARDS)


def test_boards_can_be_chosen_by_vendor_and_ram(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW)
    at.multiselect(key="filter_vendor").set_value(["Arduino"])
    at.select_slider(key="filter_ram").set_value(256).run()
    chosen = left_over(at)
    assert chosen == names(
        board
        for board in boards().values()
        if board.vendor == "Arduino" and board.ram_contiguous_bytes.value >= 256 * 1024
    )
    assert 0 < len(chosen) < len([board for board in boards().values() if board.vendor == "Arduino"])


def test_filters_that_leave_nothing_say_so(visit: Visit, read: Any) -> None:
    at = visit("boards", techniques=FEW)
    at.multiselect(key="filter_core").set_value(["Cortex-M0+"])
    at.select_slider(key="filter_ram").set_value(2048).run()
    assert read.problems(at) == []
    (button,) = [button for button in at.button if button.label == "No board has all of this"]
    assert button.disabled


def test_every_board_has_a_family_of_cores() -> None:
    assert {ask_boards.family(board) for board in boards().values()} >= {
        "Cortex-M4F",
        "Xtensa",
        "RISC-V",
        "Cortex-M7",
    }


# ---- A board of one's own


def add_by_form(at: AppTest, title: str) -> AppTest:
    """Fill in the form and press its button."""
    if not at.text_input:
        open_box(at, "own_board_box")
    (name,) = [part for part in at.text_input if part.label == "Name of the board"]
    name.set_value(title)
    return press(at, "Add this board")


def drop(at: AppTest, content: bytes, name: str = "board.toml") -> AppTest:
    """Drop a file in and press the button below it."""
    open_box(at, "own_board_box")
    at.file_uploader(key="own_board_file").upload(name, content, "application/toml").run()
    return press(at, "Add the board of this file")


def test_a_board_of_the_form_is_chosen_shown_and_stands_in_the_address(visit: Visit, read: Any) -> None:
    at = add_by_form(visit("boards", techniques=FEW), "My sensor board")
    assert read.problems(at) == []
    assert at.multiselect(key="boards").value == [*DEFAULT_BOARDS, "own_my_sensor_board"]
    assert at.selectbox(key="cell_board").value == "own_my_sensor_board"
    assert "My sensor board" in charts(at)["board_map"]
    assert "Time and energy on My sensor board" in [part.value for part in at.subheader]
    assert own.unpacked(address(at)["own"]).title == "My sensor board"
    assert f"All {len(boards()) + 1}" in [button.label for button in at.button]


def test_the_numbers_of_the_form_are_those_of_the_board(visit: Visit, read: Any) -> None:
    at = open_box(visit("boards", techniques=FEW), "own_board_box")
    numbers = {part.label: part for part in at.number_input}
    numbers["Clock, MHz"].set_value(120)
    numbers["Flash a program may use, KB"].set_value(64)
    numbers["RAM in one piece, KB"].set_value(32)
    numbers["Power while computing, mW"].set_value(30.0)
    add_by_form(at, "Small one")
    assert read.problems(at) == []
    board = own.unpacked(address(at)["own"])
    assert board.clock_mhz_default == 120
    assert (board.flash_usable_bytes.value, board.ram_contiguous_bytes.value) == (64 * 1024, 32 * 1024)
    assert board.active_power_uw is not None and board.active_power_uw.value == 30_000
    assert "**Small one**: ✗ too big." in read.words(at)
    assert metrics(at)["Energy, estimated"].value.startswith("about ")


def test_a_board_without_a_name_is_not_added(visit: Visit, read: Any) -> None:
    at = add_by_form(visit("boards", techniques=FEW), "   ")
    assert read.problems(at) == []
    assert "The board has no name; give it one, so that it can be told from others." in [e.value for e in at.error]
    assert "own" not in address(at)


def test_a_board_that_is_removed_is_gone_everywhere(visit: Visit, read: Any) -> None:
    at = add_by_form(visit("boards", techniques=FEW), "My board")
    at.selectbox(key="limit_board").set_value("own_my_board")
    at.number_input(key="limit_ms").set_value(1000.0).run()
    assert address(at)["limit_board"] == "own_my_board"
    press(at, "Remove")
    assert read.problems(at) == []
    assert at.multiselect(key="boards").value == list(DEFAULT_BOARDS)
    assert "own" not in address(at) and "boards" not in address(at)
    assert address(at)["limit_board"] == DEFAULT_BOARDS[0]
    assert "My board" not in charts(at)["board_map"]


def test_a_board_of_the_same_name_takes_the_place_of_the_one_before(visit: Visit, read: Any) -> None:
    at = add_by_form(visit("boards", techniques=FEW), "My board")
    (clock,) = [part for part in at.number_input if part.label == "Clock, MHz"]
    clock.set_value(200)
    add_by_form(at, "My board")
    assert read.problems(at) == []
    assert own.unpacked(address(at)["own"]).clock_mhz_default == 200
    assert at.multiselect(key="boards").value == [*DEFAULT_BOARDS, "own_my_board"]


def test_a_link_holds_no_more_than_a_few_own_boards(visit: Visit, read: Any) -> None:
    words = ",".join(own.packed(mine(f"Board {number}")) for number in range(own.MOST_BOARDS))
    at = visit("boards", techniques=FEW, own=words)
    assert read.notes(at) == []
    add_by_form(at, "One more")
    assert read.problems(at) == []
    assert f"A link holds at most {own.MOST_BOARDS} own boards; remove one first." in [e.value for e in at.error]
    assert len(at.multiselect(key="boards").value) == len(DEFAULT_BOARDS) + own.MOST_BOARDS
    more = visit("boards", techniques=FEW, own=f"{words},{own.packed(mine('One more'))}")
    assert any(
        f"{own.MOST_BOARDS} are read, the others left out" in note.replace("\u2060", "") for note in read.notes(more)
    )


def test_an_own_board_in_a_link_is_there_for_somebody_else(visit: Visit, read: Any) -> None:
    first = add_by_form(visit("boards", techniques=FEW), "My board")
    second = visit("boards", **address(first))
    assert read.problems(second) == []
    assert read.notes(second) == []
    assert second.multiselect(key="boards").value == first.multiselect(key="boards").value
    assert charts(second)["board_map"] == charts(first)["board_map"]


def test_an_own_board_follows_to_the_other_page_and_back(visit: Visit, turn: Any, read: Any) -> None:
    at = visit("boards", techniques=FEW, own=own.packed(mine()))
    before = address(at)
    for slug in ("compare", "boards"):
        turn(at, slug)
        assert read.problems(at) == []
        assert "own_my_board" in at.multiselect(key="boards").value
    assert {*before} <= {*address(at), "own", "techniques"}


@pytest.mark.parametrize("name", ["sparkfun_edge", WITH_VELA[0].name])
def test_a_board_file_of_the_project_can_be_dropped_in(name: str, visit: Visit, read: Any) -> None:
    board = boards()[name]
    at = drop(visit("boards", techniques=FEW, boards=name), board_toml(board).encode())
    assert read.problems(at) == []
    assert not [part for part in at.error if part.icon == ":material/error:"]
    added = own.unpacked(address(at)["own"])
    assert at.multiselect(key="boards").value == [name, added.name]
    assert added.ram_contiguous_bytes.value == board.ram_contiguous_bytes.value
    told = charts(at)["board_map"]
    assert board.title in told and f"{board.title} (own)" in told  # two boards, two columns
    assert len({board.title, added.title}) == 2


GOOD = board_toml(mine())
WRONG = {
    "number": (("clock_mhz_max = 80", "clock_mhz_max = 99999999"), ("clock_mhz_max", "99999999", "2000")),
    "no TOML": (("cores = 1", "cores ="), ("readable TOML",)),
    "mark-up": (('kernel_core = "Cortex-M4F"', 'kernel_core = "![x](http://evil.example/x.png)"'), ("kernel_core",)),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_board_file_with_an_absurd_value_costs_a_sentence_that_names_it(kind: str, visit: Visit, read: Any) -> None:
    (before, after), told = WRONG[kind]
    assert before in GOOD
    at = drop(visit("boards", techniques=FEW), GOOD.replace(before, after, 1).encode())
    assert read.problems(at) == []
    (error,) = [part.value for part in at.error]
    said = re.sub(r"\\(.)", r"\1", error.replace("\u2060", ""))
    for word in told:
        assert word in said.replace(",", "")
    assert "](" not in error and "://" not in error  # as plain words
    assert "own" not in address(at)


def test_a_file_that_is_no_text_costs_a_sentence(visit: Visit, read: Any) -> None:
    at = drop(visit("boards", techniques=FEW), b"\xff\xfe\x00", "picture.toml")
    assert read.problems(at) == []
    (error,) = [part.value.replace("\u2060", "").replace("\\", "") for part in at.error]
    assert error == "picture.toml is no text in UTF-8; give a TOML file like those in tinyml_core/boards."


STRANGE = {
    "links": ("[click](https://evil.example) ![x](http://evil.example/x)", ("](", "://", "![")),
    "addresses": ("see www.evil.example or me@evil.example", ("www.", "me@")),
    "mark-up": ("<script>alert(1)</script> :red[alarm] `code` $x^2$", ("<script", "red[", "`code", "$x")),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_a_strangers_board_makes_no_links_and_no_markup(kind: str, visit: Visit, read: Any) -> None:
    words, never = STRANGE[kind]
    text = GOOD.replace("My board", words).replace("notes = []", f'notes = ["{words}"]')
    assert text.count(words) == 2
    at = drop(visit("boards", techniques=FEW), text.encode())
    name = at.selectbox(key="cell_board").value
    assert name.startswith(own.PREFIX)
    open_box(at, f"facts_{name}")
    assert read.problems(at) == []
    card = [part.value for part in (*at.subheader, *at.caption) if "evil" in part.value or "alarm" in part.value]
    assert len(card) >= 3  # title, note, smallest board or times
    for part in (*card, *(board for board in read.words(at).split("\n") if "own_" in board)):
        assert not [word for word in never if word in part]


# ---- What is waited for, and what fails


@pytest.mark.parametrize("step", ["convert_variant", "inspect", "micro"])
def test_with_an_own_board_no_failure_becomes_an_exception(step: str, visit: Visit, read: Any, worker: Any) -> None:
    worker.fails = failing(step)
    at = visit("boards", techniques=FEW, boards=WITH_VELA[0].name, own=own.packed(mine()), limit_ms="1")
    assert read.problems(at) == []
    assert at.button  # the page is there
