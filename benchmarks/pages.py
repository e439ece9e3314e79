"""The dashboard against the smallest Streamlit apps there are: how soon is something drawn, and in how much memory?

python -m benchmarks.pages --rounds 3
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.draws import chromium, drawn_after
from benchmarks.running import ROOT, clean_environment

EMPTY = 'import streamlit as st\nst.write("hello")\n'
MINIMAL = """import altair as alt
import pandas as pd
import streamlit as st
frame = pd.DataFrame({"technique": ["float32", "float16", "int8"], "bytes": [83824, 43680, 23456]})
st.dataframe(frame)
st.altair_chart(alt.Chart(frame).mark_bar().encode(x="bytes", y="technique"))
"""
TEXT = ['[data-testid="stMarkdownContainer"] >> text=hello']
CHOOSER = ['[data-testid="stSelectbox"] >> text=Model', "text=After training", 'button:has-text("Full integer")']
RESULTS = ['[data-testid="stDataFrame"] canvas']

# In a process of its own, so that nothing of the core is loaded here that a page server has to load itself.
ANSWER_ALL = """
from tinyml_core.pipeline.run import ComparisonRun
from tinyml_core.compare.question import question_of
from tinyml_core.lab import open_desk
import time
desk = open_desk()
asked = ComparisonRun(desk, question_of("digits")[0])
asked.compare_policies()
while not asked.done:
    time.sleep(0.1)
desk.close()
"""

# What a page server has imported, C extension or not: asked of Python itself after one run of the page.
MODULES = """
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("app.py", default_timeout=120).run()
assert not page.exception, page.exception
heavy = ("tensorflow", "tf_keras", "keras", "sklearn", "ai_edge_litert", "tflite_micro")
print("LOADED", ",".join(name for name in heavy if name in sys.modules))
import os
os._exit(0)
"""


def loaded_modules(store: Path) -> list[str]:
    """Forbidden modules that one run of the dashboard imports."""
    done = subprocess.run(
        [sys.executable, "-c", MODULES],
        cwd=ROOT, env=clean_environment() | {"TINYML_STORE": str(store)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    line = next(line for line in done.stdout.splitlines() if line.startswith("LOADED"))
    return [name for name in line.removeprefix("LOADED").strip().split(",") if name]


def measure(rounds: int) -> dict[str, Any]:
    """Each app in turn, several times, each with a fresh server; medians and ratios."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="tinyml-bench-") as folder, sync_playwright() as playwright:
        store = Path(folder) / "store"
        for name, source in (("empty", EMPTY), ("minimal", MINIMAL)):
            (Path(folder) / f"{name}.py").write_text(source)
        subprocess.run(
            [sys.executable, "-c", ANSWER_ALL], cwd=ROOT, check=True, capture_output=True,
            env=clean_environment() | {"TINYML_STORE": str(store)},
        )  # fmt: skip
        apps = {
            "empty": (Path(folder) / "empty.py", TEXT),
            "chooser": (ROOT / "app.py", CHOOSER),
            "minimal": (Path(folder) / "minimal.py", RESULTS),
            "results": (ROOT / "app.py", RESULTS),
        }
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        seconds: dict[str, list[float]] = {name: [] for name in apps}
        charts = {"minimal": 1, "results": 1}
        states = []
        for number in range(rounds + 1):
            for name, (script, selectors) in apps.items():
                took, state = drawn_after(browser, script, store, selectors, charts.get(name, 0))
                if number == 0 and name in charts:
                    charts[name] = max(1, state["charts"])  # from now on wait for all of them
                if number:  # the first round only fills caches: byte code, disk, the browser's own
                    seconds[name].append(took)
                    states += [state] if script.name == "app.py" else []
        browser.close()
        modules = loaded_modules(store)
    medians = {name: median(times) for name, times in seconds.items()}
    return {
        "rounds": rounds,
        "charts": charts["results"],
        "seconds": seconds,
        "medians": medians,
        "chooser_ratio": medians["chooser"] / medians["empty"],
        "results_ratio": medians["results"] / medians["minimal"],
        "resident_mb": max(state["resident_mb"] for state in states),
        "forbidden": sorted({*modules, *(name for state in states for name in state["forbidden"])}),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    print(json.dumps(measure(parser.parse_args().rounds), indent=1))
