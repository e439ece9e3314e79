"""`tinyml fetch NAME`: bring a data set, or the weights a model starts from, that do not come as a package."""

from __future__ import annotations

import argparse

from tinyml_core import catalog
from tinyml_core.cli import options
from tinyml_core.domain.dataset import Dataset
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure
from tinyml_core.zoo.fetch import fetch, missing_files


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("fetch", help="fetch a data set, or a model and its data, from the internet, once")
    parser.add_argument("name", help="of a data set or a model, for example mnist_full or flowers")
    parser.add_argument("--mirror", metavar="ADDRESS", help="another address that serves files of the same names")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Fetch; exit code 2 with one sentence if that is not possible."""
    for member in members(chosen.name):
        outcome = fetch(member, options.tell, chosen.mirror)
        if isinstance(outcome, Failure):
            options.tell(f"tinyml: {outcome.reason} {outcome.advice}")
            return 2
    print(f"{chosen.name} is present.")
    return 0


def members(name: str) -> list[Dataset | Model]:
    """The data set of that name, and the model of that name with the first data set it is measured on.

    Raises:
        ValueError: There is neither; says the near matches.
    """
    models, datasets = catalog.models(), catalog.datasets()
    model = models.get(name)
    names = dict.fromkeys([name, *(model.datasets[:1] if model else ())])
    found = [datasets[each] for each in names if each in datasets]
    if not found and model is None:
        raise ValueError(catalog.near(name, list(dict.fromkeys([*datasets, *models])), "data set"))
    return [*found, *([model] if model and missing_files(model, None) else [])]
