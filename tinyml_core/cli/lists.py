"""`tinyml models | techniques | boards | datasets`: what there is."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from tinyml_core import catalog
from tinyml_core.boards.board import boards
from tinyml_core.boards.latency.estimate import runtimes_for
from tinyml_core.cli import options
from tinyml_core.cli.text_table import columns
from tinyml_core.compare.sentences import data_words
from tinyml_core.compress import techniques
from tinyml_core.domain.metrics import format_bytes
from tinyml_core.zoo.cards import held_out_words, interval_words
from tinyml_core.zoo.fetch import is_present, state_words
from tinyml_core.zoo.weights import training_record


def model_list() -> list[dict[str, Any]]:
    """The models of the zoo, with their cards."""
    return [
        {
            "name": model.name, "title": model.title, "task": str(model.task), "datasets": list(model.datasets),
            "parameters": model.parameters,
            "state": state_words(model, catalog.dataset_or_none(model.default_dataset)) or "ready",
            "architecture": model.architecture, "about": model.about,
            "float_score": (training_record(model) or {}).get("score"),
        }
        for model in catalog.models().values()
    ]  # fmt: skip


def technique_list() -> list[dict[str, Any]]:
    """The techniques in their fixed order."""
    return [
        {
            "name": technique.name, "title": technique.title, "group": technique.group, "training": technique.training,
            "number_format": technique.number_format, "packing": technique.packing,
            "needs": data_words(technique.needs), "promised": technique.promised, "hardware": list(technique.hardware),
            "idea": technique.idea,
        }
        for technique in techniques.techniques().values()
    ]  # fmt: skip


def board_list() -> list[dict[str, Any]]:
    """The boards."""
    return [
        {
            "name": board.name, "title": board.title, "core": board.core, "clock_mhz": board.clock_mhz_default,
            "vendor": board.vendor, "mcu": board.mcu, "ram_bytes": board.ram_contiguous_bytes.value,
            "flash_bytes": board.flash_usable_bytes.value,
            "power_uw": board.active_power_uw.value if board.active_power_uw else None,
            "power_at_mhz": board.active_power_mhz, "npu": board.npu.accelerator if board.npu else None,
            "runtimes": [runtime.name for runtime in runtimes_for(board)], "confidence": board.confidence,
        }
        for board in boards().values()
    ]  # fmt: skip


def dataset_list() -> list[dict[str, Any]]:
    """The data sets."""
    return [
        {
            "name": dataset.name, "title": dataset.title, "present": is_present(dataset),
            "samples_train": dataset.samples_train, "samples_test": dataset.samples_test,
            "held_out": held_out_words(dataset), "interval": interval_words(dataset), "split": dataset.split,
            "licence": dataset.licence, "source": dataset.source,
        }
        for dataset in catalog.datasets().values()
    ]  # fmt: skip


LISTS: dict[str, tuple[str, Callable[[], list[dict[str, Any]]], tuple[str, ...]]] = {
    "models": ("the models of the zoo", model_list, ("name", "title", "parameters", "datasets", "state")),
    "techniques": ("the techniques", technique_list, ("name", "group", "title", "needs", "promised")),
    "boards": ("the boards", board_list, ("name", "title", "core", "ram_bytes", "flash_bytes")),
    "datasets": ("the data sets", dataset_list, ("name", "title", "present", "samples_train", "samples_test")),
}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add one command per list."""
    for name, (title, _, _) in LISTS.items():
        parser = commands.add_parser(name, help=f"list {title}")
        parser.add_argument("--json", action="store_true", help="as JSON")
        parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the list."""
    _, members, keys = LISTS[chosen.command]
    found = members()
    if chosen.json:
        options.write_json(found, "-")
    else:
        print(columns([keys, *(tuple(_cell(key, member[key]) for key in keys) for member in found)]))
    return 0


def _cell(key: str, value: Any) -> str:
    if key.endswith("_bytes"):
        return format_bytes(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)
