"""Checks a `.tflite` that somebody brings: sizes, census, TFLM verdict, boards; no score, because it has no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tinyml_core.boards.board import DEFAULT_BOARDS, Board, boards_with
from tinyml_core.boards.placing import on_boards
from tinyml_core.compare.comparison import Row
from tinyml_core.compare.question import checked_names
from tinyml_core.compare.rules import Facts, warnings_of
from tinyml_core.domain.brought import KIND_TITLES
from tinyml_core.domain.outcome import Failure
from tinyml_core.domain.technique import Needs, Technique
from tinyml_core.engine.desk import Desk
from tinyml_core.pipeline.bringing import ask_model, upload_of
from tinyml_core.pipeline.variant import ask_file, ask_latency

BROUGHT = Technique(
    name="file", title="The file", order=0, idea="A .tflite file as it was brought.", needs=Needs.NOTHING, promised="",
    hardware=(), number_format="",
)  # fmt: skip


def checked_boards(
    given: Sequence[str] | None, own_boards: Sequence[Board] = (), also: Sequence[str] = ()
) -> tuple[str, ...]:
    """Names of boards: those `given`, all for `["all"]`, the classic four and the person's own for None; and `also`.

    Raises:
        ValueError: A board is unknown.
    """
    known = list(boards_with(own_boards))
    usual = [*DEFAULT_BOARDS, *(board.name for board in own_boards)]
    wanted = usual if given is None else known if list(given) == ["all"] else list(given)
    names, sentences = checked_names([*wanted, *also], known, "board")
    if sentences:
        raise ValueError(" ".join(sentences))
    return names


def check_file(
    desk: Desk,
    path: str | Path,
    board_names: Sequence[str] | None = None,
    own_boards: Sequence[Board] = (),
    runtime: str = "",
    input_shape: Sequence[int] | None = None,
) -> Row:
    """Read, execute and time a file in isolated workers; every part that fails says so by itself.

    Boards are names, or `["all"]`; the classic four and the person's own if None. `runtime` names the kernels to
    estimate latency for, on boards that offer them; `input_shape` is that of one sample, where the file leaves it open.

    Returns:
        A row without score, with notes on what its reader has to tell.

    Raises:
        ValueError: A board is unknown, or the file is empty or too large.
        OSError: The file cannot be opened.
    """
    names, known = checked_boards(board_names, own_boards), boards_with(own_boards)
    upload = upload_of(str(path), Path(path).read_bytes())
    if isinstance(upload, Failure):
        raise ValueError(f"{upload.reason} {upload.advice}")
    read = ask_model(desk, upload, input_shape).result()
    if isinstance(read, Failure):
        return Row(BROUGHT, outcome=read)
    if read.facts.kind != "tflite":
        advice = f"To convert and measure it: tinyml compare {path}."
        return Row(BROUGHT, outcome=Failure("reading the file", f"It is a {KIND_TITLES[read.facts.kind]}.", advice))
    notes = read.facts.notes
    if read.facts.open_shape is not None and input_shape is None:
        shown = ",".join("?" if size is None else str(size) for size in read.facts.open_shape)
        asked = f"The file leaves the shape of its input open ({shown}); to measure it for one, say --input-shape."
        notes = (asked, *notes)
    variant = ask_file(desk, read.blobs.get("tflite", upload.content), Path(path).name)
    latency = ask_latency(variant)
    row = Row(BROUGHT, outcome=variant.outcome.result(), tflite=variant.tflite, notes=notes)
    measured = row.measured
    if measured is None or isinstance(measured.inspection, Failure):
        return row
    placed = on_boards(measured, [known[name] for name in names], runtime)
    return replace(
        row, latency=latency.result(), fits=placed.fits, latencies=placed.latencies, energies=placed.energies,
        warnings=warnings_of(Facts(None, measured, None, None)),
    )  # fmt: skip
