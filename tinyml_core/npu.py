"""An Ethos-U NPU: what the compiler has to be told of it, and what it expects of a model there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class NpuLike(Protocol):
    """What Vela has to be told of an NPU, and the clock it runs at on its board, if that is known."""

    @property
    def accelerator(self) -> str:
        """With the MACs per cycle: `ethos-u55-128`."""

    @property
    def system_config(self) -> str:
        """Section of Vela's own configuration file that says how fast memories are."""

    @property
    def memory_mode(self) -> str:
        """Section of the same file that says which memory holds what."""

    @property
    def clock_mhz(self) -> int | None:
        """Of the NPU on its board."""


@dataclass(frozen=True, slots=True)
class NpuEstimate:
    """What the compiler Vela expects of one inference on an Ethos-U NPU: an estimate, not a measurement.

    Attributes:
        accelerator: As Vela names it: `ethos-u55-128`.
        cycles: NPU clock cycles of what runs on the NPU, waits for memory included; what the CPU does is not in there.
        sram_bytes: Peak of SRAM in the plan of what was compiled; in the mode `Sram_Only` the constants come on top.
        flash_bytes: The compiled model as a constant array, in place of the model's own; rounded up to 16 bytes.
        npu_operators: Operators of the model that run on the NPU, as the schema names them.
        cpu_operators: Operators that fall back to the CPU.
        npu_macs_share: Share of the MACs that the NPU does, 0 to 1; None where they cannot be counted.
        milliseconds: Cycles at the NPU's clock; None where the clock is not known.
        dram_bytes: External RAM, constants included, in memory modes that use it.
    """

    accelerator: str
    system_config: str
    memory_mode: str
    cycles: int
    sram_bytes: int
    flash_bytes: int
    npu_operators: tuple[str, ...]
    cpu_operators: tuple[str, ...]
    npu_macs_share: float | None
    milliseconds: float | None
    vela_version: str
    dram_bytes: int = 0

    @property
    def known(self) -> str:
        """How these numbers are known, to be shown with them."""
        return f"compiler estimate (Vela {'.'.join(self.vela_version.split('.')[:2])}), not a measurement"
