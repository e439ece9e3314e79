"""Brings the file that a command names: `tinyml compare my.h5 --data my.npz`."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TypeVar

from tinyml_core.cli import options
from tinyml_core.domain.brought import CHOICES, DataFacts, ModelFacts, Question
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.desk import Desk
from tinyml_core.pipeline.bringing import DataChoices, Read, Upload, ask_data, ask_model, keep, upload_of
from tinyml_core.uploads.archives import zipped
from tinyml_core.uploads.library import Library

Facts = TypeVar("Facts", ModelFacts, DataFacts)


def add(parser: argparse.ArgumentParser) -> None:
    """Options for a model of one's own."""
    group = parser.add_argument_group("a model of your own (MODEL is a file: .keras, .h5, .tflite, SavedModel)")
    group.add_argument("--data", metavar="FILE", help=".npz, .npy, .csv, or a zip or folder of class folders")
    add_shape(group)
    group.add_argument(
        "--cure", type=options.names, default=[], metavar="A,B", help="mend data that do not fit, as the lab proposes"
    )
    group.add_argument(
        "--test-percent", type=int, metavar="N",
        help=f"share of the data that is held out (default: {DataChoices().test_percent}), unless the file has its own test part",
    )  # fmt: skip
    for name, choice in CHOICES.items():
        group.add_argument(option(name), default="", metavar=choice.metavar, help=choice.help)


def option(choice: str) -> str:
    """A choice as an option: `leave_out` is `--leave-out`."""
    return "--" + choice.replace("_", "-")


def add_shape(parser: argparse._ActionsContainer) -> None:
    """`--input-shape N,N,..`."""
    parser.add_argument(
        "--input-shape", type=sizes, metavar="N,N,..", help="of one sample, where the model's file leaves it open"
    )


def sizes(text: str) -> list[int]:
    """`28,28,1` as numbers.

    Raises:
        argparse.ArgumentTypeError: They are none.
    """
    try:
        found = [int(part) for part in text.replace("x", ",").split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no shape; write for instance 28,28,1") from None
    if not found or min(found) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no shape; every size is 1 or more")
    return found


OWN = ("data", "input_shape", "cure", "test_percent", *CHOICES)
"""Options that only a model of one's own understands."""

WITH_DATA = ("cure", "test_percent", *CHOICES)
NOT_GIVEN: tuple[object, ...] = (None, "", [])


def check_options(chosen: argparse.Namespace, own: bool) -> None:
    """Refuse options that would do nothing.

    Raises:
        ValueError: One goes with a model of one's own or with `--data`, and there is none.
    """
    given = [name for name in OWN if getattr(chosen, name) not in NOT_GIVEN]
    if given and not own:
        raise ValueError(
            f"{_spoken(given)} with a model of your own; the models of the zoo have data sets (--dataset)."
        )
    alone = [name for name in WITH_DATA if getattr(chosen, name) not in NOT_GIVEN]
    if alone and not chosen.data:
        raise ValueError(f"{_spoken(alone)} with --data FILE.")


def _spoken(names: list[str]) -> str:
    """`--cure, --labels go`."""
    options_given = ", ".join(map(option, names))
    return f"{options_given} {'goes' if len(names) == 1 else 'go'}"


def is_file(model: str) -> bool:
    """True if a command's MODEL is meant as a file."""
    return Path(model).exists() or "/" in model or Path(model).suffix != ""


def bring(desk: Desk, chosen: argparse.Namespace) -> str:
    """Read a model and its data in isolated workers; gives the model's name.

    Raises:
        ValueError: Something cannot be read or does not fit; one sentence that says what to do.
        OSError: A file cannot be opened.
    """
    model = _answered(ask_model(desk, read_file(chosen.model), chosen.input_shape).result())
    shape = _shape(model.facts, chosen)
    data, choices = None, DataChoices(
        cures=tuple(chosen.cure),
        choices=tuple((name, value) for name in CHOICES if (value := getattr(chosen, name))),
        test_percent=DataChoices().test_percent if chosen.test_percent is None else chosen.test_percent,
        seed=chosen.seed,
    )  # fmt: skip
    for note in model.facts.notes:
        options.tell(f"tinyml: {note}")
    if chosen.data and len(model.facts.inputs) > 1:
        options.tell("tinyml: --data is not used.")
    elif chosen.data:
        data = _answered(ask_data(desk, read_file(chosen.data), model.facts, shape, choices).result())
        _tell_mismatches(data)
        if data.facts.own_split and chosen.test_percent is not None:
            options.tell("tinyml: --test-percent has no effect: the file has its own test part.")
    return keep(Library(), model, shape, data, choices).name


def read_file(name: str) -> Upload:
    """A file, or a folder as a zip.

    Raises:
        ValueError: It is empty or too large.
        OSError: It cannot be opened.
    """
    path = Path(name)
    content = zipped(path) if path.is_dir() else path.read_bytes()
    upload = upload_of(path.name, content)
    if isinstance(upload, Failure):
        raise ValueError(f"{upload.reason} {upload.advice}")
    return upload


def _answered(found: Read[Facts] | Failure) -> Read[Facts]:
    if isinstance(found, Failure):
        raise ValueError(f"{found.reason} {found.advice}".strip())
    return found


def _shape(facts: ModelFacts, chosen: argparse.Namespace) -> list[int]:
    """The whole shape of one sample."""
    if facts.open_shape is not None and not chosen.input_shape:
        shown = ",".join("?" if size is None else str(size) for size in facts.open_shape)
        raise ValueError(f"{chosen.model} leaves the shape of its input open ({shown}). Say it with --input-shape.")
    return list(chosen.input_shape or (size or 1 for size in facts.inputs[0].shape))


def _tell_mismatches(data: Read[DataFacts]) -> None:
    blocking = []
    for one in data.facts.mismatches:
        text = f"{one.text}{f' To mend it: --cure {one.cure}' if one.cure else ''}"
        if one.blocking:
            blocking.append(text)
        else:
            options.tell(f"tinyml: {text}")
    for note in data.facts.notes:
        options.tell(f"tinyml: {note}")
    for question in data.facts.questions:
        if question.blocking:
            blocking.append(_asked(question))
        else:
            options.tell(f"tinyml: {_asked(question)}")
    if blocking:
        raise ValueError(" ".join(blocking))


SHOWN_ANSWERS = 12


def _asked(question: Question) -> str:
    """A question and the options that answer it, the likely one first."""
    likely = f"Probably: {option(question.about)} {shlex.quote(question.likely)}." if question.likely else ""
    more = " ..." if len(question.answers) > SHOWN_ANSWERS else ""
    word = (
        "Some of"
        if question.several and not question.ordered
        else "One of"
        if not question.ordered
        else "All, in their order, of"
    )
    listed = f"{word}: {', '.join(question.answers[:SHOWN_ANSWERS])}{more}." if question.answers else ""
    return " ".join(
        part for part in (question.text, likely or f"Say it with {option(question.about)}.", listed) if part
    )
