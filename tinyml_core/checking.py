"""Checks a `.tflite` that somebody brings: sizes, census, TFLM verdict, boards; no score, because it has no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tinyml_core.boards.board import DEFAULT_BOARDS, Board, boards_with
from tinyml_core.comparison import Row
from tinyml_core.desk import Desk
from tinyml_core.outcome import Failure
from tinyml_core.placing import on_boards
from tinyml_core.questions import checked_names
from tinyml_core.rule import Facts, warnings_of
from tinyml_core.values import Needs, Technique
from tinyml_core.variants import ask_file, ask_latency

LARGEST_BYTES = 64 * 1024**2

BROUGHT = Technique(
    name="file",
    title="The file",
    order=0,
    idea="A .tflite file as it was brought.",
    needs=Needs.NOTHING,
    promised="",
    hardware=(),
    number_format="",
)


def check_file(
    desk: Desk,
    path: str | Path,
    board_names: Sequence[str] | None = None,
    own_boards: Sequence[Board] = (),
    runtime: str = "",
) -> Row:
    """Read, execute and time a file; every part that fails says so by itself.

    Args:
        desk: Where to ask.
        path: The file.
        board_names: Names, or `["all"]`; the classic four and the person's own if None.
        own_boards: Boards that the person described.
        runtime: Kernels to estimate latency for, on boards that offer them.

    Raises:
        ValueError: A board is unknown, or the file is too large.
        OSError: The file cannot be opened.
    """
    known = boards_with(own_boards)
    usual = [*DEFAULT_BOARDS, *(board.name for board in own_boards)]
    wanted = usual if board_names is None else list(known) if list(board_names) == ["all"] else list(board_names)
    names, sentences = checked_names(wanted, list(known), "board")
    if sentences:
        raise ValueError(" ".join(sentences))
    size_bytes = Path(path).stat().st_size
    if size_bytes > LARGEST_BYTES:
        raise ValueError(
            f"{path} has {size_bytes / 1024**2:.0f} MB; files for microcontrollers are checked up to 64 MB."
        )
    variant = ask_file(desk, Path(path).read_bytes(), Path(path).name)
    latency = ask_latency(variant)
    row = Row(BROUGHT, outcome=variant.outcome.result(), tflite=variant.tflite)
    measured = row.measured
    if measured is None or isinstance(measured.inspection, Failure):
        return row
    placed = on_boards(measured, [known[name] for name in names], runtime)
    return replace(
        row,
        latency=latency.result(),
        fits=placed.fits,
        latencies=placed.latencies,
        energies=placed.energies,
        warnings=warnings_of(Facts(None, measured, None, None)),
    )
