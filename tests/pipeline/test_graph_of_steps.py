"""The graph of steps: nothing is asked twice, a failed need surfaces as itself, and what is known costs none of its needs.

An executor that only pretends stands for the workers: it answers at once, or when a test lets it, and notes what reaches it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import cattrs
import pytest

from tinyml_core import catalog
from tinyml_core.analysis.layer_errors import LayerCurve, LayerErrors
from tinyml_core.compare.question import Question
from tinyml_core.compress import techniques
from tinyml_core.domain.brought import DataFacts, ModelFacts, Port
from tinyml_core.domain.inspection import Inspection, Sizes
from tinyml_core.domain.outcome import Failure, Latency, Measurement, Micro, Score, Similarity
from tinyml_core.domain.technique import Job, Settings
from tinyml_core.engine.call import Answer, Blob, Call, Pool, Reply
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.progress import LocalProgress
from tinyml_core.engine.store import NoStore
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.bringing import DataChoices, Read, keep, upload_of
from tinyml_core.pipeline.graph import Asker, Need, Step, Want, inquire
from tinyml_core.pipeline.run import ComparisonRun
from tinyml_core.pipeline.steps import STEPS
from tinyml_core.pipeline.variant import Variant, ask_latency, ask_variant
from tinyml_core.uploads.library import Library

POOLS: tuple[Pool, ...] = ("tensorflow", "light", "quiet", "network")
INSPECTION = Inspection(Sizes(1, 1, 1, 1), {}, {}, 1000, ("CONV_2D",), 0.0, (), (), 0.1, 100)
BODIES: dict[str, Any] = {
    "inspect": INSPECTION,
    "score": Score("accuracy", 0.9, 0.8, 1.0, 10, 0.1, (1.0,) * 10, (0.0,) * 10),
    "micro": Micro("runs", arena_minimum_bytes=1),
    "latency": Latency(1.0, 1.0, (1.0,), False),
    "layer_errors": LayerErrors(1, False, LayerCurve(())),
    "similarity": Similarity(1, 0, 0.0, True),
}
SENDS = {
    "load_dataset": ("arrays",),
    "export": ("saved_model",),
    "train_on": ("saved_model", "weights"),
    "convert_variant": ("tflite",),
    "requantize": ("tflite",),
    "pack": ("tflite",),
}
MADE_OF = ("model", "dataset", "stage", "number_format", "packing", "settings")


class Pretending(Executor):
    """Answers each call with bytes that follow from what it is about; holds it back while a test says so."""

    def __init__(self, fails: Callable[[Call], Failure | None] = lambda call: None) -> None:
        self.fails = fails
        self.asked: list[Call] = []
        self.held: set[str] = set()
        self.waiting: list[tuple[Call, Future[Reply]]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Note the call, and answer it unless its step is held back."""
        call, future = args[0], Future[Reply]()
        self.asked.append(call)
        if call.step in self.held:
            self.waiting.append((call, future))
        else:
            future.set_result(self.fails(call) or self.answer(call))
        return future

    def let_go(self, reply: Reply | None = None) -> None:
        """Answer what was held back."""
        self.held.clear()
        waiting, self.waiting = self.waiting, []
        for call, future in waiting:
            future.set_result(reply or self.answer(call))

    @staticmethod
    def answer(call: Call) -> Answer:
        """Bytes that are the same for the same arguments, and a body of the right form."""
        if call.step in SENDS:
            about = {name: call.body.get(name) for name in MADE_OF}
            bytes_of = {name: blob.sha256 for name, blob in call.blobs.items()}
            told = call.body.get("training", {})
            if call.step == "train_on":
                before = call.body["before"]["dense_layers"]
                told = {"dense_layers": [*before, call.body["stage"]], "notes": []}
            content = json.dumps([call.step, about, bytes_of], sort_keys=True)
            return Answer(told, {name: Blob.of(f"{name} {content}".encode()) for name in SENDS[call.step]})
        return Answer(cattrs.unstructure(BODIES[call.step]) if call.step in BODIES else {})

    @property
    def steps(self) -> list[str]:
        """What was asked, in order."""
        return [call.step for call in self.asked]


def desk_before(worker: Pretending) -> Desk:
    """A desk that knows nothing, with many places."""
    return Desk(dict.fromkeys(POOLS, worker), dict.fromkeys(POOLS, 4), NoStore(), LocalProgress())


def jobs(model: str, names: tuple[str, ...], **settings: Any) -> list[Job]:
    """A model's jobs on its first data set."""
    return [Job(model, catalog.model(model).default_dataset, name, Settings(**settings)) for name in names]


def measured(desk: Desk, asked: list[Job]) -> list[Variant]:
    """All of them, with the time on this computer."""
    variants = [ask_variant(desk, job) for job in asked]
    for variant in variants:
        ask_latency(variant)
    return variants


@pytest.fixture
def brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a float32 `.tflite` that somebody brought, with labelled data; nothing in it is ever read here."""
    monkeypatch.setenv("TINYML_UPLOADS", str(tmp_path / "uploads"))
    upload, data = upload_of("mine.tflite", b"    TFL3 mine"), upload_of("mine.npz", b"samples")
    assert not isinstance(upload, Failure) and not isinstance(data, Failure)
    ends = (Port("x", (8,), "float32"),), (Port("y", (2,), "float32"),)
    facts = ModelFacts(
        kind="tflite", parameters=10, architecture="one layer", inputs=ends[0], outputs=ends[1], last_activation="softmax",
    )  # fmt: skip
    samples = DataFacts(
        kind="npz", samples=20, shape=(8,), dtype="float32", low=0.0, high=1.0, labels="classes", samples_train=14,
        samples_test=6, split="drawn", classes=2,
    )  # fmt: skip
    card = keep(
        Library(), Read(upload, facts, {"tflite": upload.content}), (8,),
        Read(data, samples, {"arrays": Blob.of(b"arrays")}), DataChoices(),
    )  # fmt: skip
    return card.name


COMPOSED = tuple(sorted(techniques.every_name()))[::7]


@pytest.fixture(params=["digits", "sine", "mlperf_kws", "brought"])
def model(request: pytest.FixtureRequest) -> str:
    """Three models of the zoo, one of them without data, and a file that was brought."""
    name: str = request.getfixturevalue("brought") if request.param == "brought" else request.param
    return name


@pytest.fixture
def worker() -> Pretending:
    """Workers that only pretend."""
    return Pretending()


# ---- nothing is asked twice --------------------------------------------------------------------------------------


def test_nothing_is_asked_twice(model: str, worker: Pretending) -> None:
    desk = desk_before(worker)
    names = (*techniques.techniques(), *COMPOSED)
    first = [variant.outcome.result(0) for variant in measured(desk, jobs(model, names))]
    assert any(isinstance(outcome, Measurement) for outcome in first)
    assert set(Counter(call.fingerprint for call in worker.asked).values()) == {1}
    same_work = Counter(
        (
            call.step, json.dumps({**call.body, "training": "", "before": ""}, sort_keys=True, default=str),
            tuple(sorted((name, blob.sha256) for name, blob in call.blobs.items())),
        )
        for call in worker.asked
        if call.step not in ("convert_variant", "requantize", "pack", "train_on")  # of settings that do not matter there
    )  # fmt: skip
    assert set(same_work.values()) == {1}
    before = len(worker.asked)
    again = [variant.outcome.result(0) for variant in measured(desk, jobs(model, names))]
    assert again == first
    assert len(worker.asked) == before


def test_every_variant_is_read_scored_and_executed(model: str, worker: Pretending) -> None:
    desk = desk_before(worker)
    variants = measured(desk, jobs(model, tuple(techniques.techniques())))
    files = {variant.tflite.sha256 for variant in variants if variant.tflite is not None}
    counted = Counter(worker.steps)
    labelled = bool(catalog.model(model).default_dataset)
    assert counted["inspect"] == counted["micro"] == len(files)
    assert counted["score"] == (len(files) if labelled else 0)
    assert counted["load_dataset"] == int(labelled and catalog.model(model).brought is None)
    unpacked = {variant.tflite.sha256 for variant in variants if variant.tflite is not None and not variant.packed}
    assert counted["latency"] == len(unpacked)


def test_a_setting_that_changes_nothing_makes_nothing_anew(worker: Pretending) -> None:
    desk = desk_before(worker)
    measured(desk, jobs("digits", ("int8", "qat_int8", "lq_int8")))
    before = len(worker.asked)
    measured(desk, jobs("digits", ("int8", "qat_int8", "lq_int8"), policy="OPTIMIZE_FOR_SIZE", kept_layers=3))
    assert len(worker.asked) == before


def test_one_training_serves_all_number_formats(worker: Pretending) -> None:
    measured(desk_before(worker), jobs("digits", ("prune75_float32", "prune75_int8", "prune75_lq_int8")))
    assert worker.steps.count("train_on") == 1


def test_what_training_left_out_is_handed_on_to_the_end(worker: Pretending) -> None:
    (variant,) = measured(desk_before(worker), jobs("digits", ("pcqat_int8",)))
    outcome = variant.outcome.result(0)
    assert isinstance(outcome, Measurement)
    stages = [call.body["stage"] for call in worker.asked if call.step == "train_on"]
    assert len(stages) > 1
    assert list(outcome.training.dense_layers) == stages


def test_analyses_share_the_files_of_the_comparison(worker: Pretending) -> None:
    desk = desk_before(worker)
    measured(desk, jobs("digits", ("float32", "prune75_int8", "prune75_float32")))
    before = len(worker.asked)
    (job,) = jobs("digits", ("prune75_int8",))
    assert isinstance(inquire(desk, analyses.layer_errors(job)).found.result(0), LayerErrors)
    assert worker.steps[before:] == ["layer_errors"]
    assert set(worker.asked[-1].blobs) == {"content", "own", "base", "arrays"}


# ---- a known answer costs none of its needs ----------------------------------------------------------------------


class Remembering(NoStore):
    """A store in memory that forgets files which a test takes away."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Reply] = {}

    def get(self, key: str) -> Reply | None:
        """What was put."""
        return self.kept.get(key)

    def put(self, key: str, reply: Reply) -> Reply:
        """Keep it."""
        self.kept[key] = reply
        return reply


@pytest.mark.parametrize("technique", ["int8", "qat_int8", "lq_mixed", "cluster16_int8_lut"])
def test_a_known_answer_costs_none_of_its_needs(technique: str) -> None:
    store = Remembering()

    def fresh(worker: Pretending) -> Desk:
        return Desk(dict.fromkeys(POOLS, worker), dict.fromkeys(POOLS, 4), store, LocalProgress())

    first, second = Pretending(), Pretending()
    measured(fresh(first), jobs("digits", (technique,)))
    by_step = {call.step: call.fingerprint for call in first.asked}
    last = next(step for step in ("pack", "requantize", "convert_variant") if step in by_step)
    needed = {"inspect", "score", "micro", "latency", last}
    store.kept = {key: reply for key, reply in store.kept.items() if key in {by_step.get(step) for step in needed}}
    measured(fresh(second), jobs("digits", (technique,)))
    assert second.asked == []


def test_a_known_analysis_loads_no_data() -> None:
    store = Remembering()
    (job,) = jobs("digits", ("float32",))
    for number in range(2):
        worker = Pretending()
        desk = Desk(dict.fromkeys(POOLS, worker), dict.fromkeys(POOLS, 4), store, LocalProgress())
        assert isinstance(inquire(desk, analyses.layer_errors(job)).found.result(0), LayerErrors)
        assert ("layer_errors" in worker.steps) == ("load_dataset" in worker.steps) == (number == 0)


# ---- a failed need surfaces as itself ----------------------------------------------------------------------------

NO = Failure("training", "It cannot.", "Choose another.", lasting=True)


@pytest.mark.parametrize(
    ("step", "technique"),
    [
        ("train_on", "pcqat_int8"),
        ("train_on", "cluster16_int8_lut"),
        ("convert_variant", "int8"),
        ("load_dataset", "int8"),
        ("export", "int8"),
        ("requantize", "lq_int8"),
        ("pack", "cluster16_int8_lut"),
    ],
)
def test_a_failed_need_surfaces_as_itself(step: str, technique: str) -> None:
    worker = Pretending(lambda call: NO if call.step == step else None)
    (variant,) = measured(desk_before(worker), jobs("digits", (technique,)))
    assert variant.outcome.result(0) == NO
    assert variant.inspection.result(0) == NO
    assert not {"inspect", "score", "micro", "latency"} & set(worker.steps)


def test_a_part_that_fails_costs_only_itself() -> None:
    worker = Pretending(lambda call: NO if call.step == "score" else None)
    (variant,) = measured(desk_before(worker), jobs("digits", ("int8",)))
    outcome = variant.outcome.result(0)
    assert isinstance(outcome, Measurement)
    assert outcome.score == NO
    assert outcome.inspection == INSPECTION


def test_what_cannot_be_read_is_not_executed() -> None:
    worker = Pretending(lambda call: NO if call.step == "inspect" else None)
    (variant,) = measured(desk_before(worker), jobs("digits", ("int8",)))
    assert variant.outcome.result(0) == NO
    assert "micro" not in worker.steps


def test_what_is_impossible_asks_nobody(worker: Pretending) -> None:
    desk = desk_before(worker)
    (job,) = jobs("mlperf_kws", ("qat_int8",))
    outcome = ask_variant(desk, job).outcome.result(0)
    assert isinstance(outcome, Failure) and outcome.lasting
    for want in (analyses.anatomy(job), analyses.layer_errors(job), analyses.weights(job)):
        assert inquire(desk, want).found.result(0) == outcome
    assert worker.asked == []


def test_something_brought_that_was_forgotten_is_a_sentence(brought: str, worker: Pretending) -> None:
    job = jobs(brought, ("lq_int8",))[0]
    for name in ("tflite", "arrays"):
        for path in Library().folder.glob(f"*/{name}*"):
            path.unlink()
    outcome = ask_variant(desk_before(worker), job).outcome.result(0)
    assert isinstance(outcome, Failure)
    assert "no longer here" in outcome.reason


# ---- stop, try again, and others wait ----------------------------------------------------------------------------


def question(*techniques: str) -> Question:
    """On digits."""
    return Question("digits", "digits", techniques, ())


def test_a_variant_says_what_is_done_for_it(worker: Pretending) -> None:
    worker.held = {"train_on"}
    variant = ask_variant(desk_before(worker), jobs("digits", ("qat_int8",))[0])
    assert variant.stage() == "starting"
    training = variant.training()
    assert training is not None and training.body["stage"] == "qat"
    variant.asker.desk.progress.report(training.fingerprint, "training epoch 1 of 2")
    assert variant.stage() == "training epoch 1 of 2"
    worker.let_go()
    assert (variant.stage(), variant.training()) == ("", None)


def test_sizes_and_score_are_known_before_the_outcome(worker: Pretending) -> None:
    worker.held = {"micro"}
    variant = ask_variant(desk_before(worker), jobs("digits", ("int8",))[0])
    assert not variant.outcome.done()
    assert variant.so_far().inspection == INSPECTION
    assert variant.so_far().score == BODIES["score"]
    assert variant.tflite is not None


def test_what_somebody_else_waits_for_goes_on(worker: Pretending) -> None:
    worker.held = {"train_on"}
    desk = desk_before(worker)
    mine, theirs = (ask_variant(desk, jobs("digits", ("qat_int8",))[0], visitor) for visitor in ("ann", "bob"))
    assert not mine.stop()
    assert not theirs.stop()
    (call,) = [call for call, _ in worker.waiting]
    assert not desk.progress.cancelled(call.fingerprint)


def test_stopping_cancels_what_is_being_made_and_trying_again_makes_it(worker: Pretending) -> None:
    worker.held = {"train_on"}
    desk = desk_before(worker)
    run = ComparisonRun(desk, question("qat_int8"), latency=False, asker="ann")
    (training,) = run.trainings()
    assert training.begun and training.techniques == ("qat_int8",)
    assert run.stop("qat_int8")
    assert desk.progress.cancelled(training.fingerprint)
    worker.let_go(Failure("training", "It was stopped.", stopped=True))
    assert [failure.stopped for failure in run.passing_failures()] == [True]
    again = ComparisonRun(desk, question("qat_int8"), latency=False)
    assert isinstance(again.variants["qat_int8"].outcome.result(0), Failure), "nothing starts anew by itself"
    again.try_again()
    third = ComparisonRun(desk, question("qat_int8"), latency=False)
    assert isinstance(third.variants["qat_int8"].outcome.result(0), Measurement)


# ---- the graph by itself -----------------------------------------------------------------------------------------

STEP = Step("inspect", "tinyml_core.measure.inspect_file:inspect_file", "tinyml_core.domain.inspection:Inspection")


def test_a_want_is_identified_by_all_that_can_change_its_answer_and_by_nothing_else() -> None:
    plain = Want[Inspection](STEP, "x", {"a": 1}, {"content": Need(Blob.of(b"1"), "tflite")}, {"b": 1}, {"c": 1})
    same = Want[Inspection](STEP, "y", {"a": 1}, {"content": Need(Blob.of(b"1"), "tflite")}, {"b": 1}, {"c": 2})
    assert plain.fingerprint == same.fingerprint
    others = [
        Want[Inspection](STEP, "x", {"a": 2}, plain.needs, {"b": 1}),
        Want[Inspection](STEP, "x", {"a": 1}, plain.needs, {"b": 2}),
        Want[Inspection](STEP, "x", {"a": 1}, {"content": Need(Blob.of(b"2"), "tflite")}, {"b": 1}),
        Want[Inspection](STEPS[0], "x", {"a": 1}, plain.needs, {"b": 1}),
    ]
    assert len({plain.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_a_failure_in_place_of_a_want_is_its_answer(worker: Pretending) -> None:
    assert Asker(desk_before(worker)).answer(NO).result(0) == NO
    want = Want[Inspection](STEP, "x", needs={"content": Need(NO, "tflite")})
    assert Asker(desk_before(worker)).answer(want).result(0) == NO
    assert worker.asked == []
