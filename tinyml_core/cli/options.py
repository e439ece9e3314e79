"""Options that several commands share."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from tinyml_core.desk import Desk
from tinyml_core.opening import open_desk
from tinyml_core.store import NoStore


def names(text: str) -> list[str]:
    """`a,b` as a list; empty names are dropped."""
    return [name.strip() for name in text.split(",") if name.strip()]


def add_boards(parser: argparse.ArgumentParser) -> None:
    """`--boards x,y|all`."""
    parser.add_argument(
        "--boards", type=names, metavar="X,Y|all", help="boards to fit on (default: the four usual ones)"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json FILE|-`."""
    parser.add_argument("--json", metavar="FILE|-", help="write the JSON record to a file, or - for standard output")


def add_fresh(parser: argparse.ArgumentParser) -> None:
    """`--fresh`."""
    parser.add_argument("--fresh", action="store_true", help="neither read nor write the store of known answers")


def desk_for(fresh: bool) -> Desk:
    """A desk with worker processes, with or without the store."""
    return open_desk(NoStore() if fresh else None)


def write_json(record: Any, target: str) -> None:
    """Write a record to a file, or to standard output for `-`.

    Raises:
        OSError: The file cannot be written.
    """
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    if target == "-":
        print(text)
        return
    with open(target, "w", encoding="utf-8") as file:
        file.write(text + "\n")


def tell(text: str) -> None:
    """A line of progress, on standard error."""
    print(text, file=sys.stderr, flush=True)
