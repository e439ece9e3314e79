"""Takes the pictures of docs/screenshots with a real browser, of a real server with real workers."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "screenshots"
sys.path.insert(0, str(ROOT))

EVERY = ",".join(sorted(path.stem for path in (ROOT / "tinyml_core" / "boards").glob("*.toml")))
SOME = "nucleo_l4r5zi,raspberry_pi_pico_2,esp32_s3_devkitc_1,arduino_uno_r4,alif_ensemble_e7"
# name, address, width, height, colour scheme, whole page
PICTURES = (
    ("compare_desktop", "", 1280, 900, "light", False),
    ("compare_desktop_whole", "", 1280, 900, "light", True),
    ("compare_dark", "?model=mnist", 1280, 900, "dark", True),
    ("compare_phone", "", 390, 844, "light", True),
    ("boards_desktop", "boards", 1280, 900, "light", True),
    ("boards_phone_all", f"boards?model=mnist&boards={EVERY}", 390, 844, "light", True),
    (
        "boards_dark_limits",
        f"boards?model=mlperf_kws&techniques=float32,int8,int16x8&boards={SOME}&limit_ms=80",
        1280,
        900,
        "dark",
        True,
    ),
    ("sine_desktop", "?model=sine", 1280, 900, "light", True),
)


def main() -> None:
    """Start a server, take every picture, end the server."""
    from tests.browser.find_chromium import find_chromium

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.headless",
        "true",
        "--server.port",
        str(port),
    ]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find_chromium(),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            for name, address, width, height, scheme, whole in PICTURES:
                page = open_page(browser, f"http://127.0.0.1:{port}/{address}", width, height, scheme)
                if whole:
                    page.set_viewport_size({"width": width, "height": min(whole_height(page), 6000)})
                    time.sleep(2)
                page.screenshot(path=FOLDER / f"{name}.png")
                page.context.close()
                print(f"docs/screenshots/{name}.png")
    finally:
        server.terminate()
        server.wait()


def open_page(browser: Browser, address: str, width: int, height: int, scheme: str) -> Page:
    """A page whose comparison is complete."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for _ in range(100):
        try:
            page.goto(address)
            break
        except Exception:
            time.sleep(0.3)
    page.wait_for_selector(
        '[data-testid="stVegaLiteChart"] canvas, [data-testid="stVegaLiteChart"] svg', timeout=180_000
    )
    page.wait_for_selector('[data-testid="stProgress"]:has-text("measured")', state="detached", timeout=180_000)
    time.sleep(3)
    return page


def whole_height(page: Page) -> int:
    """The height of all of the page, in pixels."""
    return int(page.evaluate("Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))"))


if __name__ == "__main__":
    main()
