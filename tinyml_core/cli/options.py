"""Options that several commands share."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tinyml_core.boards.board import Board
from tinyml_core.boards.figure import BoardError
from tinyml_core.boards.latency.runtimes import all_runtimes
from tinyml_core.boards.own import from_toml
from tinyml_core.compare.comparison import Row
from tinyml_core.compare.question import Limits
from tinyml_core.compare.requirements import Requirement, requirement, unmet
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.store import NoStore
from tinyml_core.lab import open_desk
from tinyml_core.uploads.library import VARIABLE as UPLOADS


def names(text: str) -> list[str]:
    """`a,b` as a list; empty names are dropped."""
    return [name.strip() for name in text.split(",") if name.strip()]


def add_boards(parser: argparse.ArgumentParser) -> None:
    """`--boards x,y|all`, `--board-file FILE.toml` and `--runtime NAME`."""
    parser.add_argument("--boards", type=names, metavar="X,Y|all", help="boards to fit on (default: the classic four)")
    parser.add_argument(
        "--board-file", type=own_board, action="append", default=[], metavar="FILE.toml",
        help="a board of your own; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--runtime", default="", metavar="NAME", choices=list(all_runtimes()),
        help="kernels to estimate latency for: " + ", ".join(name for name, one in all_runtimes().items() if one.offered),
    )  # fmt: skip


def own_board(path: str) -> Board:
    """The board of a TOML file.

    Raises:
        argparse.ArgumentTypeError: It cannot be read; says the field, the value and what is allowed.
    """
    try:
        return from_toml(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, BoardError) as error:
        raise argparse.ArgumentTypeError(f"{path}: {error}") from error


LIMIT_UNITS = {
    "flash": ("flash_bytes", 1024), "ram": ("ram_bytes", 1024), "points": ("points_lost", 1), "ms": ("latency_ms", 1),
    "uj": ("energy_uj", 1),
}  # fmt: skip


def limits(text: str) -> Limits:
    """`board=sparkfun_edge,flash=256,ram=64,points=1,ms=50,uj=1000`; flash and RAM in KB.

    Raises:
        argparse.ArgumentTypeError: A name or number is wrong; says which and what is allowed.
    """
    found = Limits()
    for part in names(text):
        name, _, value = part.partition("=")
        try:
            if name == "board":
                found = replace(found, board=value)
            elif name in LIMIT_UNITS:
                field, factor = LIMIT_UNITS[name]
                found = found.having(field, float(value) * factor)
            else:
                raise ValueError(f"{name!r} is no limit; limits are board, {', '.join(LIMIT_UNITS)}.")
        except (ValueError, OverflowError) as error:
            raise argparse.ArgumentTypeError(f"{part}: {error}") from error
    return found


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json FILE|-`."""
    parser.add_argument("--json", metavar="FILE|-", help="write the JSON record to a file, or - for standard output")


def add_fresh(parser: argparse.ArgumentParser) -> None:
    """`--fresh`."""
    parser.add_argument("--fresh", action="store_true", help="neither read nor write the store of known answers")


@contextlib.contextmanager
def desk_for(fresh: bool) -> Iterator[Desk]:
    """A desk with worker processes, with or without the store; without it, what is brought is gone at the end, too."""
    with tempfile.TemporaryDirectory(prefix="tinyml-") as folder:
        if fresh:
            os.environ[UPLOADS] = folder
        desk = open_desk(NoStore() if fresh else None)
        try:
            yield desk
        finally:
            desk.close()


def add_require(parser: argparse.ArgumentParser) -> None:
    """`--require REQUIREMENT`."""
    parser.add_argument(
        "--require", type=_requirement, action="append", default=[], metavar="R",
        help="for CI: int8.score>=0.9, int8.flash_bytes<=64KB, int8:runs, int8@BOARD:fits; may be repeated; exit code 3 "
        "and a line for each that is not met",
    )  # fmt: skip


def _requirement(text: str) -> Requirement:
    try:
        return requirement(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def answer_code(requirements: Sequence[Requirement], rows: Mapping[str, Row], boards: tuple[str, ...]) -> int:
    """0 if all requirements are met, else 3, and a line for each that is not."""
    lines = unmet(tuple(requirements), rows, boards)
    for line in lines:
        tell(f"tinyml: not met: {line}")
    return 3 if lines else 0


def write_json(record: Any, target: str) -> None:
    """Write a record to a file, or to standard output for `-`.

    Raises:
        OSError: The file cannot be written.
    """
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if target == "-":
        print(text, end="")
    else:
        Path(target).write_text(text, encoding="utf-8")


def tell(text: str) -> None:
    """A line of progress, on standard error."""
    print(text, file=sys.stderr, flush=True)
