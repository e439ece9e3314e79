"""What the page server loads: no library of the workers ever, and table and charts only when they are needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
WORKERS_ONLY = (
    "tensorflow", "tf_keras", "keras", "tensorflow_model_optimization", "ai_edge_litert", "tflite_micro", "sklearn", "mlxtend",
)  # fmt: skip
SHARED = sorted(
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
    for path in (REPOSITORY / "pages").rglob("*.py")
    if path.parent.name != "pages" and path.stem != "__init__"
)
CHOOSER = ("pages.shared.frame", "pages.shared.lab", "pages.ask.question", "pages.ask.link")


def loaded(*modules: str) -> set[str]:
    """The modules of a fresh Python after importing some."""
    code = f"import {', '.join(modules)}, sys; print('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_all_of_the_pages_together_load_no_library_of_the_workers() -> None:
    assert loaded(*SHARED).isdisjoint(WORKERS_ONLY)


def test_the_chooser_is_drawn_before_table_and_charts_are_loaded() -> None:
    heavy = {"pandas", "altair", "pyarrow", "numpy"}
    by_itself = loaded("streamlit") & heavy
    assert loaded("streamlit", *CHOOSER) & heavy == by_itself
    assert "altair" not in by_itself  # else the claim would say nothing
