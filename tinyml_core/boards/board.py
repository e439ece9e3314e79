"""What is known of a board, and how it is known: read from one TOML file each.

A bare number invites trust it may not deserve. So every amount of memory is a `Figure`: its value, how it is known and
where it comes from. Two amounts are easily mistaken for what a program may use, and are kept apart here: the flash that
a boot loader leaves, and the largest block of RAM in one piece. An arena is one array; it cannot span two blocks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from tinyml_core.boards.figure import BoardError, Figure, Known, check_keys, checked_choice, checked_value, shown

__all__ = [
    "Board", "BoardError", "Figure", "Known", "Npu", "board_problems", "boards", "boards_with", "load_board",
    "read_board",
]  # fmt: skip

FOLDER = Path(__file__).parent

DEFAULT_BOARDS = ("sparkfun_edge", "arduino_nano_33_ble_sense", "stm32f746g_discovery", "raspberry_pi_pico")
"""The four of the usual table; what is looked at unless others are chosen."""

KERNEL_CORES = (
    "", "Cortex-M0+", "Cortex-M0+ (RP2040)", "Cortex-M4F", "Cortex-M33", "Cortex-M7", "Cortex-M55", "Cortex-M85",
    "ESP32", "ESP32-S3", "ESP32-C3", "ESP32-P4", "EFR32 MVP",
)  # fmt: skip
"""Cores that published speeds of kernels are known for; empty for any other."""


@dataclass(frozen=True, slots=True)
class Board:
    """A microcontroller board.

    Attributes:
        name: Its name in links and on the command line; the stem of its file.
        kernel_core: The core as the table of kernel speeds names it (`KERNEL_CORES`); empty where nothing is known.
        clock_mhz_default: What the usual software sets; often below `clock_mhz_max`.
        ram_contiguous_bytes: The largest block in one piece: what the arena and everything else have to share.
        psram_bytes: RAM outside the chip, slower and not counted elsewhere; 0 where there is none.
        flash_usable_bytes: The largest program, model included, after boot loader and reserved pages.
        flash_external: True if the program, and so the weights, lies in flash outside the chip, read through a cache.
        platform: The software that programs are usually built with; a name of `runtime_code.MEASURED_PLATFORMS` where
            program sizes were published for it, else any words.
        platform_flash_bytes: Code of the board's core: start-up, drivers, operating system.
        runtime_ram_bytes: What the runtime and the program around it hold besides the arena.
        platform_ram_bytes: Reserve of the board's core: stack, operating system, radio.
        vector: Vector instructions, in words; as `fpu` and `dsp`.
        npu_text: What NPU there is, in words, whether or not Vela compiles for it.
        microphone: As `camera` and `imu`: what is fitted, in words.
        power: Active power and of what it is, in words.
        active_power_uw: The same in microwatts; None where no figure is usable.
        active_power_mhz: Clock at which that power was stated; None if it was not said, or there is no power.
        power_scope: Of what that power is: the chip, the whole board, a measured rail.
        npu: The NPU that Vela compiles for; None on other boards.
        confidence: How far the description as a whole can be trusted, in words.
        notes: Where the usual tables are wrong, and what the figures above leave out; one sentence or two each.
        sources: Public sources of the description.
    """

    name: str
    order: int
    title: str
    vendor: str
    mcu: str
    core: str
    kernel_core: str
    cores: int
    clock_mhz_max: int
    clock_mhz_default: int
    ram_physical_bytes: Figure
    ram_contiguous_bytes: Figure
    psram_bytes: Figure
    flash_physical_bytes: Figure
    flash_usable_bytes: Figure
    flash_external: bool
    platform: str
    platform_flash_bytes: Figure
    runtime_ram_bytes: Figure
    platform_ram_bytes: Figure
    supply: str
    fpu: str
    dsp: str
    vector: str
    npu_text: str
    microphone: str
    camera: str
    imu: str
    power: str
    active_power_uw: Figure | None
    active_power_mhz: int | None
    power_scope: str
    npu: Npu | None
    confidence: str
    notes: tuple[str, ...]
    sources: tuple[str, ...]


_WITHIN = {
    "flash_usable_bytes": "flash_physical_bytes",
    "ram_contiguous_bytes": "ram_physical_bytes",
    "clock_mhz_default": "clock_mhz_max",
}


def load_board(path: Path) -> Board:
    """As `read_board`, from a file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise BoardError(f"{path.name}: expected a readable TOML file, got {problem}; correct the file.") from problem
    return read_board(text, path.stem)


def read_board(text: str, name: str) -> Board:
    """Read one board from the TOML text of a file and check that it can be true; the name is the file's stem.

    Raises:
        BoardError: Says in one sentence what was given, what was expected and what to do.
    """
    where = f"{name}.toml"
    if not re.fullmatch("[a-z0-9_]+", name):
        raise BoardError(f"{where}: a board's file name may hold only a-z, 0-9 and _ before .toml; rename the file.")
    try:
        given = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise BoardError(f"{where}: expected a readable TOML file, got {problem}; correct the file.") from problem
    kinds = {field.name: str(field.type) for field in fields(Board) if field.name != "name"}
    optional = {key for key, kind in kinds.items() if kind.endswith(" | None")}
    check_keys(where, given, set(kinds), optional)

    def value(key: str, kind: str) -> Any:
        if key == "kernel_core":
            return checked_choice(f"{where}: {key}", given[key], KERNEL_CORES)
        found = checked_value(f"{where}: {key}", kind, given[key], key)
        return checked_npu(f"{where}: {key}", found) if kind == "Npu" else found

    types = {key: kind.removesuffix(" | None") for key, kind in kinds.items()}
    values: dict[str, Any] = {key: value(key, kind) if key in given else None for key, kind in types.items()}
    for part, whole in _WITHIN.items():
        low, high = (getattr(values[key], "value", values[key]) for key in (part, whole))
        if low > high:
            raise BoardError(f"{where}: {part} is {low}, but must not exceed {whole}, {high}; correct one of them.")
    if values["active_power_mhz"] is not None and values["active_power_uw"] is None:
        clock = shown(values["active_power_mhz"])
        raise BoardError(f"{where}: active_power_mhz is {clock}, but there is no active_power_uw; add or remove one.")
    return Board(name=name, **values)


@cache
def boards(folder: Path = FOLDER) -> dict[str, Board]:
    """All boards of a folder by name, in their order; a file that cannot be true is left out, see `board_problems`."""
    found = [board for board in _read_all(folder) if isinstance(board, Board)]
    return {board.name: board for board in sorted(found, key=lambda board: (board.order, board.name))}


def boards_with(own: Iterable[Board]) -> dict[str, Board]:
    """All boards of the project by name, and after them those that a person described."""
    return boards() | {board.name: board for board in own}


def board_problems(folder: Path = FOLDER) -> tuple[str, ...]:
    """What is wrong with the files that `boards` leaves out: one sentence each, none if all is well."""
    return tuple(str(problem) for problem in _read_all(folder) if isinstance(problem, BoardError))


@cache
def _read_all(folder: Path) -> tuple[Board | BoardError, ...]:
    def read(path: Path) -> Board | BoardError:
        try:
            return load_board(path)
        except BoardError as problem:
            return problem

    return tuple(read(path) for path in sorted(folder.glob("*.toml")))


# ---- An NPU that Vela, the compiler for Arm's Ethos-U family, can compile a model for ------------------------------

NpuKind = Literal["ethos-u55", "ethos-u65", "ethos-u85", "other"]

ACCELERATORS: dict[str, tuple[str, ...]] = {
    "ethos-u55": tuple(f"ethos-u55-{macs}" for macs in (32, 64, 128, 256)),
    "ethos-u65": tuple(f"ethos-u65-{macs}" for macs in (256, 512)),
    "ethos-u85": tuple(f"ethos-u85-{macs}" for macs in (128, 256, 512, 1024, 2048)),
}
"""Vela's names of the accelerators; the number is multiply-accumulates a cycle."""

SYSTEM_CONFIGS = (
    "Ethos_U55_Deep_Embedded", "Ethos_U55_High_End_Embedded", "Ethos_U65_Embedded", "Ethos_U65_Mid_End",
    "Ethos_U65_High_End", "Ethos_U65_Client_Server", "Ethos_U85_SYS_Flash_Low", "Ethos_U85_SYS_Flash_High",
    "Ethos_U85_SYS_DRAM_Low", "Ethos_U85_SYS_DRAM_Mid", "Ethos_U85_SYS_DRAM_High",
)  # fmt: skip

MEMORY_MODES = (
    "Sram_Only", "Shared_Sram", "Dedicated_Sram", "Dedicated_Sram_256KB", "Dedicated_Sram_384KB",
    "Dedicated_Sram_512KB",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Npu:
    """An NPU beside the processor.

    Attributes:
        accelerator: Vela's name of the variant, `ethos-u55-128`.
        system_config: Vela's name of the memory system that comes nearest; its speeds are not this board's.
        memory_mode: Vela's name of where weights and activations lie.
        clock_mhz: None where no source states it; then cycles cannot be turned into a time.
    """

    kind: NpuKind
    accelerator: str
    system_config: str
    memory_mode: str
    clock_mhz: int | None
    known: Known
    source: str

    @property
    def compiled_for(self) -> bool:
        """True if Vela compiles for it: it knows Arm's own kinds only."""
        return self.kind in ACCELERATORS


def checked_npu(where: str, given: dict[str, Any]) -> Npu:
    """The `[npu]` table of a board's file.

    Raises:
        BoardError: Says in one sentence what was given and what is allowed.
    """
    keys = {"kind", "accelerator", "system_config", "memory_mode", "clock_mhz", "known", "source"}
    check_keys(where, given, keys, {"clock_mhz"})
    kind = checked_choice(f"{where}.kind", given["kind"], get_args(NpuKind))
    choices = {
        "accelerator": ACCELERATORS.get(kind, ()),
        "system_config": tuple(name for name in SYSTEM_CONFIGS if name.startswith(kind.replace("ethos-u", "Ethos_U"))),
        "memory_mode": MEMORY_MODES,
    }
    accelerator, system_config, memory_mode = (
        checked_value(f"{where}.{key}", "str", given[key], key)
        if kind == "other"
        else checked_choice(f"{where}.{key}", given[key], allowed)
        for key, allowed in choices.items()
    )
    clock = given.get("clock_mhz")
    clock_mhz = None if clock is None else checked_value(f"{where}.clock_mhz", "int", clock, "clock_mhz")
    known = checked_choice(f"{where}.known", given["known"], get_args(Known))
    source = checked_value(f"{where}.source", "str", given["source"], "source")
    return Npu(kind, accelerator, system_config, memory_mode, clock_mhz, known, source)
