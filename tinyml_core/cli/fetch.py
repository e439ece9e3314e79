"""`tinyml fetch NAME`: bring a data set that does not come as a package."""

from __future__ import annotations

import argparse

from tinyml_core import catalog
from tinyml_core.cli import options
from tinyml_core.fetching import fetch
from tinyml_core.outcome import Failure


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("fetch", help="fetch a data set from the internet, once")
    parser.add_argument("dataset", help="for example mnist_full")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Fetch; exit code 2 with one sentence if that is not possible."""
    known = catalog.datasets()
    if chosen.dataset not in known:
        raise ValueError(catalog.near(chosen.dataset, list(known), "data set"))
    outcome = fetch(known[chosen.dataset], options.tell)
    if isinstance(outcome, Failure):
        options.tell(f"tinyml: {outcome.reason} {outcome.advice}")
        return 2
    print(f"{chosen.dataset} is present: {outcome}")
    return 0
