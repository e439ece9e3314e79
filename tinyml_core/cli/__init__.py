"""The command line: `tinyml`. Results go to standard output, progress to standard error."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from tinyml_core.cli import check, compare, doctor, fetch, lists, train

COMMANDS = (compare, check, lists, fetch, train, doctor)


class Parser(argparse.ArgumentParser):
    """Tells a wrong argument in one sentence instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        """End with code 2."""
        print(f"tinyml: {message.rstrip('.')}. See {self.prog} --help.", file=sys.stderr)
        sys.exit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code, which `--help` lists."""
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    parser = Parser(
        prog="tinyml",
        description="What each way of shrinking a small neural network costs, wins, and where it runs.",
        epilog="Exit codes: 0 if the question was answered, also where a variant failed and says why; 2 for a wrong question (an "
        "unknown name, a missing download) or an unreadable file; 3 if a --require is not met; 4 if every variant failed.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except BrokenPipeError:
        # Whoever read the output has enough (`tinyml compare ... | head`); Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError) as error:
        print(f"tinyml: {sentence_of(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("tinyml: stopped.", file=sys.stderr)
        return 130


def sentence_of(error: Exception) -> str:
    """An error as one sentence: what was given and what is wrong with it."""
    if isinstance(error, OSError) and error.strerror:
        name = f" {error.filename}" if error.filename else ""
        return f"The file{name} cannot be used: {error.strerror}."
    return str(error)
