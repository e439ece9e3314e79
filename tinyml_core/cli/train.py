"""`tinyml train NAME|all`: make a model's weights by its recipe, and say whether they are the stored ones."""

from __future__ import annotations

import argparse

from tinyml_core import catalog
from tinyml_core.cli import options
from tinyml_core.domain.metrics import format_score
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.desk import Desk
from tinyml_core.pipeline.files import trained
from tinyml_core.pipeline.graph import Asker
from tinyml_core.zoo.fetch import missing_files, size_words
from tinyml_core.zoo.weights import keep_trained, new_record, training_record


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("train", help="train a model of the zoo by its recipe and store its weights")
    parser.add_argument("model", help="name of a model, or all (those whose weights the lab ships)")
    parser.add_argument("--check", action="store_true", help="only compare with the stored weights, write nothing")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Train; exit code 0 also where another machine makes other weights, because that is no mistake."""
    zoo = catalog.models()
    if chosen.model != "all" and chosen.model not in zoo:
        raise ValueError(catalog.near(chosen.model, [*zoo, "all"], "model"))
    shipped = [model for model in zoo.values() if not model.trained_by_user]
    with options.desk_for(fresh=True) as desk:
        for model in shipped if chosen.model == "all" else [zoo[chosen.model]]:
            print(train(desk, model, write=not chosen.check))
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
    dataset = catalog.dataset(model.default_dataset)
    if files := missing_files(model, dataset):
        raise ValueError(f"{model.name} needs a download first ({size_words(files)}): tinyml fetch {model.name}.")
    options.tell(f"{model.name}: training, {model.training.epochs} epochs")
    reply = Asker(desk).ask(trained(model, dataset)).result()
    if isinstance(reply, Failure):
        raise ValueError(f"{reply.reason} {reply.advice}")
    weights, float32 = reply.blobs["weights"].read(), reply.blobs["tflite"].read()
    before = training_record(model) or {}
    new = new_record(reply.body, weights, float32)
    if write:
        keep_trained(model, new, weights, float32)
    shown = format_score(new["metric"], new["score"])
    if before.get("weights_sha256") == new["weights_sha256"]:
        return f"{model.name}: {shown}; the weights are identical to the stored ones."
    told = f"{model.name}: {shown}; the weights are new."
    if not before:
        return told
    stored = format_score(before["metric"], before["score"])
    return f"{told} The stored ones scored {stored}; another processor or library version may train to other weights."
