"""Workers that are killed while a visitor waits, and a server that ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tinyml_core.compress import techniques

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MIB = 1024**2
TITLES = {name: technique.title for name, technique in techniques.techniques().items()}


def size_of(worker: psutil.Process) -> int:
    """Resident bytes; 0 once it has ended."""
    try:
        return int(worker.memory_info().rss)
    except psutil.Error:
        return 0


def kill_workers(server: Any) -> int:
    """Kill all workers of a server at once; gives how many."""
    workers = server.workers()
    for worker in workers:
        with contextlib.suppress(psutil.NoSuchProcess):
            worker.kill()
    return len(workers)


def test_killed_workers_cost_neither_the_page_nor_the_question(
    arrive: Callable[..., Any], start_server: Any, tmp_path: Path, until: Callable[..., None]
) -> None:
    server = start_server(tmp_path / "store")
    visitor = arrive(server).open("/?techniques=float32,int8")
    until(lambda: any(size_of(worker) > 100 * MIB for worker in server.workers()))  # it is loading TensorFlow
    until(lambda: kill_workers(server) > 0)
    assert server.process.poll() is None
    visitor.settle()
    assert visitor.exceptions() == 0
    assert list(visitor.rows()) == [TITLES["float32"], TITLES["int8"]]
    again = visitor.page.get_by_role("button", name="Try again what failed")
    for _ in range(3):  # a row may fail in one step after the other
        if again.count():
            assert visitor.page.get_by_text("was ended by signal 9").count() or visitor.page.get_by_text("✗").count()
            again.click()
            visitor.settle()
    assert again.count() == 0
    assert all(row["Flash"] and row["Accuracy"] for row in visitor.rows().values())
    assert "smaller than float32" in visitor.summary()


def test_a_server_that_ends_leaves_no_worker_behind(
    arrive: Callable[..., Any], start_server: Any, tmp_path: Path
) -> None:
    server = start_server(tmp_path / "store")
    visitor = arrive(server).open("/?techniques=float32,int8")
    visitor.wait_for_rows(2)
    workers = server.workers()
    assert workers
    visitor.page.close()
    server.close()
    gone, alive = psutil.wait_procs(workers, timeout=60)
    assert alive == []
    assert len(gone) == len(workers)
