"""What is known of a board, and how it is known: read from one TOML file each.

A bare number invites trust it may not deserve. So every amount of memory is a `Figure`: its value, how it is known and
where it comes from. Two amounts are easily mistaken for what a program may use, and are kept apart here: the flash that
a boot loader leaves, and the largest block of RAM in one piece. An arena is one array; it cannot span two blocks.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from tinyml_core.boards.figure import BoardError, Figure, Known, check_keys, checked_value

__all__ = ["Board", "BoardError", "Figure", "Known", "boards", "load_board"]


@dataclass(frozen=True, slots=True)
class Board:
    """A microcontroller board.

    Attributes:
        name: Its name in links and on the command line; the stem of its file.
        order: Place in lists.
        clock_mhz_default: What the usual software sets; often below `clock_mhz_max`.
        ram_contiguous_bytes: The largest block in one piece: what the arena and everything else have to share.
        flash_usable_bytes: The largest program, model included, after boot loader and reserved pages.
        runtime_flash_bytes: Code of TensorFlow Lite Micro: interpreter, and the kernels of a small network.
        platform_flash_bytes: Code of the board's core: start-up, drivers, operating system.
        runtime_ram_bytes: What the runtime and the program around it hold besides the arena.
        platform_ram_bytes: Reserve of the board's core: stack, operating system, radio.
        microphone: As `camera` and `imu`: what is fitted, in words.
        power: Active power and of what it is, in words.
        notes: Where the usual tables are wrong, and what the figures above leave out; one sentence or two each.
        sources: Public sources of the description.
    """

    name: str
    order: int
    title: str
    vendor: str
    mcu: str
    core: str
    cores: int
    clock_mhz_max: int
    clock_mhz_default: int
    ram_physical_bytes: Figure
    ram_contiguous_bytes: Figure
    flash_physical_bytes: Figure
    flash_usable_bytes: Figure
    runtime_flash_bytes: Figure
    platform_flash_bytes: Figure
    runtime_ram_bytes: Figure
    platform_ram_bytes: Figure
    supply: str
    fpu: str
    dsp: str
    microphone: str
    camera: str
    imu: str
    power: str
    notes: tuple[str, ...]
    sources: tuple[str, ...]


_WITHIN = (
    ("flash_usable_bytes", "flash_physical_bytes"),
    ("ram_contiguous_bytes", "ram_physical_bytes"),
    ("clock_mhz_default", "clock_mhz_max"),
)


def load_board(path: Path) -> Board:
    """Read one board and check that it can be true.

    Raises:
        BoardError: Says in one sentence what was given, what was expected and what to do.
    """
    if not re.fullmatch("[a-z0-9_]+", path.stem):
        raise BoardError(
            f"{path.name}: a board's file name may hold only a-z, 0-9 and _ before .toml; rename the file."
        )
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise BoardError(f"{path.name}: expected a readable TOML file, got {problem}; correct the file.") from problem
    expected = {field.name: str(field.type) for field in fields(Board) if field.name != "name"}
    check_keys(path.name, given, set(expected))
    values = {key: checked_value(f"{path.name}: {key}", kind, given[key], key) for key, kind in expected.items()}
    for part, whole in _WITHIN:
        low, high = (getattr(values[key], "value", values[key]) for key in (part, whole))
        if low > high:
            raise BoardError(f"{path.name}: {part} is {low}, but must not exceed {whole}, {high}; correct one of them.")
    return Board(name=path.stem, **values)


@cache
def boards() -> dict[str, Board]:
    """All boards of this folder by name, in their order."""
    found = [load_board(path) for path in Path(__file__).parent.glob("*.toml")]
    return {board.name: board for board in sorted(found, key=lambda board: (board.order, board.name))}
