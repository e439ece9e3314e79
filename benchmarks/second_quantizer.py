"""All rows of the second quantizer on a fresh server: how long after the first drawn page does each say what it found?

python -m benchmarks.second_quantizer
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.draws import PATIENCE_MS, chromium, server, wait_for_port
from benchmarks.running import ROOT
from tinyml_core.compress.techniques import number_formats, techniques

MODELS = ("digits", "mnist", "motion", "textures")
CHOOSER = '[data-testid="stButtonGroup"]'
ROWS = """() => {
  const grid = document.querySelector('[data-testid=stDataFrame] table[role=grid]');
  return grid ? [...grid.querySelectorAll('tr')].map(row => [...row.children].map(cell => cell.textContent)) : [];
}"""
"""The table as those hear it who cannot see it; the grid itself is drawn on a canvas."""


def answered(rows: list[list[str]]) -> int:
    """How many variants show size and score, or why there are none."""
    if not rows:
        return 0
    head, *variants = rows
    flash, state = head.index("Flash"), head.index("State") if "State" in head else None
    score = next((index for index, name in enumerate(head) if name.startswith("Accuracy")), flash)
    return sum(
        bool(row[flash] and row[score]) or (state is not None and row[state].startswith("✗")) for row in variants
    )


def once(browser: Any, model: str, techniques: list[str]) -> tuple[float, float]:
    """Seconds until the last row answers: after the table is drawn, and after the chooser is."""
    with (
        tempfile.TemporaryDirectory(prefix="tinyml-bench-") as store,
        server(ROOT / "app.py", Path(store)) as (address, process, _),
    ):
        wait_for_port(address, process)
        page = browser.new_page(viewport={"width": 1280, "height": 2400})
        page.goto(f"{address}/?model={model}&techniques={','.join(techniques)}", wait_until="commit")
        page.locator(CHOOSER).first.wait_for(state="visible", timeout=PATIENCE_MS)
        chooser = table = time.perf_counter()
        found = 0
        while found < len(techniques):
            rows = page.evaluate(ROWS)
            if len(rows) <= 1:
                table = time.perf_counter()
            found = answered(rows)
            if time.perf_counter() - chooser > PATIENCE_MS / 1000:
                raise RuntimeError(f"{found} of {len(techniques)} rows of {model} after a minute: {rows}")
            time.sleep(0.02)
        end = time.perf_counter()
        page.close()
    return end - table, end - chooser


def measure(rounds: int) -> dict[str, Any]:
    """Medians by model, and the slowest of them."""
    from playwright.sync_api import sync_playwright

    asked = ["float32", *(name for name, one in techniques().items() if number_formats()[one.number_format].requantize)]
    seconds: dict[str, list[tuple[float, float]]] = {model: [] for model in MODELS}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        once(browser, MODELS[0], asked)  # fills caches: byte code, disk, the browser's own
        for _ in range(rounds):
            for model in MODELS:
                seconds[model].append(once(browser, model, asked))
        browser.close()
    after_table = {model: median(table for table, _ in times) for model, times in seconds.items()}
    return {
        "techniques": len(asked) - 1,
        "seconds": seconds,
        "after_table": after_table,
        "after_chooser": {model: median(chooser for _, chooser in times) for model, times in seconds.items()},
        "slowest_s": max(after_table.values()),
    }


if __name__ == "__main__":
    print(json.dumps(measure(3), indent=1))
