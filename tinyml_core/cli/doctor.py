"""`tinyml doctor`: versions, what can be executed on this machine, and where the store is."""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tinyml_core import catalog
from tinyml_core.boards.board import board_problems, boards
from tinyml_core.cli import options
from tinyml_core.domain.brought import DATA_PREFIX, MODEL_PREFIX
from tinyml_core.domain.metrics import format_bytes
from tinyml_core.engine.environment import environment
from tinyml_core.engine.isolation import protections
from tinyml_core.engine.store import Store
from tinyml_core.measure import tflm
from tinyml_core.uploads.library import Shelf
from tinyml_core.uploads.refusal import counted
from tinyml_core.zoo.fetch import fetched_folder, is_present


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("doctor", help="versions, what can be executed here, where the store is")
    options.add_json(parser)
    parser.set_defaults(run=run)


def findings() -> dict[str, Any]:
    """What the doctor sees, JSON-able."""
    store = Store()
    entries = store.entries()
    shelf = Shelf()
    brought = shelf.entries()
    return {
        "environment": environment(),
        "executes": {
            "LiteRT": environment()["libraries"]["ai-edge-litert"] != "absent",
            "TFLM": tflm.available(),
        },
        "isolation": asdict(protections()),
        "store": {
            "folder": str(store.folder),
            "writable": writable(store.folder),
            "entries": len(entries),
            "size_bytes": sum(size for _, size, _ in entries),
            "limit_bytes": store.limit_bytes,
        },
        "uploads": {
            "folder": str(shelf.folder),
            "models": sum(name.startswith(MODEL_PREFIX) for _, _, name in brought),
            "data": sum(name.startswith(DATA_PREFIX) for _, _, name in brought),
            "size_bytes": sum(size for _, size, _ in brought),
        },
        "boards": {"known": len(boards()), "problems": list(board_problems())},
        "datasets": {
            dataset.name: "present" if is_present(dataset) else f"not fetched (would lie in {fetched_folder(dataset)})"
            for dataset in catalog.datasets().values()
        },
    }


def writable(folder: Path) -> bool:
    """True if a file can be made there (or in the nearest folder that exists)."""
    while not folder.exists():
        folder = folder.parent
    try:
        with tempfile.NamedTemporaryFile(dir=folder):
            return os.access(folder, os.W_OK)
    except OSError:
        return False


def run(chosen: argparse.Namespace) -> int:
    """Print the findings."""
    found = findings()
    if chosen.json:
        options.write_json(found, chosen.json)
    if chosen.json == "-":
        return 0
    about = environment()
    print(f"TinyML Lab {about['tinyml_lab']}, Python {about['python']}, {about['system']}")
    print(f"processor  {about['processor']}, {about['cores']} cores")
    for name, version in about["libraries"].items():
        print(f"  {name} {version}")
    executes = "yes" if tflm.available() else f"no: {tflm.NOT_HERE.cause}"
    print(f"executes on TFLM: {executes}")
    print(f"isolation: {protections().text}")
    store = Store()
    size = format_bytes(sum(size for _, size, _ in store.entries()))
    state = "" if writable(store.folder) else " (it cannot be written: results will not be kept)"
    print(f"store: {store.folder}{state}, {size} of at most {format_bytes(store.limit_bytes)}")
    uploads = found["uploads"]
    print(
        f"brought: {counted(uploads['models'], 'model')} and {counted(uploads['data'], 'data set')} in {uploads['folder']}, "
        f"{format_bytes(uploads['size_bytes'])}"
    )
    print(f"boards: {len(boards())}")
    for problem in board_problems():
        print(f"  left out: {problem}")
    for dataset in catalog.datasets().values():
        print(
            f"data set {dataset.name}: {'present' if is_present(dataset) else f'not fetched; tinyml fetch {dataset.name}'}"
        )
    return 0
