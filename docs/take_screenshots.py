"""Takes the pictures of docs/screenshots with a real browser, of a real server with real workers."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "screenshots"
sys.path.insert(0, str(ROOT))

EVERY = ",".join(sorted(path.stem for path in (ROOT / "tinyml_core" / "boards").glob("*.toml")))
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
THREE = "techniques=float32,int8,qat_int8"
SOME = "nucleo_l4r5zi,raspberry_pi_pico_2,esp32_s3_devkitc_1,arduino_uno_r4,alif_ensemble_e7"


@dataclass(frozen=True)
class Picture:
    """One picture of the documentation.

    Attributes:
        address: Below the server's.
        whole: The whole page, not only what a window shows.
        tab: Of the Inspect page, brought to the front.
    """

    name: str
    address: str = ""
    width: int = 1280
    height: int = 900
    scheme: str = "light"
    whole: bool = True
    tab: str = ""


PICTURES = (
    Picture("compare_desktop", whole=False),
    Picture("compare_desktop_whole"),
    Picture("compare_dark", "?model=mnist", scheme="dark"),
    Picture("compare_phone", width=390, height=844),
    Picture("boards_desktop", "boards"),
    Picture("boards_phone_all", f"boards?model=mnist&boards={EVERY}", 390, 844),
    Picture(
        "boards_dark_limits",
        f"boards?model=mlperf_kws&techniques=float32,int8,int16x8&boards={SOME}&limit_ms=80",
        scheme="dark",
    ),
    Picture("sine_desktop", "?model=sine"),
    Picture("inspect_error", f"inspect?{THREE}", tab="Where the error comes from"),
    Picture("inspect_memory_dark", f"inspect?{THREE}", scheme="dark", tab="Memory over time"),
    Picture("inspect_predictions_phone", f"inspect?{THREE}", 390, 844, tab="Predictions"),
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
            for picture in PICTURES:
                page = open_page(browser, f"http://127.0.0.1:{port}/", picture)
                if picture.whole:
                    page.set_viewport_size({"width": picture.width, "height": min(whole_height(page), 6000)})
                    time.sleep(2)
                page.screenshot(path=FOLDER / f"{picture.name}.png")
                page.context.close()
                print(f"docs/screenshots/{picture.name}.png")
    finally:
        server.terminate()
        server.wait()


def open_page(browser: Browser, server: str, picture: Picture) -> Page:
    """A page whose comparison is complete."""
    viewport = {"width": picture.width, "height": picture.height}
    phone = {"user_agent": PHONE} if picture.width < 640 else {}
    context = browser.new_context(viewport=viewport, color_scheme=picture.scheme, **phone)  # type: ignore[arg-type]
    page = context.new_page()
    for _ in range(100):
        try:
            page.goto(server + picture.address)
            break
        except Exception:
            time.sleep(0.3)
    page.wait_for_selector(
        '[data-testid="stVegaLiteChart"] canvas, [data-testid="stVegaLiteChart"] svg', timeout=180_000
    )
    page.wait_for_selector('[data-testid="stProgress"]:has-text("measured")', state="detached", timeout=180_000)
    if picture.tab:
        page.get_by_test_id("stTab").filter(has_text=picture.tab).click()
        time.sleep(12)  # it is asked for when it is looked at
    time.sleep(3)
    return page


def whole_height(page: Page) -> int:
    """The height of all of the page, in pixels."""
    return int(page.evaluate("Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))"))


if __name__ == "__main__":
    main()
