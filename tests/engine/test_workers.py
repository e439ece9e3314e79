"""Real worker processes: what goes wrong in one costs one call, and says so in a sentence.

Some calls here name functions that misbehave; they stand in a module on the path of the children.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests import wants
from tinyml_core.compress import making
from tinyml_core.domain.outcome import Failure, Measurement
from tinyml_core.domain.technique import Job, Settings
from tinyml_core.engine import fingerprint, wire
from tinyml_core.engine.call import Answer, Blob, Call, Reply
from tinyml_core.engine.perform import perform
from tinyml_core.engine.processes import WorkerProcesses
from tinyml_core.engine.progress import LocalProgress
from tinyml_core.pipeline.graph import Want
from tinyml_core.pipeline.steps import WARM_UP
from tinyml_core.pipeline.variant import ask_variant

if TYPE_CHECKING:
    from tests.conftest import Lab, Waiter

MISBEHAVING = """
import os, signal, subprocess, sys, time

def noisy(body, blobs, report):
    print("printed", flush=True)
    os.write(1, b"written to descriptor 1\\n")
    subprocess.run(["echo", "said by a grandchild"])
    report("between the noise")
    os.write(1, b"{\\"body\\": {\\"forged\\": 1}, \\"blobs\\": {}, \\"laps\\": {}}\\n")
    return {"said": 1}, {}

def broken(body, blobs, report):
    return 1 / 0

def segfault(body, blobs, report):
    report("walking into a wall")
    os.kill(os.getpid(), signal.SIGSEGV)

def leaves(body, blobs, report):
    print("goodbye", file=sys.stderr, flush=True)
    sys.exit(3)

def forever(body, blobs, report):
    report("thinking")
    while True:
        time.sleep(1)

def hungry(body, blobs, report):
    held = bytearray(200 * 2**20)
    report("eating")
    while True:
        time.sleep(1)

def garbles(body, blobs, report):
    frame = sys._getframe()
    while frame.f_code.co_name != "main":
        frame = frame.f_back
    frame.f_locals["answers"].write(b"{not json\\n")
    frame.f_locals["answers"].flush()
    time.sleep(60)

def full(body, blobs, report):
    raise OSError(28, "No space left on device")

def says_pid(body, blobs, report):
    return {"pid": os.getpid()}, {}
"""

TENSORFLOW = "site-packages/tensorflow/"
HEALTHY = wants.loaded("sine").call({})


def call(step: str, **changes: Any) -> Call:
    """A call of a misbehaving step."""
    return Call(step, {}, fingerprint.of(step), f"{step} test", "light", function=f"misbehaving:{step}", **changes)


@pytest.fixture
def misbehaving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerProcesses]:
    """One worker that finds the functions above."""
    (tmp_path / "misbehaving.py").write_text(MISBEHAVING)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    pool = WorkerProcesses(1, LocalProgress())
    yield pool
    pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def plain() -> Iterator[WorkerProcesses]:
    """One worker as it is, shared by tests that leave it well."""
    pool = WorkerProcesses(1, LocalProgress())
    yield pool
    pool.shutdown()


def done(pool: WorkerProcesses, asked: Call) -> Reply:
    """The reply to a call."""
    reply: Reply = pool.submit(perform, asked).result(300)
    return reply


def pid_of(pool: WorkerProcesses) -> int:
    """The process id of the one worker."""
    (child,) = pool.children.values()
    return child.process.pid


def failed(reply: Reply) -> Failure:
    """The failure that a reply must be; every failure is a sentence."""
    assert isinstance(reply, Failure), reply
    assert reply.reason.endswith("."), reply.reason
    return reply


def well_again(pool: WorkerProcesses) -> bool:
    """Whether the next call is answered."""
    return isinstance(done(pool, HEALTHY), Answer)


# ---- in order ----------------------------------------------------------------------------------------------------


def test_a_worker_stays_warm_from_call_to_call(plain: WorkerProcesses) -> None:
    assert well_again(plain)
    first = pid_of(plain)
    assert well_again(plain)
    assert pid_of(plain) == first


def test_only_perform_can_be_submitted(plain: WorkerProcesses) -> None:
    with pytest.raises(TypeError, match="perform"):
        plain.submit(os.getpid)
    with pytest.raises(TypeError):
        plain.submit(perform)
    with pytest.raises(TypeError):
        plain.submit(perform, HEALTHY, HEALTHY)


def test_a_worker_runs_the_child_loop_and_not_the_program_that_started_it(plain: WorkerProcesses) -> None:
    assert well_again(plain)
    assert psutil.Process(pid_of(plain)).cmdline()[1:] == ["-m", "tinyml_core.engine.child", "15"]


def test_bytes_come_back_whole(plain: WorkerProcesses, lab: Lab) -> None:
    reply = done(plain, HEALTHY)
    assert isinstance(reply, Answer)
    blob = reply.blobs["arrays"]
    assert fingerprint.sha256(blob.read()) == blob.sha256
    assert reply.laps["total_s"] > 0


def test_two_workers_work_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Waiter) -> None:
    (tmp_path / "misbehaving.py").write_text(MISBEHAVING)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    progress = LocalProgress()
    pool = WorkerProcesses(2, progress)
    stuck = call("forever")
    try:
        running = pool.submit(perform, stuck)
        until(lambda: progress.stage(stuck.fingerprint) == "thinking")
        assert isinstance(done(pool, HEALTHY), Answer)
        assert not running.done()
        progress.cancel(stuck.fingerprint)
        failed(running.result(300))
    finally:
        pool.shutdown(cancel_futures=True)


def test_noise_on_standard_output_does_not_corrupt_the_answer(misbehaving: WorkerProcesses) -> None:
    reply = done(misbehaving, call("noisy"))
    assert isinstance(reply, Answer), reply
    assert reply.body == {"said": 1}


# ---- out of order ------------------------------------------------------------------------------------------------


def test_an_unexpected_exception_is_a_failure_and_its_traceback_is_logged(
    misbehaving: WorkerProcesses, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "tinyml"):
        told = done(misbehaving, call("broken"))
    assert isinstance(told, Failure)
    assert "ZeroDivisionError" in told.reason
    assert "Traceback" in told.detail
    assert not told.lasting
    assert "return 1 / 0" in caplog.text or "in broken" in caplog.text
    before = pid_of(misbehaving)
    assert well_again(misbehaving)
    assert pid_of(misbehaving) == before, "an exception costs no worker"


def test_a_function_that_does_not_exist_is_a_failure(plain: WorkerProcesses) -> None:
    told = done(plain, call("no_such_function"))
    assert isinstance(told, Failure)
    assert "misbehaving" in told.reason  # its module is on the path of other workers only
    assert well_again(plain)


def test_a_full_disk_in_a_worker_is_a_sentence(misbehaving: WorkerProcesses) -> None:
    told = failed(done(misbehaving, call("full")))
    assert told.reason == "The disk is full."
    assert not told.lasting


def test_a_crash_costs_one_call(misbehaving: WorkerProcesses) -> None:
    told = failed(done(misbehaving, call("segfault")))
    assert f"signal {int(signal.SIGSEGV)}" in told.reason
    assert "walking into a wall" in told.reason
    assert not told.lasting
    assert well_again(misbehaving)


def test_a_worker_that_leaves_tells_its_last_words(misbehaving: WorkerProcesses) -> None:
    told = failed(done(misbehaving, call("leaves")))
    assert "code 3" in told.reason
    assert "goodbye" in told.detail
    assert well_again(misbehaving)


def test_a_worker_that_dies_between_two_calls_is_replaced_unseen(misbehaving: WorkerProcesses, until: Waiter) -> None:
    assert well_again(misbehaving)
    first = pid_of(misbehaving)
    (child,) = misbehaving.children.values()
    child.process.kill()
    until(lambda: child.process.poll() is not None)
    assert well_again(misbehaving)
    assert pid_of(misbehaving) != first


def test_an_unreadable_answer_is_a_failure(misbehaving: WorkerProcesses) -> None:
    assert "unreadable" in failed(done(misbehaving, call("garbles"))).reason
    assert well_again(misbehaving)


def test_a_call_over_its_time_limit_is_stopped(misbehaving: WorkerProcesses) -> None:
    told = failed(done(misbehaving, call("forever", time_limit_s=1.0)))
    assert "limit of 1 seconds" in told.reason
    assert "thinking" in told.reason
    assert well_again(misbehaving)


def test_a_worker_that_does_not_even_listen_is_stopped(misbehaving: WorkerProcesses) -> None:
    assert well_again(misbehaving)
    os.kill(pid_of(misbehaving), signal.SIGSTOP)
    failed(done(misbehaving, call("noisy", time_limit_s=0.5)))
    assert well_again(misbehaving)


def test_a_call_over_its_memory_limit_is_stopped(misbehaving: WorkerProcesses) -> None:
    told = failed(done(misbehaving, call("hungry", memory_limit_bytes=150 * 2**20)))
    assert "MB of memory; the limit is 150 MB" in told.reason
    assert well_again(misbehaving)


def test_cancelling_kills_the_worker_and_the_next_call_works(misbehaving: WorkerProcesses, until: Waiter) -> None:
    stuck = call("forever")
    running = misbehaving.submit(perform, stuck)
    until(lambda: misbehaving.progress.stage(stuck.fingerprint) == "thinking")
    first = pid_of(misbehaving)
    misbehaving.progress.cancel(stuck.fingerprint)
    told = failed(running.result(300))
    assert told.stopped
    assert told.reason == "It was stopped while thinking."
    assert not psutil.pid_exists(first)
    assert well_again(misbehaving)


@pytest.mark.slow
def test_a_training_whose_worker_is_killed_costs_one_call(lab: Lab, until: Waiter) -> None:
    progress = LocalProgress()
    pool = WorkerProcesses(1, progress)
    job = Job("digits", "digits", "qat_int8", Settings(fine_tuning_epochs=50))
    training = wants.whole(lab.desk, wants.need(wants.made(job), "saved_model"))
    try:
        running = pool.submit(perform, training)
        until(lambda: "training epoch" in (progress.stage(training.fingerprint) or ""))
        os.kill(pid_of(pool), signal.SIGKILL)
        told = failed(running.result(300))
        assert "signal 9" in told.reason
        assert "training epoch" in told.reason
        assert well_again(pool)
    finally:
        pool.shutdown(cancel_futures=True)


# ---- data only ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["../../../somewhere/else", "/tmp/somewhere", "0" * 64], ids=["up", "absolute", "another's"]
)
def test_bytes_that_are_not_what_their_address_says_are_not_taken(address: str) -> None:
    # A child that opened a stranger's file may be the stranger's: the address becomes a file name in the store.
    blob = {"sha256": address, "path": None, "base64": base64.b64encode(b"payload").decode()}
    with pytest.raises((ValueError, KeyError, TypeError)):
        wire.read_reply({"body": {}, "blobs": {"tflite": blob}, "laps": {}})


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"body": 1},
        {"failure": 3},
        {"failure": {}},
        {"body": {}, "blobs": [], "laps": {}},
        {"body": {}, "blobs": {"x": 1}, "laps": {}},
    ],
    ids=str,
)
def test_an_answer_that_is_none_is_a_failure(message: dict[str, Any], plain: WorkerProcesses) -> None:
    assert isinstance(plain._reply(HEALTHY, message), Failure)


def test_a_call_survives_the_wire() -> None:
    asked = Call(
        "score", {"dataset": "sine"}, "f" * 64, "score of sine", "light", {"tflite": Blob.of(b"\x00model\xff")}
    )
    read = wire.read_call(wire.call_line(asked))
    assert read == asked
    assert read.blobs["tflite"].read() == b"\x00model\xff"


def test_a_reply_survives_the_wire() -> None:
    for reply in (
        Answer({"a": [1, None]}, {"x": Blob.of(b"\n\x00")}, {"t": 0.5}),
        Failure("a", "b", "c", "d", True, "e"),
    ):
        line = wire.reply_line(reply)
        assert line.count(b"\n") == 1
        assert wire.read_reply(json.loads(line)) == reply


# ---- the end -----------------------------------------------------------------------------------------------------


def test_shutting_down_ends_the_children_and_leaves_nothing_open() -> None:
    pool = WorkerProcesses(1, LocalProgress())
    assert well_again(pool)
    (child,) = pool.children.values()
    pid = child.process.pid
    pool.shutdown()
    try:
        assert child.process.returncode is not None, "a child that nobody waits for stays behind as a zombie"
        assert not psutil.pid_exists(pid)
        assert child.noise.closed
        assert child.process.stdin is not None
        assert child.process.stdin.closed
        assert child.process.stdout is not None
        assert child.process.stdout.closed
    finally:
        if not child.noise.closed:
            child.end()


def test_shutting_down_ends_a_call_that_runs(misbehaving: WorkerProcesses, until: Waiter) -> None:
    stuck = call("forever")
    running, waiting = (misbehaving.submit(perform, stuck) for _ in range(2))
    until(lambda: misbehaving.progress.stage(stuck.fingerprint) == "thinking")
    pid = pid_of(misbehaving)
    misbehaving.shutdown(wait=True, cancel_futures=True)
    failed(running.result(0))
    assert waiting.cancelled()
    assert not psutil.pid_exists(pid)


ORPHAN = """
import os, signal
from tinyml_core import catalog
from tinyml_core.pipeline.files import data
from tinyml_core.engine.perform import perform
from tinyml_core.engine.processes import WorkerProcesses
from tinyml_core.engine.progress import LocalProgress
pool = WorkerProcesses(1, LocalProgress())
pool.submit(perform, data(catalog.dataset("sine")).call({})).result(300)
(child,) = pool.children.values()
print(child.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_children_end_when_their_parent_is_killed(until: Waiter) -> None:
    told = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, text=True)
    assert told.returncode == -signal.SIGKILL
    pid = int(told.stdout)

    def ended() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    until(ended)


def test_a_worker_that_was_used_lately_is_not_ended_as_idle(plain: WorkerProcesses) -> None:
    assert well_again(plain)
    before = pid_of(plain)
    assert plain.end_idle(limit_s=3600) == 0
    assert well_again(plain)
    assert pid_of(plain) == before


def test_an_idle_worker_is_ended_and_the_next_call_gets_a_new_one(until: Waiter) -> None:
    pool = WorkerProcesses(1, LocalProgress())
    try:
        assert well_again(pool)
        (child,) = pool.children.values()
        assert pool.end_idle(limit_s=0) == 1
        until(lambda: child.process.poll() is not None)
        assert well_again(pool)
    finally:
        pool.shutdown()


def test_a_call_that_comes_just_after_its_worker_was_ended_as_idle_is_answered() -> None:
    pool = WorkerProcesses(1, LocalProgress())
    try:
        assert well_again(pool)
        assert pool.end_idle(limit_s=0) == 1
        assert well_again(pool)  # the old worker is still on its way out
    finally:
        pool.shutdown()


def test_a_worker_that_works_is_not_idle_however_long_ago_its_last_answer_was(
    misbehaving: WorkerProcesses, until: Waiter
) -> None:
    stuck = call("forever")
    running = misbehaving.submit(perform, stuck)
    until(lambda: misbehaving.progress.stage(stuck.fingerprint) == "thinking")
    assert misbehaving.end_idle(limit_s=0) == 0
    misbehaving.progress.cancel(stuck.fingerprint)
    failed(running.result(300))


# ---- what a worker holds -----------------------------------------------------------------------------------------


def maps(pool: object) -> list[str]:
    """What each living worker of a pool has mapped."""
    assert isinstance(pool, WorkerProcesses)
    living = [child.process.pid for child in pool.children.values() if child.process.poll() is None]
    return [Path(f"/proc/{pid}/maps").read_text() for pid in living]


def test_a_light_worker_never_maps_tensorflow(lab: Lab) -> None:
    variant = ask_variant(lab.forgetful(), Job("digits", "digits", "int8"))
    assert isinstance(variant.outcome.result(300), Measurement)
    light = maps(lab.desk.executors["light"])
    assert light
    assert not any(TENSORFLOW in mapped for mapped in light)
    # So that the words are known to be the right ones: they are true of a worker that did load TensorFlow.
    warm_up: Want[None] = Want(WARM_UP, "TensorFlow")
    assert isinstance(wants.ask(lab.forgetful(), warm_up), Answer)
    assert any(TENSORFLOW in mapped for mapped in maps(lab.desk.executors["tensorflow"]))


class Scripted:
    """A child that says what it is told to; it has no process."""

    def __init__(self, next_line: Callable[[], bytes]) -> None:
        self.next_line, self.ended = next_line, threading.Event()
        self.lines = self
        self.used = time.monotonic()

    def get(self, timeout: float) -> bytes:
        """The next line, or nothing for a while."""
        line = self.next_line()
        if not line:
            raise queue.Empty
        return line

    def trouble(self) -> str:
        """It does nothing that it may not."""
        return ""

    def resident_bytes(self) -> int:
        """A child of one gigabyte."""
        return 2**30

    def end(self) -> int:
        """Note it."""
        self.ended.set()
        return -9


@pytest.mark.parametrize(
    ("limits", "words"),
    [({"time_limit_s": -1.0}, "seconds"), ({"memory_limit_bytes": 2**20}, "MB")],
    ids=["time", "memory"],
)
def test_limits_hold_while_a_child_keeps_reporting(limits: dict[str, Any], words: str, plain: WorkerProcesses) -> None:
    stages = iter([b'{"stage": "talking"}\n'] * 100)
    child = Scripted(lambda: next(stages, wire.reply_line(Answer({}))))
    told = plain._watch(call("reporting", **limits), child)  # type: ignore[arg-type]
    assert words in failed(told).reason
    assert child.ended.is_set()


class ResourceExhaustedError(Exception):
    """As TensorFlow calls it."""


@pytest.mark.parametrize(
    ("words", "reason"),
    [("{{node SaveV2}} No space left on device [Op:SaveV2]", "disk"), ("OOM when allocating tensor", "out of memory")],
)
def test_no_room_for_tensorflow_is_no_lasting_refusal(words: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(body: Any, blobs: Any, report: Any) -> Any:
        with making._expect("training"):
            raise ResourceExhaustedError(words)

    monkeypatch.setattr("tinyml_core.engine.perform.named", lambda function: fails)
    told = perform(Call("inspect", {}, "0" * 64, "no room", "light"))
    assert isinstance(told, Failure)
    assert reason in told.reason
    assert not told.lasting
