"""What the core must never load, and how large its files may be."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tinyml_core

CORE = Path(tinyml_core.__file__).parent
FILES = sorted(CORE.rglob("*.py"))
HEAVY = (
    "tensorflow", "tensorflow_model_optimization", "keras", "tf_keras", "sklearn", "mlxtend", "ai_edge_litert",
    "tflite_micro", "ethosu", "streamlit",
)  # fmt: skip
IMPORT_ALL = """
import importlib, json, pkgutil, sys
import tinyml_core
names = [info.name for info in pkgutil.walk_packages(tinyml_core.__path__, "tinyml_core.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(json.dumps([names, sorted(sys.modules)]))
"""


def fresh(code: str) -> list[list[str]]:
    """What a fresh interpreter prints as JSON."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: list[list[str]] = json.loads(done.stdout)
    return found


def test_importing_every_module_of_the_core_loads_no_heavy_library() -> None:
    names, loaded = fresh(IMPORT_ALL)
    assert len(names) > 50
    assert set(HEAVY) & set(loaded) == set()


def test_the_front_door_does_not_load_pandas() -> None:
    modules = (
        "tinyml_core, tinyml_core.catalog, tinyml_core.pipeline.run, tinyml_core.compare.comparison, tinyml_core.lab"
    )
    (loaded,) = fresh(f"import json, sys, {modules}; print(json.dumps([sorted(sys.modules)]))")
    assert {"pandas", "altair", "scipy"} & set(loaded) == set()


def test_discovering_everything_loads_no_heavy_library() -> None:
    (loaded,) = fresh(
        "import json, sys\n"
        "from tinyml_core import catalog\n"
        "from tinyml_core.boards.board import boards\n"
        "from tinyml_core.compare.rules import RULES\n"
        "from tinyml_core.compress.techniques import packings, techniques\n"
        "assert all([catalog.models(), catalog.datasets(), techniques(), RULES, boards(), packings()])\n"
        "print(json.dumps([sorted(sys.modules)]))"
    )
    assert set(HEAVY) & set(loaded) == set()


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(CORE)) for path in FILES])
def test_every_file_is_one_idea_on_a_few_screens_and_knows_nothing_of_streamlit(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 450
    assert not re.search(r"^\s*(import|from)\s+streamlit\b", text, flags=re.MULTILINE)
    assert text.startswith('"""'), "a file begins with the sentence that says what it is"


def importers(path: Path) -> set[Path]:
    """The files of the core and of the pages that import a file of the core."""
    parts = path.relative_to(CORE.parent).with_suffix("").parts
    module, parent = ".".join(parts), ".".join(parts[:-1])
    found = set()
    for other in [*FILES, *(CORE.parent / "pages").rglob("*.py")]:
        for node in ast.walk(ast.parse(other.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (
                node.module == module or (node.module == parent and parts[-1] in [alias.name for alias in node.names])
            ):
                found.add(other)
    return found - {path}


def test_what_only_one_other_file_needs_stands_in_that_file() -> None:
    short = [
        path
        for path in FILES
        if path.name not in ("__init__.py", "__main__.py")
        and path.relative_to(CORE).parts[0] != "zoo"  # people drop models and data sets in
        and len(path.read_text(encoding="utf-8").splitlines()) < 40
    ]
    assert [str(path) for path in short if len(importers(path)) == 1] == []
