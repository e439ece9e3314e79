"""`tinyml check FILE.tflite`: all that can be said of a file without its data."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from tinyml_core.boards.board import Board, boards_with
from tinyml_core.boards.placing import estimated
from tinyml_core.cli import bring, options
from tinyml_core.compare.comparison import Row
from tinyml_core.compare.record import SCHEMA, variant_record
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.metrics import format_bytes, format_time
from tinyml_core.domain.outcome import Failure, Latency
from tinyml_core.engine.environment import environment
from tinyml_core.pipeline.checking import check_file, checked_boards


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("check", help="sizes, TFLM verdict and boards of a .tflite file")
    parser.add_argument("file", help="a .tflite file")
    options.add_boards(parser)
    bring.add_shape(parser)
    options.add_json(parser)
    options.add_require(parser)
    options.add_fresh(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Answer; exit code 2 with one sentence if the file cannot be read."""
    names = checked_boards(chosen.boards, chosen.board_file, [one.board for one in chosen.require if one.board])
    with options.desk_for(chosen.fresh) as desk:
        row = check_file(desk, chosen.file, names, chosen.board_file, chosen.runtime, chosen.input_shape)
    if chosen.json:
        options.write_json(check_record(row, chosen.file), chosen.json)
    if isinstance(row.outcome, Failure):
        options.tell(f"tinyml: {chosen.file}: {row.outcome.reason} {row.outcome.advice}".rstrip())
        return 2
    if chosen.json != "-":
        print(text(row, boards_with(chosen.board_file)))
    return options.answer_code(chosen.require, {"file": row}, names)


def check_record(row: Row, file: str) -> dict[str, object]:
    """The JSON record of one file: as for a comparison, with a model of which little is known."""
    model = {"name": file, "title": file, "task": None, "parameters": None}
    return {"schema": SCHEMA, "environment": environment(), "model": model, "variants": [variant_record(row, file)]}


def text(row: Row, known: Mapping[str, Board]) -> str:
    """What is known, line by line; boards are called by their titles."""
    measured = row.measured
    assert measured is not None
    lines = []
    if isinstance(measured.inspection, Inspection):
        sizes = measured.inspection.sizes
        lines += [
            f"flash    {format_bytes(sizes.flash_bytes)} (.tflite {sizes.tflite_bytes:,} B, gzip {sizes.gzip_bytes:,} B, "
            f"C text {sizes.c_source_bytes:,} B)",
            f"tensors  {', '.join(f'{count} {name}' for name, count in measured.inspection.census.items())}",
            f"MACs     {measured.inspection.macs:,}" if measured.inspection.macs is not None else "MACs     unknown",
        ]
    micro = measured.micro
    lines.append(f"TFLM     {micro.status}{f': {micro.cause} {micro.fix}' if micro.cause else ''}")
    if micro.arena_minimum_bytes is not None:
        lines.append(f"arena    {format_bytes(micro.arena_minimum_bytes)} (smallest that runs, 64-bit host)")
    if isinstance(row.latency, Latency):
        half, nearly_all = format_time(row.latency.p50_ms), format_time(row.latency.p90_ms)
        lines.append(f"this PC  {half} (half of the runs), {nearly_all} (9 of 10)")
    elif isinstance(row.latency, Failure):
        lines.append(f"this PC  {row.latency.reason}")
    for fit, latency, energy in zip(row.fits, row.latencies, row.energies, strict=True):
        lines.append(f"{known[fit.board].title}: {fit.verdict}. {' '.join(fit.reasons)} {estimated(latency, energy)}")
    lines += row.notes
    lines += [f"{warned.title}: {warned.text}" for warned in row.warnings]
    return "\n".join(lines)
