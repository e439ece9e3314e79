"""Isolated workers: no network, limits, nothing of the server's environment, one upload each, gone as a group.

Some calls here name functions that try what a hostile file might try: see `hostile_steps.py`.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import wants
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine import isolation
from tinyml_core.engine.call import Answer, Blob, Call, Reply
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.isolation import IsolatedProcesses, protections
from tinyml_core.engine.perform import Inline, perform
from tinyml_core.engine.progress import LocalProgress
from tinyml_core.engine.store import Store

HOSTILE = "tests.engine.hostile_steps"
MINE = Blob.of(b"mine")


def call(step: str, origin: str = "my-1", **body: Any) -> Call:
    """A call of a hostile step, about something brought."""
    blobs = {"upload": replace(MINE, origin=origin)}
    return Call(
        step, body, f"{step}-{origin}-{body}", step, "light", blobs, time_limit_s=20, function=f"{HOSTILE}:{step}"
    )


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[IsolatedProcesses]:
    """One isolated worker."""
    monkeypatch.setenv("A_SECRET", "of the server")
    made = IsolatedProcesses(1, LocalProgress(), "other", niceness=0)
    yield made
    made.shutdown()


def ask(pool: IsolatedProcesses, asked: Call) -> Reply:
    reply: Reply = pool.submit(perform, asked).result(timeout=60)
    return reply


def body(reply: Reply) -> Any:
    assert isinstance(reply, Answer), reply
    return reply.body


def test_this_system_grants_every_protection_or_says_which_it_does_not() -> None:
    found = protections()
    assert ("no network" in found.text) == found.network
    if os.environ.get("CI_WITHOUT_NAMESPACES") is None and os.path.exists("/proc/self/ns/user"):
        assert set(found.limits) == set(isolation.limits_for("light"))


def test_a_worker_reaches_no_server_on_this_computer(pool: IsolatedProcesses) -> None:
    if not protections().network:
        pytest.skip("this system does not let a process leave the network, and the lab says so")
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = body(ask(pool, call("connect", port=server.getsockname()[1])))
    assert found["error"] == "OSError" or "unreachable" in found["text"].lower(), found


def test_a_worker_sees_nothing_of_the_servers_environment(pool: IsolatedProcesses) -> None:
    found = body(ask(pool, call("environment")))
    assert "A_SECRET" not in found["names"]
    assert Path(found["home"]).name.startswith("tinyml-spool-isolated-")
    assert found["folder"] == found["home"] == found["temporary"]


def test_a_file_cannot_grow_without_end(pool: IsolatedProcesses) -> None:
    assert body(ask(pool, call("large_file", megabytes=600)))["error"] == "OSError"


def test_many_files_are_found_and_end_the_worker(pool: IsolatedProcesses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinyml_core.engine.isolation.FOLDER_LIMIT_BYTES", 20 * 2**20)
    reply = ask(pool, call("many_files", megabytes=60))
    assert isinstance(reply, Failure) and "to disk; the limit is 20 MB" in reply.reason


def test_open_files_are_limited(pool: IsolatedProcesses) -> None:
    assert body(ask(pool, call("open_files", count=2000)))["opened"] < 256


def test_no_worker_outlives_its_limit_whatever_signals_it_ignores(
    pool: IsolatedProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(isolation.LONGEST_S, "light", 1.5)
    said: list[str] = []
    report = pool.progress.report
    monkeypatch.setattr(pool.progress, "report", lambda name, stage: (said.append(stage), report(name, stage)))
    reply = ask(pool, replace(call("forever"), time_limit_s=3600))
    assert isinstance(reply, Failure) and "longer than its limit" in reply.reason
    pid = int(next(stage for stage in said if stage.startswith("pid ")).removeprefix("pid "))
    assert not psutil.pid_exists(pid)


def test_what_a_worker_started_dies_with_it(pool: IsolatedProcesses) -> None:
    started = body(ask(pool, call("start_another")))["pid"]
    assert psutil.pid_exists(started)
    ask(pool, call("environment", origin="my-2"))  # somebody else's upload: the first worker is ended
    deadline = time.monotonic() + 10
    while psutil.pid_exists(started) and psutil.Process(started).status() != "zombie" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(started) or psutil.Process(started).status() == "zombie"


def test_a_worker_that_has_seen_an_upload_never_sees_anothers(pool: IsolatedProcesses) -> None:
    first, same = body(ask(pool, call("remember"))), body(ask(pool, call("remember", again=1)))
    others = body(ask(pool, call("remember", origin="my-2")))
    assert (first["times"], same["times"], others["times"]) == (1, 2, 1)
    assert first["pid"] == same["pid"] != others["pid"]


def test_its_folder_is_gone_when_it_ends(pool: IsolatedProcesses) -> None:
    folder = Path(body(ask(pool, call("environment")))["home"])
    assert folder.is_dir()
    pool.shutdown()
    assert not folder.exists()


def test_an_answer_may_name_no_file_but_its_own(pool: IsolatedProcesses, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"the server's")
    ask(pool, call("name_a_file", path=str(secret)))  # from now on it lies
    reply = ask(pool, call("environment"))
    assert isinstance(reply, Failure) and "none of its own" in reply.reason
    assert secret.exists()


def test_a_large_answer_is_moved_out_of_the_workers_reach(pool: IsolatedProcesses) -> None:
    reply = ask(pool, call("large_answer", megabytes=20))
    assert isinstance(reply, Answer)
    blob = reply.blobs["content"]
    assert blob.path is not None and Path(blob.path).parent == Path(pool.spool.name)
    assert len(blob.read()) == 20 * 2**20


def test_what_is_made_of_an_upload_inherits_its_origin_and_keeps_it_in_the_store(tmp_path: Path) -> None:
    progress = LocalProgress()
    own, isolated = Inline(progress), Inline(progress)
    seen: list[str] = []
    original = isolated.submit

    def submit(fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        seen.append(args[0].step)
        return original(fn, *args, **kwargs)

    isolated.submit = submit  # type: ignore[method-assign]
    desk = Desk({"light": own}, {"light": 1}, Store(tmp_path), progress, {"light": isolated})
    asked = replace(wants.loaded("sine").call({}), blobs={"tflite": replace(MINE, origin="my-9")})
    reply = desk.ask(asked).result()
    assert isinstance(reply, Answer)
    assert seen == [asked.step]
    again = Store(tmp_path).get(asked.fingerprint)
    assert isinstance(again, Answer)
    assert all(blob.origin == "my-9" for blob in (*reply.blobs.values(), *again.blobs.values()))


def test_uploads_never_take_the_last_place(tmp_path: Path) -> None:
    progress = LocalProgress()
    release = threading.Event()

    class Waiting(Inline):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            from concurrent.futures import Future

            future: Future[Reply] = Future()
            threading.Thread(target=lambda: (release.wait(10), future.set_result(Answer({}, {})))).start()
            return future

    desk = Desk({"light": Waiting(progress)}, {"light": 2}, Store(tmp_path), progress)
    brought = [desk.ask(replace(call("x", number=number), keep=False)) for number in range(3)]
    own = desk.ask(Call("y", {}, "own", "own", "light", keep=False))
    try:
        assert desk.begun("own")
        assert desk.waiting() == 2
    finally:
        release.set()
    assert all(isinstance(future.result(10), Answer) for future in (*brought, own))
