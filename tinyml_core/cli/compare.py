"""`tinyml compare MODEL`: measure variants of a model and compare them."""

from __future__ import annotations

import argparse
import textwrap
import time
from dataclasses import fields, replace
from pathlib import Path

from tinyml_core import catalog
from tinyml_core.boards.board import DEFAULT_BOARDS
from tinyml_core.cli import bring, options
from tinyml_core.cli.text_table import comparison_text, outcome_line
from tinyml_core.compare.comparison import Comparison
from tinyml_core.compare.question import Limits, Question, checked_names, question_of
from tinyml_core.compare.record import record
from tinyml_core.compress import techniques
from tinyml_core.compress.techniques import every_name
from tinyml_core.domain.technique import POLICIES, UNCHANGED, Settings
from tinyml_core.engine.desk import Desk
from tinyml_core.pipeline.run import ComparisonRun
from tinyml_core.zoo.fetch import not_ready

POLL_S = 0.1
OF_SETTINGS = (
    ("calibration_samples", "N", None),
    ("fine_tuning_epochs", "N", None),
    ("temperature", "1..20", "of distillation: by how much the teacher's answers are softened (default: %(default)g)"),
    ("soft_weight", "0..1",
     "of distillation: share of the loss that looks at the teacher, not at the labels (default: %(default)g)"),
    ("kept_layers", "N",
     "of mixed precision: how many of the layers that suffer most stay unquantized (default: %(default)s)"),
    ("policy", "|".join(POLICIES), "of dynamic range"),
    ("seed", "N", None),
)  # fmt: skip
"""Name, metavar and help of each; default and type are those of `Settings`."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "compare", help="measure variants of a model and compare them", epilog=grammar(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("model", metavar="MODEL", help="name of a model of the zoo (see: tinyml models), or a file")
    parser.add_argument(
        "--techniques", type=options.names, metavar="A,B|all",
        help="listed by `tinyml techniques`, or composed of stages (see below); default: the usual six",
    )  # fmt: skip
    parser.add_argument("--dataset", metavar="NAME", help="one of the model's data sets (default: its first)")
    for name, metavar, words in OF_SETTINGS:
        usual = getattr(Settings(), name)
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=type(usual), default=usual, metavar=metavar, help=words)
    options.add_boards(parser)
    parser.add_argument(
        "--limits", type=options.limits, default=Limits(), metavar="board=X,flash=KB,ram=KB,points=N,ms=N,uj=N",
        help="what you allow on one board; the lab names the best variant that keeps it",
    )  # fmt: skip
    options.add_json(parser)
    parser.add_argument("--csv", metavar="FILE|-", help="write the table as CSV")
    parser.add_argument("--report", metavar="FILE.html", help="write a report that opens in any browser, offline")
    parser.add_argument("--save", metavar="DIR", help="save every .tflite in a folder")
    parser.add_argument("--no-latency", action="store_true", help="do not time variants on this computer")
    options.add_require(parser)
    options.add_fresh(parser)
    bring.add(parser)
    parser.set_defaults(run=run)


def grammar() -> str:
    """How a technique is composed of stages by its name, with all that there are."""
    trainings = [name for name in techniques.stages() if name != "none"]
    parts = {"training": trainings, "format": techniques.number_formats(), "packing": techniques.packings()}
    lines = [
        textwrap.fill(f"{part}: {', '.join(names) or 'none'}", 78, initial_indent="  ", subsequent_indent="    ")
        for part, names in parts.items()
    ]
    head = "techniques are named [training_]format[_packing], and any that the stages make may be asked:"
    return "\n".join([textwrap.fill(head, 78), *lines])


def run(chosen: argparse.Namespace) -> int:
    """Answer the question; unknown names cost a sentence, the rest of the question is still answered."""
    settings = Settings(**{field.name: getattr(chosen, field.name) for field in fields(Settings)})
    own = chosen.model not in catalog.models() and bring.is_file(chosen.model)
    bring.check_options(chosen, own)
    unknown = _unknown(chosen) if own else []
    for sentence in unknown:
        options.tell(f"tinyml: {sentence}")
    if unknown and not chosen.techniques:
        return 2
    with options.desk_for(chosen.fresh) as desk:
        model = bring.bring(desk, chosen) if own else chosen.model
        code = _answer(desk, chosen, model, settings)
    return 2 if unknown else code


def _unknown(chosen: argparse.Namespace) -> list[str]:
    """A sentence for each unknown technique, which is taken out: told before a file is read, not among what it says."""
    if chosen.techniques is None or chosen.techniques == ["all"]:
        return []
    known, composed = list(techniques.techniques()), [*every_name(), UNCHANGED]
    good, sentences = checked_names(chosen.techniques, known, "technique", composed=composed, offered=composed)
    chosen.techniques = list(good)
    return sentences


def _answer(desk: Desk, chosen: argparse.Namespace, model: str, settings: Settings) -> int:
    wanted = [one.board for one in chosen.require if one.board]
    boards = chosen.boards
    if wanted:
        usual = (*DEFAULT_BOARDS, *(board.name for board in chosen.board_file))
        boards = list(dict.fromkeys((*(usual if boards is None else boards), *wanted)))
    question, sentences = question_of(model, chosen.techniques, boards, chosen.dataset, settings, chosen.board_file)
    if question is not None:
        question, more = _limited(question, chosen.limits, chosen.runtime)
        sentences += more
    for sentence in sentences:
        options.tell(f"tinyml: {sentence}")
    if question is None:
        return 2
    missing = not_ready(catalog.model(question.model), catalog.dataset_or_none(question.dataset))
    if missing is not None:
        options.tell(f"tinyml: {missing.reason} {missing.advice}")
        return 2
    asked = ComparisonRun(desk, question, latency=not chosen.no_latency)
    asked.compare_policies()
    comparison = follow(asked)
    files = save(comparison, Path(chosen.save)) if chosen.save else {}
    if desk.trouble:
        options.tell(f"tinyml: {desk.trouble}")
    write(comparison, chosen, files)
    rows = {row.technique.name: row for row in comparison.rows}
    code = options.answer_code(chosen.require, rows, tuple(board.name for board in comparison.boards))
    if sentences:
        return 2
    return NOTHING_MEASURED if not code and not any(row.measured for row in comparison.rows) else code


NOTHING_MEASURED = 4
"""Exit code where every variant failed: a script must not take that for an answer."""


def _limited(question: Question, limits: Limits, runtime: str) -> tuple[Question, list[str]]:
    """The question with limits and runtime; limits hold on the first board unless they name one."""
    sentences: list[str] = []
    if limits.board and limits.board not in question.boards:
        about = catalog.near(limits.board, list(question.boards), "board among those compared")
        limits, sentences = replace(limits, board=""), [f"{about} The limits hold on the first one."]
    board = limits.board or (question.boards[0] if question.boards else "")
    return replace(question, runtime=runtime, limits=replace(limits, board=board)), sentences


def follow(asked: ComparisonRun) -> Comparison:
    """Tell each new stage of each variant until all is known."""
    told: dict[str, str] = {}
    while True:
        done = asked.done
        for name, variant in asked.variants.items():
            stage = variant.stage() or outcome_line(variant.outcome.result())
            if told.get(name) != stage and not stage.startswith("waiting, place"):
                told[name] = stage
                options.tell(f"{name}: {stage}")
        if done:
            return asked.snapshot()
        time.sleep(POLL_S)


def save(comparison: Comparison, folder: Path) -> dict[str, str]:
    """Write every variant's `.tflite`; gives the paths by technique."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for row in comparison.rows:
        if row.tflite is not None:
            path = folder / f"{comparison.question.model}_{row.technique.name}.tflite"
            path.write_bytes(row.tflite.read())
            files[row.technique.name] = str(path)
    return files


def write(comparison: Comparison, chosen: argparse.Namespace, files: dict[str, str]) -> None:
    """Write what was asked for; the text table if nothing goes to standard output."""
    if chosen.json:
        options.write_json(record(comparison, files), chosen.json)
    if chosen.csv:
        from tinyml_core.compare import frames

        text = frames.table(comparison).to_csv(index=False)
        if chosen.csv == "-":
            print(text, end="")
        else:
            Path(chosen.csv).write_text(text, encoding="utf-8")
    if chosen.report:
        from tinyml_core.export.report import report

        Path(chosen.report).write_text(report(comparison), encoding="utf-8")
    if "-" not in (chosen.json, chosen.csv):
        print(comparison_text(comparison, catalog.model(comparison.question.model).title))
