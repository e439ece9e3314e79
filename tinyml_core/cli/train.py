"""`tinyml train NAME|all`: make a model's weights by its recipe, and say whether they are the stored ones."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tinyml_core import catalog, plan, plan_making
from tinyml_core.cli import options
from tinyml_core.desk import Desk
from tinyml_core.environment import environment
from tinyml_core.fingerprint import sha256
from tinyml_core.kept_file import converter_versions, float32_path
from tinyml_core.metrics import format_score
from tinyml_core.model_card import FOLDER, training_record
from tinyml_core.outcome import Failure
from tinyml_core.values import Model


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("train", help="train a model of the zoo by its recipe and store its weights")
    parser.add_argument("model", help="name of a model, or all")
    parser.add_argument("--check", action="store_true", help="only compare with the stored weights, write nothing")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Train; exit code 0 also where another machine makes other weights, because that is no mistake."""
    zoo = catalog.models()
    if chosen.model != "all" and chosen.model not in zoo:
        raise ValueError(catalog.near(chosen.model, [*zoo, "all"], "model"))
    desk = options.desk_for(fresh=True)
    try:
        for model in zoo.values() if chosen.model == "all" else [zoo[chosen.model]]:
            print(train(desk, model, write=not chosen.check))
    finally:
        desk.close()
    return 0


def train(desk: Desk, model: Model, write: bool) -> str:
    """Train one model; gives a sentence that compares the new weights with the stored ones.

    Raises:
        ValueError: Training failed; the message says why.
    """
    if model.training is None:
        return (
            f"{model.name}: not trained, because no data set comes with it; its weights are random, from a fixed seed."
        )
    data = desk.ask(plan.dataset_call(model.default_dataset)).result()
    if isinstance(data, Failure):
        raise ValueError(data.reason)
    options.tell(f"{model.name}: training, {model.training.epochs} epochs")
    reply = desk.ask(plan_making.train_call(model.name, data.blobs["arrays"])).result()
    if isinstance(reply, Failure):
        raise ValueError(f"{reply.reason} {reply.advice}")
    weights = reply.blobs["weights"].read()
    before = training_record(model) or {}
    new: dict[str, Any] = {**reply.body, "weights_sha256": sha256(weights), "environment": environment()}
    float32 = reply.blobs["tflite"].read()
    new |= {"tflite_sha256": sha256(float32), "converter": converter_versions()}
    if write:
        _write(FOLDER / f"{model.name}.npz", weights)
        _write(float32_path(model), float32)
        _write(FOLDER / f"{model.name}.json", (json.dumps(new, indent=1) + "\n").encode())
    shown = format_score(new["metric"], new["score"])
    if before.get("weights_sha256") == new["weights_sha256"]:
        return f"{model.name}: {shown}; the weights are identical to the stored ones."
    told = f"{model.name}: {shown}; the weights are new."
    if before:
        told += f" The stored ones scored {format_score(before['metric'], before['score'])}; another processor or"
        told += " library version may train to other weights."
    return told


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
