"""The desk: same call, same future; a queue that is fair; nothing lost when the store fails."""

from __future__ import annotations

import errno
import gc
import weakref
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Answer, Blob, Call, Pool, Reply
from tinyml_core.engine.desk import INTEREST_S, Desk
from tinyml_core.engine.perform import perform
from tinyml_core.engine.progress import LocalProgress
from tinyml_core.engine.store import NoStore, Store

LASTING = Failure("converting", "It cannot.", lasting=True)
PASSING = Failure("converting", "The worker died.")


class Fake(Executor):
    """An executor whose work is done when the test says so."""

    def __init__(self) -> None:
        self.begun: list[tuple[Call, Future[Reply]]] = []
        self.closed = 0
        self.refuses = False

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Note the call and let it run until `finish`."""
        if self.refuses:
            raise RuntimeError("no more processes")
        assert fn is perform
        future: Future[Reply] = Future()
        self.begun.append((args[0], future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Count."""
        self.closed += 1

    @property
    def titles(self) -> list[str]:
        """What was begun, in order."""
        return [call.title for call, _ in self.begun]

    def finish(self, title: str, reply: Reply | Exception | None = None) -> None:
        """End a running call."""
        future = next(future for call, future in self.begun if call.title == title and not future.done())
        if isinstance(reply, Exception):
            future.set_exception(reply)
        else:
            future.set_result(reply or Answer({"of": title}))


class Bench:
    """A desk before fake executors."""

    def __init__(self, store: Store, slots: int = 1) -> None:
        self.heavy, self.light, self.progress, self.store = Fake(), Fake(), LocalProgress(), store
        pools: dict[Pool, Executor] = {"tensorflow": self.heavy, "light": self.light, "quiet": self.light}
        self.desk = Desk(pools, {"tensorflow": slots, "light": slots, "quiet": 1}, store, self.progress)


def call(name: str, pool: Pool = "light", keep: bool = True) -> Call:
    """A call named by one word."""
    return Call("inspect", {}, f"{name:0>64}", name, pool, keep=keep)


@pytest.fixture
def bench() -> Bench:
    """One slot a pool, nothing kept."""
    return Bench(NoStore())


@pytest.fixture
def keeping(tmp_path: Path) -> Bench:
    """One slot a pool, with a store."""
    return Bench(Store(tmp_path / "store"))


# ---- same call, same future --------------------------------------------------------------------------------------


def test_the_same_call_has_the_same_future(bench: Bench) -> None:
    assert bench.desk.ask(call("a")) is bench.desk.ask(call("a"))
    assert bench.light.titles == ["a"]


def test_somebody_else_asking_later_gets_the_same_answer_without_work(bench: Bench) -> None:
    first = bench.desk.ask(call("a"))
    bench.light.finish("a")
    second = bench.desk.ask(call("a"))
    assert second.result(0) is first.result(0)
    assert second.result(0) == Answer({"of": "a"})
    assert bench.light.titles == ["a"]


def test_another_call_has_another_future(bench: Bench) -> None:
    assert bench.desk.ask(call("a")) is not bench.desk.ask(call("b"))


def test_a_lasting_failure_is_an_answer_like_any_other(bench: Bench) -> None:
    first = bench.desk.ask(call("a"))
    bench.light.finish("a", LASTING)
    assert bench.desk.ask(call("a")).result(0) is first.result(0)
    assert first.result(0) == LASTING


def test_a_passing_failure_stays_the_answer_until_it_is_forgotten(bench: Bench) -> None:
    first = bench.desk.ask(call("a"))
    assert not bench.desk.forget_failure(call("a").fingerprint)
    bench.light.finish("a", PASSING)
    assert first.result(0) == PASSING
    assert bench.desk.ask(call("a")).result(0) is first.result(0)
    assert bench.desk.forget_failure(call("a").fingerprint)
    second = bench.desk.ask(call("a"))
    assert second is not first
    bench.light.finish("a")
    assert second.result(0) == Answer({"of": "a"})


# ---- the queue ---------------------------------------------------------------------------------------------------


def test_calls_begin_in_the_order_they_were_asked(bench: Bench) -> None:
    for name in "abcd":
        bench.desk.ask(call(name))
    for name in "abcd":
        bench.light.finish(name)
    assert bench.light.titles == list("abcd")


@pytest.mark.parametrize("slots", [1, 2, 3])
def test_no_more_calls_run_than_there_are_slots(slots: int) -> None:
    bench = Bench(NoStore(), slots)
    for name in "abcdef":
        bench.desk.ask(call(name))
    assert bench.light.titles == list("abcdef"[:slots])
    assert bench.desk.waiting() == 6 - slots
    bench.light.finish("a")
    assert bench.light.titles == list("abcdef"[: slots + 1])


def test_one_pool_does_not_wait_for_the_other(bench: Bench) -> None:
    bench.desk.ask(call("train", "tensorflow"))
    bench.desk.ask(call("score"))
    assert (bench.heavy.titles, bench.light.titles) == (["train"], ["score"])


def test_a_quiet_call_waits_until_nothing_runs_or_waits(bench: Bench) -> None:
    bench.desk.ask(call("train", "tensorflow"))
    bench.desk.ask(call("time", "quiet"))
    bench.desk.ask(call("train more", "tensorflow"))
    assert bench.light.titles == []
    bench.heavy.finish("train")
    assert bench.light.titles == []
    bench.heavy.finish("train more")
    assert bench.light.titles == ["time"]


def test_others_wait_while_a_quiet_call_runs(bench: Bench) -> None:
    bench.desk.ask(call("time", "quiet"))
    bench.desk.ask(call("train", "tensorflow"))
    bench.desk.ask(call("score"))
    bench.desk.ask(call("time too", "quiet"))
    assert (bench.heavy.titles, bench.light.titles) == ([], ["time"])
    bench.light.finish("time")
    assert (bench.heavy.titles, bench.light.titles) == (["train"], ["time", "score"])
    bench.light.finish("score")
    assert bench.light.titles == ["time", "score"]
    bench.heavy.finish("train")
    assert bench.light.titles == ["time", "score", "time too"]


def test_a_failing_call_frees_its_slot(bench: Bench) -> None:
    failing, next_one = bench.desk.ask(call("a")), bench.desk.ask(call("b"))
    bench.light.finish("a", ValueError("surprise"))
    told = failing.result(0)
    assert isinstance(told, Failure)
    assert "surprise" in told.reason
    assert not told.lasting
    bench.light.finish("b")
    assert next_one.result(0) == Answer({"of": "b"})


def test_a_worker_that_cannot_be_started_is_a_failure_and_not_a_hang(bench: Bench) -> None:
    bench.light.refuses = True
    told = bench.desk.ask(call("a")).result(0)
    assert isinstance(told, Failure)
    assert "no more processes" in told.reason
    bench.light.refuses = False
    bench.desk.forget_failure(call("a").fingerprint)
    again = bench.desk.ask(call("a"))
    bench.light.finish("a")
    assert again.result(0) == Answer({"of": "a"})


def test_what_follows_from_an_answer_can_be_asked_inside_its_callback(bench: Bench) -> None:
    follow_up: list[Future[Reply]] = []
    bench.desk.ask(call("a")).add_done_callback(lambda _: follow_up.append(bench.desk.ask(call("b"))))
    bench.light.finish("a")
    bench.light.finish("b")
    assert follow_up[0].result(0) == Answer({"of": "b"})


def test_stages_are_words_for_a_person(bench: Bench) -> None:
    running, second, third, quiet = call("a"), call("b"), call("c"), call("q", "quiet")
    for asked in (running, second, third, quiet):
        bench.desk.ask(asked)
    assert bench.desk.stage(running.fingerprint) == "starting"
    bench.progress.report(running.fingerprint, "training epoch 1 of 2")
    assert bench.desk.stage(running.fingerprint) == "training epoch 1 of 2"
    assert bench.desk.stage(second.fingerprint) == "waiting, place 1 in line"
    assert bench.desk.stage(third.fingerprint) == "waiting, place 2 in line"
    assert bench.desk.stage(quiet.fingerprint) == "waiting for a quiet moment"


def test_who_waits_for_a_worker_that_loads_tensorflow_is_told_so(bench: Bench) -> None:
    loading, waiting = call("a", "tensorflow"), call("b", "tensorflow")
    bench.desk.ask(loading)
    bench.desk.ask(waiting)
    bench.progress.report(loading.fingerprint, "loading TensorFlow")
    assert "loading TensorFlow" in bench.desk.stage(waiting.fingerprint)


def test_what_was_said_of_a_call_is_forgotten_when_it_ends(bench: Bench) -> None:
    bench.desk.ask(call("a"))
    bench.progress.report(call("a").fingerprint, "scoring")
    bench.light.finish("a")
    assert bench.progress.stage(call("a").fingerprint) is None


def test_a_call_with_patience_waits_behind_those_without(bench: Bench) -> None:
    bench.desk.ask(call("a"))
    bench.desk.ask(replace(call("long"), priority=1))
    bench.desk.ask(replace(call("longer"), priority=1))
    bench.desk.ask(call("b"))
    for name in ("a", "b", "long", "longer"):
        bench.light.finish(name)
    assert bench.light.titles == ["a", "b", "long", "longer"]


def test_somebody_who_asked_a_moment_ago_counts_as_waiting(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("tinyml_core.engine.desk.time.monotonic", lambda: now)
    bench.desk.ask(call("a"), "first")
    name = call("a").fingerprint
    assert not bench.desk.others_wait(name, "first")
    bench.desk.ask(call("a"), "second")
    assert bench.desk.others_wait(name, "first")
    now = 110.0
    assert not bench.desk.others_wait(name, "first"), "the second visitor left"


# ---- cancelling --------------------------------------------------------------------------------------------------


def test_a_waiting_call_that_is_cancelled_never_begins(bench: Bench) -> None:
    bench.desk.ask(call("a"))
    given_up, last = bench.desk.ask(call("b")), bench.desk.ask(call("c"))
    bench.desk.cancel(call("b").fingerprint)
    told = given_up.result(0)
    assert isinstance(told, Failure)
    assert told.stopped
    assert told.reason == "It was stopped before it began."
    assert not told.lasting
    bench.light.finish("a")
    bench.light.finish("c")
    assert bench.light.titles == ["a", "c"]
    assert last.result(0) == Answer({"of": "c"})


def test_a_call_that_was_cancelled_while_it_waited_can_be_asked_anew(bench: Bench) -> None:
    bench.desk.ask(call("a"))
    given_up = bench.desk.ask(call("b"))
    bench.desk.cancel(call("b").fingerprint)
    assert bench.desk.ask(call("b")) is given_up, "a page asks again twice a second; that must not start it anew"
    assert bench.desk.forget_failure(call("b").fingerprint)
    again = bench.desk.ask(call("b"))
    assert again is not given_up
    bench.light.finish("a")
    bench.light.finish("b")
    assert again.result(0) == Answer({"of": "b"})


def test_cancelling_a_running_call_tells_its_worker(bench: Bench) -> None:
    bench.desk.ask(call("a"))
    bench.desk.cancel(call("a").fingerprint)
    assert bench.progress.cancelled(call("a").fingerprint)


def test_a_call_that_was_cancelled_while_it_ran_can_be_asked_anew(bench: Bench) -> None:
    bench.desk.ask(call("a"))
    bench.desk.cancel(call("a").fingerprint)
    bench.light.finish("a", PASSING)
    assert bench.desk.forget_failure(call("a").fingerprint)
    again = bench.desk.ask(call("a"))
    assert not bench.progress.cancelled(call("a").fingerprint)
    bench.light.finish("a")
    assert again.result(0) == Answer({"of": "a"})


def test_cancelling_what_is_done_or_unknown_changes_nothing(bench: Bench) -> None:
    finished = bench.desk.ask(call("a"))
    bench.light.finish("a")
    bench.desk.cancel(call("a").fingerprint)
    bench.desk.cancel(call("never asked").fingerprint)
    assert bench.desk.ask(call("a")).result(0) is finished.result(0)
    assert not bench.progress.cancelled(call("a").fingerprint)
    assert not bench.progress.cancelled(call("never asked").fingerprint)


# ---- the store ---------------------------------------------------------------------------------------------------


def with_file(name: str) -> Answer:
    """An answer with bytes."""
    return Answer({"of": name}, {"tflite": Blob.of(name.encode() * 100)})


def test_a_later_desk_finds_the_answer_in_the_store(keeping: Bench) -> None:
    keeping.desk.ask(call("a"))
    keeping.light.finish("a", with_file("a"))
    later = Bench(keeping.store)
    found = later.desk.ask(call("a")).result(0)
    assert isinstance(found, Answer)
    assert found.blobs["tflite"].read() == b"a" * 100
    assert later.light.titles == []


def test_a_lasting_failure_is_kept_and_a_passing_one_is_not(keeping: Bench) -> None:
    keeping.desk.ask(call("a"))
    keeping.light.finish("a", LASTING)
    keeping.desk.ask(call("b"))
    keeping.light.finish("b", PASSING)
    later = Bench(keeping.store)
    assert later.desk.ask(call("a")).result(0) == LASTING
    assert not later.desk.ask(call("b")).done()
    assert later.light.titles == ["b"]


def test_a_call_that_is_not_to_be_kept_is_not_kept(keeping: Bench) -> None:
    keeping.desk.ask(call("a", keep=False))
    keeping.light.finish("a")
    assert keeping.store.get(call("a").fingerprint) is None


def test_when_the_store_fails_the_answer_stays_in_memory_and_one_sentence_says_so(
    keeping: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Reply:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(keeping.store, "put", full)
        first = keeping.desk.ask(call("a"))
        keeping.light.finish("a", with_file("a"))
    told = first.result(0)
    assert isinstance(told, Answer)
    assert told.blobs["tflite"].read() == b"a" * 100
    assert keeping.desk.ask(call("a")).result(0) is first.result(0)
    assert "No space left on device" in keeping.desk.trouble
    assert str(keeping.store.folder) in keeping.desk.trouble
    assert "TINYML_STORE" in keeping.desk.trouble
    keeping.desk.ask(call("b"))
    keeping.light.finish("b")
    assert keeping.desk.trouble == ""


def test_a_store_that_fails_in_an_unforeseen_way_does_not_lose_the_answer(
    keeping: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Reply:
        raise ValueError("surprise")

    monkeypatch.setattr(keeping.store, "put", broken)
    future = keeping.desk.ask(call("a"))
    keeping.light.finish("a")
    assert future.result(0) == Answer({"of": "a"})
    keeping.desk.ask(call("b"))
    assert keeping.light.titles == ["a", "b"]


def test_a_known_answer_whose_file_was_removed_is_made_anew(keeping: Bench) -> None:
    keeping.desk.ask(call("a"))
    keeping.light.finish("a", with_file("a"))
    for path in keeping.store.folder.glob("files/*/*"):
        path.unlink()  # evicted by another process, or the person emptied the cache
    again = keeping.desk.ask(call("a"))
    assert keeping.light.titles == ["a", "a"]
    keeping.light.finish("a", with_file("a"))
    told = again.result(0)
    assert isinstance(told, Answer)
    assert told.blobs["tflite"].read() == b"a" * 100


def test_recall_gives_what_is_known_and_begins_nothing(keeping: Bench) -> None:
    assert keeping.desk.recall(call("a")) is None
    assert keeping.light.titles == []
    running = keeping.desk.ask(call("a"))
    assert keeping.desk.recall(call("a")) is running
    keeping.light.finish("a")
    found = keeping.desk.recall(call("a"))
    assert found is not None
    assert found.result(0) is running.result(0)


def test_who_waited_is_forgotten_with_the_answer(bench: Bench) -> None:
    class Waiter:
        """Somebody who wants to know."""

        def told(self, _: object) -> None:
            """Hear the answer."""

    waiters = [Waiter() for _ in range(5)]
    for waiter in waiters:
        bench.desk.ask(call("a")).add_done_callback(waiter.told)
    gone = [weakref.ref(waiter) for waiter in waiters]
    bench.light.finish("a")
    bench.light.begun.clear()
    del waiters, waiter
    gc.collect()
    assert [reference() for reference in gone] == [None] * 5


def test_recall_finds_what_an_earlier_desk_stored(keeping: Bench) -> None:
    keeping.desk.ask(call("a"))
    keeping.light.finish("a")
    later = Bench(keeping.store)
    found = later.desk.recall(call("a"))
    assert found is not None
    assert found.result(0) == Answer({"of": "a"})
    assert later.desk.ask(call("a")) is found
    assert later.light.titles == []


def test_recall_does_not_give_a_failure_that_was_forgotten(keeping: Bench) -> None:
    keeping.desk.ask(call("a"))
    keeping.light.finish("a", PASSING)
    keeping.desk.forget_failure(call("a").fingerprint)
    assert keeping.desk.recall(call("a")) is None


def test_others_wait_for_what_they_asked_a_moment_ago(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("tinyml_core.engine.desk.time.monotonic", lambda: now)
    name = call("a").fingerprint
    bench.desk.ask(call("a"), "ann")
    assert not bench.desk.others_wait(name, "ann")
    assert bench.desk.others_wait(name, "bob")
    bench.desk.ask(call("a"), "bob")
    assert bench.desk.others_wait(name, "ann")
    now += INTEREST_S + 1  # both have closed the page
    assert not bench.desk.others_wait(name, "ann")
    bench.desk.recall(call("a"), "bob")  # but bob opens it again
    assert bench.desk.others_wait(name, "ann")


def test_nobody_waits_for_what_is_done(bench: Bench) -> None:
    bench.desk.ask(call("a"), "ann")
    bench.light.finish("a")
    assert not bench.desk.others_wait(call("a").fingerprint, "bob")


def test_who_asks_without_a_name_keeps_nobody_from_stopping(bench: Bench) -> None:
    bench.desk.ask(call("a"))
    assert not bench.desk.others_wait(call("a").fingerprint, "ann")


def test_a_call_has_begun_while_a_worker_is_at_it(bench: Bench) -> None:
    bench.desk.ask(call("a"))
    bench.desk.ask(call("b"))  # there is one slot
    assert bench.desk.begun(call("a").fingerprint)
    assert not bench.desk.begun(call("b").fingerprint)
    bench.light.finish("a")
    assert not bench.desk.begun(call("a").fingerprint)
    assert bench.desk.begun(call("b").fingerprint)


def test_closing_ends_each_executor_once(bench: Bench) -> None:
    bench.desk.close()
    assert (bench.heavy.closed, bench.light.closed) == (1, 1)


def test_who_waits_when_the_lab_closes_is_answered_and_the_log_stays_quiet(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.desk.ask(call("a"))
    waiting = bench.desk.ask(call("b"))
    bench.light.refuses = True
    bench.desk.close()
    bench.light.finish("a")
    assert isinstance(waiting.result(0), Failure)
    assert not caplog.records
