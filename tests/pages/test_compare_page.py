"""The Compare page: what it shows, what it asks of the workers, and how it bears failures."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.compare import pictures
from pages.shared import frame
from tests.representatives import representatives
from tinyml_core import catalog
from tinyml_core.compress import techniques
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Call, Pool
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.progress import LocalProgress
from tinyml_core.engine.store import NoStore, Store

TITLES = {name: technique.title for name, technique in techniques.techniques().items()}
POOLS: tuple[Pool, ...] = ("tensorflow", "light", "quiet")
Visit = Callable[..., AppTest]


# ---- What it shows


def test_the_front_page_compares_the_usual_six_without_a_click(visit: Visit, read: Any) -> None:
    at = visit()
    assert list(read.rows(at)) == [TITLES[name] for name in techniques.DEFAULT_TECHNIQUES]
    assert all(row["State"].startswith("measured") for row in read.rows(at).values())
    assert not at.progress or all("variants measured" not in (bar.proto.text or "") for bar in at.progress)


def test_the_summary_names_the_starred_variant_and_where_it_runs(visit: Visit, read: Any) -> None:
    at = visit()
    starred = [cell for cell in at.dataframe[0].value["Technique"] if cell.startswith("★ ")]
    assert len(starred) == 1
    assert read.summary(at).lstrip("“").startswith(starred[0].removeprefix("★ "))
    assert "TensorFlow Lite Micro" in read.summary(at)


def test_there_is_a_chart_for_each_kind_of_number(visit: Visit, read: Any) -> None:
    at = visit()
    charts = [chart for chart in catalog.discover("tinyml_core.charts", "CHART").values() if chart.page == "compare"]
    assert read.charts(at) == len(charts)
    for chart in charts:
        assert chart.title in [part.value for part in at.subheader]
        assert chart.question in read.words(at)


def test_the_details_show_the_recommended_variant_until_a_person_chooses(visit: Visit, read: Any) -> None:
    at = visit(techniques="float32,int8")
    assert at.selectbox(key="variant").value == "int8"
    at.selectbox(key="variant").set_value("float32").run()
    assert read.problems(at) == []
    assert TITLES["float32"] in [part.value for part in at.subheader]
    at.pills(key="after").set_value(["float32", "int8", "float16"]).run()
    assert at.selectbox(key="variant").value == "float32"  # a choice outlives a new row
    at.pills(key="after").set_value(["int8", "float16"]).run()
    assert at.selectbox(key="variant").value == "int8"  # but not the end of its own row


def test_a_model_without_data_says_so_wherever_a_score_would_stand(visit: Visit, read: Any) -> None:
    at = visit(model="mlperf_kws", techniques="float32,int8,float16")
    assert read.problems(at) == []
    assert "no data set comes with this model" in read.summary(at)
    assert [part.value for part in at.metric if part.label == "Score"] == ["not measured"]
    titles = [part.value for part in at.subheader]
    assert catalog.discover("tinyml_core.charts", "CHART")["four_sizes"].title in titles
    assert catalog.discover("tinyml_core.charts", "CHART")["tradeoff"].title not in titles
    at.session_state["card"] = True
    at.run()
    assert read.problems(at) == []


@pytest.mark.parametrize("technique", representatives(techniques.DEFAULT_TECHNIQUES, "float16", "qat_int8"))
def test_every_variant_has_details(technique: str, visit: Visit, read: Any) -> None:
    at = visit()
    at.selectbox(key="variant").set_value(technique).run()
    words = read.words(at)
    assert techniques.techniques()[technique].idea in words
    at.session_state["detail_tabs"] = "Download and source"  # only the tab in front is filled
    at.run()
    assert read.problems(at) == []
    words = read.words(at)
    assert "SHA-256" in words
    assert "tinyml_core/compress/presets.py" in words
    (row,) = (block.value for block in at.code if block.value.startswith("Preset("))
    assert row.startswith(f"Preset(\n    {techniques.techniques()[technique].order}, ")
    assert len(at.metric) == 5


def test_the_answer_is_the_same_in_the_table_and_in_the_details(visit: Visit, read: Any) -> None:
    at = visit(techniques="float32,int8")
    row = read.rows(at)[TITLES["int8"]]
    metrics = {metric.label: metric.value for metric in at.metric}
    assert row["Arena"] == metrics["Arena on TFLM"]
    assert row["Changed"] == metrics["Changed answers"]
    assert row["Score"].startswith(metrics["Accuracy"])


# ---- What it asks


def test_one_more_technique_is_one_more_row_and_asks_nothing_that_is_known(
    visit: Visit, read: Any, worker: Any
) -> None:
    at = visit(techniques="float32,int8")
    before = len(worker.asked)
    at.pills(key="after").set_value(["float32", "int8", "float16"]).run()
    assert list(read.rows(at)) == [TITLES["float32"], TITLES["float16"], TITLES["int8"]]
    new = worker.asked[before:]
    assert new
    assert all("float16 of digits" in call.title for call in new), worker.steps()[before:]
    assert [call.step for call in new].count("convert_variant") == 1


def test_a_technique_that_comes_back_is_not_asked_again(visit: Visit, worker: Any) -> None:
    at = visit(techniques="float32,int8")
    before = len(worker.asked)
    at.pills(key="after").set_value(["float32"]).run()
    at.pills(key="after").set_value(["float32", "int8"]).run()
    assert worker.steps()[before:] == []


def test_a_second_visitor_costs_the_workers_nothing(visit: Visit, worker: Any) -> None:
    visit(techniques="float32,int8")
    before = len(worker.asked)
    visit("boards", techniques="int8,float32")
    visit(techniques="float32,int8")
    assert worker.steps()[before:] == []


def test_no_call_is_asked_twice(visit: Visit, worker: Any) -> None:
    at = visit()
    at.run()
    names = [call.fingerprint for call in worker.asked]
    assert len(names) == len(set(names)), worker.steps()


def test_a_setting_that_cannot_change_a_file_makes_no_new_one(visit: Visit, worker: Any) -> None:
    at = visit(techniques="float32,int8")
    before = len(worker.asked)
    at.number_input(key="epochs").set_value(5).run()  # neither technique trains
    assert worker.steps()[before:] == []


def test_float32_is_measured_though_it_was_not_asked(visit: Visit, read: Any) -> None:
    at = visit(techniques="int8")
    assert list(read.rows(at)) == [TITLES["int8"]]
    assert "smaller than float32" in read.summary(at)


# ---- Failures


def failing(step: str, technique: str | None = None) -> Callable[[Call], Failure | None]:
    """Lets a step fail, of one technique or of all."""

    def fails(call: Call) -> Failure | None:
        if call.step == step and (technique is None or call.title.startswith((technique, f"latency of {technique}"))):
            return Failure(step, "The oven was cold.", "Warm it up.", detail="E 42")
        return None

    return fails


def test_a_variant_that_fails_says_why_and_all_others_are_measured(visit: Visit, read: Any, worker: Any) -> None:
    worker.fails = failing("convert_variant", "float16")
    at = visit(techniques="float32,int8,float16")
    assert read.problems(at) == []
    states = {title: row["State"] for title, row in read.rows(at).items()}
    assert states[TITLES["float16"]] == "✗ The oven was cold."
    assert states[TITLES["float32"]].startswith("measured")
    assert states[TITLES["int8"]].startswith("measured")
    assert f"{TITLES['float16']} could not be measured." in read.summary(at)
    at.selectbox(key="variant").set_value("float16").run()
    assert read.problems(at) == []
    assert "The oven was cold. Warm it up." in at.error[0].value
    assert "E 42" in read.words(at)


STEPS = ("load_dataset", "export", "convert_variant", "inspect", "score", "micro", "latency")


@pytest.mark.parametrize("slug", [page.slug for page in frame.page_files()])
@pytest.mark.parametrize("technique", representatives([None, "int8", "float32"], None))
@pytest.mark.parametrize("step", STEPS)
def test_no_failure_becomes_an_exception_on_a_page(
    step: str, technique: str | None, slug: str, visit: Visit, read: Any, worker: Any
) -> None:
    worker.fails = failing(step, technique)
    at = visit(slug, techniques="float32,int8")
    assert read.problems(at) == []
    if slug == "compare":
        assert list(read.rows(at)) == [TITLES["float32"], TITLES["int8"]]
        if technique is not None:
            at.selectbox(key="variant").set_value(technique).run()
            assert read.problems(at) == []


def test_when_nothing_could_be_measured_the_page_says_so(visit: Visit, read: Any, worker: Any) -> None:
    worker.fails = failing("convert_variant")
    at = visit(techniques="float16,int8")
    assert read.problems(at) == []
    assert read.summary(at) == "None of the chosen techniques could be measured; each row says why."
    assert all(row["State"] == "✗ The oven was cold." for row in read.rows(at).values())


class Delayed(ThreadPoolExecutor):
    """Answers a moment after it was asked, as real workers do."""

    def __init__(self, worker: Executor) -> None:
        super().__init__(1)
        self.worker = worker

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand it to the worker in a thread."""
        return super().submit(lambda: self.worker.submit(fn, *args, **kwargs).result())


def test_a_failure_that_comes_again_and_again_is_told_and_ends_the_wait(
    open_with: Callable[[Desk], None], visit: Visit, read: Any, worker: Any, until: Callable[..., None]
) -> None:
    worker.fails = failing("convert_variant", "int8")
    with Delayed(worker) as delayed:
        desk = Desk(dict.fromkeys(POOLS, delayed), dict.fromkeys(POOLS, 1), NoStore(), LocalProgress())
        open_with(desk)
        at = visit(techniques="float32,int8")
        for _ in range(8):  # the page draws itself anew while something is measured
            until(lambda: not desk.waiting() and not desk._pools.served())
            at.run()
        tries = [call for call in worker.asked if call.step == "convert_variant" and call.title.startswith("int8")]
        assert read.rows(at)[TITLES["int8"]]["State"] == "✗ The oven was cold."
        assert len(tries) <= 3


class Unhurried(Executor):
    """Never ends what is executed on TFLM; hands on all else."""

    def __init__(self, worker: Executor) -> None:
        self.worker = worker

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future that stays open, or the worker's."""
        return Future() if args[0].step == "micro" else self.worker.submit(fn, *args, **kwargs)


def test_size_and_score_stand_in_the_table_before_tflm_has_answered(
    open_with: Callable[[Desk], None], visit: Visit, read: Any, worker: Any
) -> None:
    whole = read.rows(visit(techniques="float32,int8"))
    open_with(Desk(dict.fromkeys(POOLS, Unhurried(worker)), dict.fromkeys(POOLS, 9), NoStore(), LocalProgress()))
    at = visit(techniques="float32,int8")
    assert read.problems(at) == []
    for title, row in read.rows(at).items():
        assert (row["Flash"], row["Score"]) == (whole[title]["Flash"], whole[title]["Score"])
        assert row["State"].startswith("…")
        assert pd.isna(row["On TFLM"])
        assert not title.startswith("★")  # nothing is concluded from half of an answer


def test_without_a_row_float32_is_named_as_what_all_is_compared_with(visit: Visit, read: Any) -> None:
    said = "All is compared with float32"
    assert said in read.words(visit(techniques="int8"))
    assert said not in read.words(visit(techniques="float32,int8"))


def test_what_failed_can_be_tried_again(visit: Visit, read: Any, worker: Any) -> None:
    worker.fails = failing("convert_variant", "float16")
    at = visit(techniques="float32,float16")
    worker.fails = lambda call: None
    again = [button for button in at.button if button.label == "Try again what failed"]
    assert len(again) == 1
    again[0].click().run()
    assert read.problems(at) == []
    assert read.rows(at)[TITLES["float16"]]["State"].startswith("measured")
    assert not [button for button in at.button if button.label == "Try again what failed"]


def test_a_store_that_cannot_be_written_is_said_and_costs_no_row(
    desk: Desk, visit: Visit, read: Any, tmp_path: Path
) -> None:
    file = tmp_path / "not_a_folder"
    file.write_text("")
    desk.store = Store(file / "store")
    at = visit(techniques="float32,int8")
    assert read.problems(at) == []
    assert any("cannot be written" in warning.value and "TINYML_STORE" in warning.value for warning in at.warning)
    assert all(row["State"].startswith("measured") for row in read.rows(at).values())


# ---- Selections


def test_a_clicked_point_names_its_technique() -> None:
    assert pictures.picked({"picked": [{"technique": "int8"}]}) == "int8"
    assert pictures.picked({"picked": [{"technique": "int8"}, {"technique": "float32"}]}) == "int8"


@pytest.mark.parametrize("selection", [{}, {"picked": {}}, {"picked": []}, {"picked": [{}]}, {"other": [{"a": 1}]}])
def test_a_click_beside_all_points_chooses_nothing(selection: dict[str, Any]) -> None:
    assert pictures.picked(selection) is None


# ---- Weights


def weights_tab(at: AppTest) -> AppTest:
    """The details with the tab of the weights in front."""
    at.session_state["detail_tabs"] = "Weights"
    return at.run()


def test_weights_are_read_only_when_their_tab_is_open(visit: Visit, read: Any, worker: Any) -> None:
    at = visit(techniques="float32,int8")
    assert "weight_values" not in [step for step, _ in worker.steps()]
    weights_tab(at)
    assert read.problems(at) == []
    assert [step for step, _ in worker.steps()].count("weight_values") == 1


def test_the_weights_of_each_layer_are_shown_and_counted(visit: Visit, read: Any) -> None:
    at = weights_tab(visit(techniques="float32,int8"))
    box = next(box for box in at.selectbox if box.label == "Layer")
    assert box.options == ["conv2d", "conv2d_1", "dense", "dense_1", "all layers"]
    rows = at.dataframe[-1].value
    assert list(rows["Layer"]) == box.options[:-1]
    assert set(rows["Type"]) == {"int8"}
    assert (rows["Different values in a channel"] <= 255).all()
    before = read.charts(at)
    box.set_value("all layers").run()
    assert read.problems(at) == []
    assert read.charts(at) == before
    assert not [toggle for toggle in at.toggle if "alone" in toggle.label]


@pytest.mark.parametrize("technique", representatives(techniques.DEFAULT_TECHNIQUES, "dynamic", "int8"))
def test_every_variant_has_weights(technique: str, visit: Visit, read: Any) -> None:
    at = visit()
    at.selectbox(key="variant").set_value(technique).run()
    weights_tab(at)
    assert read.problems(at) == []
    assert [box.label for box in at.selectbox].count("Layer") == 1


def test_weights_that_cannot_be_read_are_a_sentence(visit: Visit, read: Any, worker: Any) -> None:
    worker.fails = lambda call: (
        Failure("reading", "The oven was cold.", "Warm it up.") if call.step == "weight_values" else None
    )
    at = weights_tab(visit(techniques="float32,int8"))
    assert read.problems(at) == []
    assert any(error.value == "The oven was cold. Warm it up." for error in at.error)


# ---- Is it worth it


def test_the_table_says_what_is_saved_for_what(visit: Visit, read: Any) -> None:
    rows = read.rows(visit(techniques="float32,int8"))
    assert "KB saved, nothing lost" in rows[TITLES["int8"]]["Is it worth it?"]
    assert pd.isna(rows[TITLES["float32"]]["Is it worth it?"])
