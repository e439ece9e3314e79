"""The order of the rooms: each imports only from rooms below it, and no two files import each other in a circle."""

from __future__ import annotations

import graphlib
from collections import Counter
from pathlib import Path

import pytest

import tinyml_core
from tinyml_core.engine.fingerprint import imports  # the same function that derives a step's sources

CORE = Path(tinyml_core.__file__).parent
ROOMS = (
    "domain", "engine", "boards", "zoo", "measure", "compress", "analysis", "uploads", "catalog", "compare", "pipeline",
    "charts", "export", "lab", "cli",
)  # fmt: skip
"""From the ground up."""
STILL_WRONG: set[tuple[str, str]] = set()
"""Arrows that run up; none may come."""
NO_CATALOG = ("domain", "engine", "boards", "zoo", "measure", "compress", "analysis")
MODULES = {
    ".".join(("tinyml_core", *path.relative_to(CORE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in CORE.rglob("*.py")
}


def floor(module: str) -> int:
    """The place of a module's room; the front door stands above all."""
    parts = module.split(".")
    return ROOMS.index(parts[1]) if len(parts) > 1 else len(ROOMS)


def test_every_room_has_its_place() -> None:
    assert {module.split(".")[1] for module in MODULES if "." in module} == set(ROOMS)


@pytest.mark.parametrize("module", MODULES)
def test_a_room_imports_only_from_rooms_below(module: str) -> None:
    up = {(module, other) for other in imports(module) if floor(other) > floor(module)}
    assert up <= STILL_WRONG


def test_no_files_import_each_other_in_a_circle() -> None:
    graphlib.TopologicalSorter({module: imports(module) - {module} for module in MODULES}).prepare()


def test_the_engine_knows_nothing_but_what_a_failure_is() -> None:
    known = {
        other for module in MODULES if module.startswith("tinyml_core.engine.") for other in imports(module)
    }  # fmt: skip
    assert {other for other in known if not other.startswith("tinyml_core.engine")} == {"tinyml_core.domain.outcome"}


@pytest.mark.parametrize("room", NO_CATALOG)
def test_what_workers_do_knows_no_catalog(room: str) -> None:
    inside = [module for module in MODULES if module.startswith(f"tinyml_core.{room}")]
    assert inside
    assert not [module for module in inside if "tinyml_core.catalog" in imports(module)]


def test_no_folder_is_a_heap() -> None:
    folders = Counter(
        path.parent for room in (CORE, CORE.parent / "pages", Path(__file__).parent) for path in room.rglob("*.py")
    )
    assert folders[CORE] <= 5
    assert max(folders.values()) <= 20
