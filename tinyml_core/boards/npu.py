"""An NPU that Vela, the compiler for Arm's Ethos-U family, can compile a model for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from tinyml_core.boards.figure import Known, check_keys, checked_choice, checked_value

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
    if kind == "other":
        words = [
            checked_value(f"{where}.{key}", "str", given[key], key)
            for key in ("accelerator", "system_config", "memory_mode")
        ]
    else:
        configs = tuple(name for name in SYSTEM_CONFIGS if name.startswith(kind.replace("ethos-u", "Ethos_U")))
        words = [
            checked_choice(f"{where}.accelerator", given["accelerator"], ACCELERATORS[kind]),
            checked_choice(f"{where}.system_config", given["system_config"], configs),
            checked_choice(f"{where}.memory_mode", given["memory_mode"], MEMORY_MODES),
        ]
    clock = given.get("clock_mhz")
    accelerator, system_config, memory_mode = words
    return Npu(
        kind,
        accelerator,
        system_config,
        memory_mode,
        clock_mhz=None if clock is None else checked_value(f"{where}.clock_mhz", "int", clock, "clock_mhz"),
        known=checked_choice(f"{where}.known", given["known"], get_args(Known)),
        source=checked_value(f"{where}.source", "str", given["source"], "source"),
    )
