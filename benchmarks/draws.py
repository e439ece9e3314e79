"""Times how soon a page is drawn, in a real browser, from the start of its server process."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.running import ROOT, clean_environment

FORBIDDEN = ("tensorflow", "tf_keras", "/keras/", "sklearn", "ai_edge_litert", "tflite_micro")
PATIENCE_MS = 60_000
CHART = '[data-testid="stVegaLiteChart"] :is(canvas, svg.marks)'
"""What Vega has finished drawing, not the empty frame round it."""


def chromium() -> str:
    """The browser that the browser tests use."""
    path = ROOT / "tests" / "browser" / "find_chromium.py"
    if not path.is_file():
        return "/usr/bin/chromium"
    spec = importlib.util.spec_from_file_location("find_chromium", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.find_chromium())


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def server(script: Path, store: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], float]]:
    """A fresh Streamlit server of a script; gives its address, its process, and when it was started."""
    port = free_port()
    options = {"server.port": port, "server.headless": "true", "browser.gatherUsageStats": "false"}
    options |= {"server.address": "127.0.0.1", "server.fileWatcherType": "none"}
    arguments = [f"--{name}={value}" for name, value in options.items()]
    environment = clean_environment() | {"TINYML_STORE": str(store)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}", process, began
    finally:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()


def wait_for_port(address: str, process: subprocess.Popen[bytes]) -> None:
    """Return as soon as the server listens.

    Raises:
        RuntimeError: The server ended, or did not listen within a minute.
    """
    port = int(address.rsplit(":", 1)[1])
    end = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError("the page server did not start")


def drawn_after(
    browser: Any, script: Path, store: Path, selectors: list[str], charts: int = 0
) -> tuple[float, dict[str, Any]]:
    """Seconds from server start until all selectors and that many charts are visible, and the state afterwards."""
    with server(script, store) as (address, process, began):
        wait_for_port(address, process)
        page = browser.new_page(viewport={"width": 1280, "height": 2400})
        page.goto(address, wait_until="commit")
        for selector in selectors:
            page.locator(selector).first.wait_for(state="visible", timeout=PATIENCE_MS)
        if charts:
            page.locator(CHART).nth(charts - 1).wait_for(state="visible", timeout=PATIENCE_MS)
        seconds = time.perf_counter() - began
        page.wait_for_timeout(1500)
        state = server_state(process.pid) | {"charts": page.locator(CHART).count()}
        page.close()
    return seconds, state


def server_state(pid: int) -> dict[str, Any]:
    """Memory of a page server and which forbidden libraries it has mapped; children are not part of it."""
    resident = psutil.Process(pid).memory_info().rss
    maps = Path(f"/proc/{pid}/maps")
    mapped = maps.read_text() if os.path.exists(maps) else ""
    return {"resident_mb": resident / 2**20, "forbidden": [name for name in FORBIDDEN if name in mapped]}
