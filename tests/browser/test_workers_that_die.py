"""Workers that are killed while a visitor waits, and a server that ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tinyml_core import catalog

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TITLES = {name: technique.title for name, technique in catalog.techniques().items()}


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
    for _ in range(2):  # at different moments of the work
        until(server.workers)
        assert kill_workers(server) > 0
        assert server.process.poll() is None
    visitor.settle()
    assert visitor.exceptions() == 0
    assert list(visitor.rows()) == [TITLES["float32"], TITLES["int8"]]
    visitor.page.reload()
    visitor.settle()
    assert all(row["Flash"] and row["Score"] for row in visitor.rows().values())
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
