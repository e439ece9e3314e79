"""A real page server with real workers, and a real Chromium that may reach no other computer."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))

from find_chromium import MISSING, find_chromium  # noqa: E402

PATIENCE_S = 120
"""How long anything may take before a test fails; no claim about speed."""

expect.set_options(timeout=PATIENCE_S * 1000)


class Server:
    """`streamlit run app.py` on a free port, with a store of its own."""

    def __init__(self, store: Path) -> None:
        self.store = store
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        store.mkdir(parents=True, exist_ok=True)
        self._log = (store.parent / f"server_{port}.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true",
             "--server.address", "127.0.0.1", "--server.port", str(port)],
            cwd=REPOSITORY, stdout=self._log, stderr=subprocess.STDOUT,
            env={**os.environ, "TINYML_STORE": str(store)},
        )  # fmt: skip
        self._await_health()

    def _await_health(self) -> None:
        end = time.monotonic() + PATIENCE_S
        while True:
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)

    def workers(self) -> list[psutil.Process]:
        """Its worker processes that live."""
        return [child for child in psutil.Process(self.process.pid).children(recursive=True) if child.is_running()]

    def log(self) -> str:
        """What it wrote."""
        self._log.flush()
        return Path(self._log.name).read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        """End it as Ctrl-C or a service manager does."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._log.close()


class Visitor:
    """A person with a browser window; notes each address it asks for and each error in the console."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.asked: list[str] = []
        self.icons: list[str] = []
        self.errors: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))
        context.add_init_script(WATCH_ICONS)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_S * 1000)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))

    def _on_console(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        # Streamlit looks for its server below a deep link's own path first, then at the root: two harmless 404s a page.
        if message.type == "error" and not where.endswith(("/_stcore/health", "/_stcore/host-config")):
            self.errors.append(f"{message.text} {where}")

    def open(self, path: str) -> Visitor:
        """Go to an address below the server's and wait until the page is there."""
        self.page.goto(self.address + path)
        self.page.get_by_test_id("stHeading").first.wait_for()
        return self

    def settle(self) -> Visitor:
        """Wait until all is measured and timed, and the page is drawn to its end."""
        self.page.evaluate("window.quietSince = undefined")
        self.page.wait_for_function(SETTLED)
        return self

    def rows(self) -> dict[str, dict[str, str]]:
        """The comparison table as assistive technology reads it, by technique, without the star."""
        self.page.wait_for_function(f"({TABLE})().length > 0")  # it is drawn a little later than the rest
        head, *body = self.page.evaluate(TABLE)
        cells = [dict(zip(head, row, strict=True)) for row in body]
        return {row["Technique"].removeprefix("★ "): row for row in cells}

    def wait_for_rows(self, count: int) -> None:
        """Wait until the table has so many rows."""
        self.page.wait_for_function(f"({TABLE})().length === {count + 1}")

    def summary(self) -> str:
        """The sentence above the table."""
        return self.page.locator("h4").first.inner_text()

    def exceptions(self) -> int:
        """How many exceptions the page shows."""
        return self.page.get_by_test_id("stException").count()

    def pill(self, title: str) -> Locator:
        """The pill of a technique."""
        return self.page.get_by_test_id("stButtonGroup").get_by_role("button", name=title, exact=True)

    def chosen(self) -> list[str]:
        """Techniques whose pills are pressed."""
        pressed = self.page.get_by_test_id("stButtonGroup").locator("button[aria-pressed=true]")
        return [text.strip() for text in pressed.all_inner_texts()]

    def box(self, label: str) -> Locator:
        """A box to choose from."""
        return self.page.get_by_role("combobox", name=label)

    def choose(self, label: str, option: str) -> None:
        """Choose in a box."""
        choice = self.page.get_by_role("option", name=option, exact=True)
        end = time.monotonic() + PATIENCE_S
        while not choice.count():  # a page that is being drawn anew closes its lists
            assert time.monotonic() < end, f"{label} does not offer {option}"
            self.box(label).click()
            self.page.wait_for_timeout(1000)
        choice.click()

    def at(self) -> str:
        """The address bar, without the server; commas as people write them."""
        return unquote(str(self.page.evaluate("location.pathname + location.search")))

    def wait_until_at(self, address: str) -> None:
        """Wait until the address bar shows this."""
        end = time.monotonic() + PATIENCE_S
        while self.at() != address:
            assert time.monotonic() < end, f"the address is {self.at()}, not {address}"
            self.page.wait_for_timeout(100)

    def outside(self) -> list[str]:
        """Addresses on other hosts that were asked for."""
        host = self.address.removeprefix("http://")
        own = (f"http://{host}/", f"ws://{host}/", "data:", "blob:", "about:")
        return [url for url in self.asked + self.icons_seen() if not url.startswith(own)]

    def icons_seen(self) -> list[str]:
        """Every address the page ever named for its icon; a browser fetches it unseen by the page."""
        return [str(url) for url in self.page.evaluate("window.iconsSeen || []")]


WATCH_ICONS = """
window.iconsSeen = [];
new MutationObserver(() => {
  for (const icon of document.querySelectorAll('link[rel~=icon]'))
    if (icon.href && !window.iconsSeen.includes(icon.href)) window.iconsSeen.push(icon.href);
}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ['href']});
"""

TABLE = """() => {
  const grid = document.querySelector('[data-testid=stDataFrame] table[role=grid]');
  return grid ? [...grid.querySelectorAll('tr')].map(row => [...row.children].map(cell => cell.textContent)) : [];
}"""

# The page says what it waits for in a progress bar; Streamlit says whether a script runs and whether parts are stale.
# All that must hold for a moment, because a run may follow a run.
SETTLED = """() => {
  const waits = [...document.querySelectorAll('[data-testid=stProgress]')]
    .some(bar => /variants measured|timing them/i.test(bar.innerText));
  const app = document.querySelector('[data-testid=stApp]');
  const runs = !app || app.getAttribute('data-test-script-state') !== 'notRunning';
  const kinds = ['stExpander', 'stAlert', 'stTabs', 'stFileUploader'];
  const drawn = document.querySelector(kinds.map(kind => `[data-testid=${kind}]`).join(', '));
  if (waits || runs || !drawn || document.querySelector('[data-stale=true]')) window.quietSince = undefined;
  else window.quietSince = window.quietSince || performance.now();
  return window.quietSince !== undefined && performance.now() - window.quietSince > 800;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of this computer; without one the tests fail and say what to do."""
    path = find_chromium()
    if path is None:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def start_server() -> Iterator[Callable[[Path], Server]]:
    """Starts servers; all end with the module."""
    started: list[Server] = []

    def start(store: Path) -> Server:
        started.append(Server(store))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture(scope="module")
def server(start_server: Callable[[Path], Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The server that most tests share; its store is empty at first."""
    return start_server(tmp_path_factory.mktemp("server") / "store")


PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Mobile Safari/537.36",
}


@pytest.fixture
def arrive(browser: Browser, server: Server) -> Iterator[Callable[..., Visitor]]:
    """Brings visitors; at the end none of them has seen an error in the console."""
    visitors: list[Visitor] = []

    def come(to: Server | None = None, **options: Any) -> Visitor:
        usual = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
        context = browser.new_context(**{**usual, **options})
        visitors.append(Visitor(context, (to or server).address))
        return visitors[-1]

    yield come
    errors = [error for visitor in visitors for error in visitor.errors]
    for visitor in visitors:
        visitor.context.close()
    assert errors == []
