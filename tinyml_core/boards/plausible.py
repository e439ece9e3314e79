"""What a number of a board's file can be at all: outside of it, a unit or a digit has slipped."""

from __future__ import annotations

MB = 1024**2

LIMITS: dict[str, tuple[int, int]] = {
    "order": (0, 1_000_000),
    "cores": (1, 64),
    "clock_mhz_max": (1, 2_000),
    "clock_mhz_default": (1, 2_000),
    "clock_mhz": (1, 2_000),
    "active_power_mhz": (1, 2_000),
    "active_power_uw": (1, 10_000_000),
    "ram_physical_bytes": (1, 64 * MB),
    "ram_contiguous_bytes": (1, 64 * MB),
    "runtime_ram_bytes": (1, 64 * MB),
    "platform_ram_bytes": (0, 64 * MB),
    "psram_bytes": (0, 64 * MB),
    "flash_physical_bytes": (1, 1024 * MB),
    "flash_usable_bytes": (1, 1024 * MB),
    "platform_flash_bytes": (0, 1024 * MB),
}
"""Smallest and largest allowed value of a field. A platform may take nothing (bare metal), and many boards have no PSRAM;
a processor with more than 64 MB of RAM or 2 GHz, or a board that draws more than 10 W, is no microcontroller."""


def limits_of(field: str) -> tuple[int, int]:
    """Smallest and largest allowed value of a field."""
    return LIMITS[field]
