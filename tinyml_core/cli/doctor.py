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
from tinyml_core.uploads.library import Library
from tinyml_core.uploads.refusal import counted
from tinyml_core.zoo.fetch import fetched_folder, is_present


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("doctor", help="versions, what can be executed here, where the store is")
    options.add_json(parser)
    parser.set_defaults(run=run)


def findings() -> dict[str, Any]:
    """What the doctor sees, JSON-able."""
    store, library = Store(), Library()
    entries, brought, about = store.entries(), library.entries(), environment()
    return {
        "environment": about,
        "executes": {"LiteRT": about["libraries"]["ai-edge-litert"] != "absent", "TFLM": tflm.available()},
        "isolation": asdict(protections()),
        "store": {
            "folder": str(store.folder), "writable": writable(store.folder), "entries": len(entries),
            "size_bytes": sum(size for _, size, _ in entries), "limit_bytes": store.limit_bytes,
        },
        "uploads": {
            "folder": str(library.folder),
            "models": sum(name.startswith(MODEL_PREFIX) for _, _, name in brought),
            "data": sum(name.startswith(DATA_PREFIX) for _, _, name in brought),
            "size_bytes": sum(size for _, size, _ in brought),
        },
        "boards": {"known": len(boards()), "problems": list(board_problems())},
        "datasets": {
            dataset.name: "present" if is_present(dataset) else f"not fetched (would lie in {fetched_folder(dataset)})"
            for dataset in catalog.datasets().values()
        },
    }  # fmt: skip


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
    about, store, uploads = found["environment"], found["store"], found["uploads"]
    print(f"TinyML Lab {about['tinyml_lab']}, Python {about['python']}, {about['system']}")
    print(f"processor  {about['processor']}, {about['cores']} cores")
    for name, version in about["libraries"].items():
        print(f"  {name} {version}")
    print(f"executes on TFLM: {'yes' if found['executes']['TFLM'] else f'no: {tflm.NOT_HERE.cause}'}")
    print(f"isolation: {protections().text}")
    state = "" if store["writable"] else " (it cannot be written: results will not be kept)"
    size, limit = format_bytes(store["size_bytes"]), format_bytes(store["limit_bytes"])
    print(f"store: {store['folder']}{state}, {size} of at most {limit}")
    models, data = counted(uploads["models"], "model"), counted(uploads["data"], "data set")
    print(f"brought: {models} and {data} in {uploads['folder']}, {format_bytes(uploads['size_bytes'])}")
    print(f"boards: {found['boards']['known']}")
    for problem in found["boards"]["problems"]:
        print(f"  left out: {problem}")
    for name, state in found["datasets"].items():
        print(f"data set {name}: {state if state == 'present' else f'not fetched; tinyml fetch {name}'}")
    return 0
