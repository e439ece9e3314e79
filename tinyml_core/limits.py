"""What a person allows: the limits that a variant has to keep on one board."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

MOST: dict[str, float] = {
    "flash_bytes": 1024 * 10**6,
    "ram_bytes": 1024 * 10**6,
    "points_lost": 1000,
    "latency_ms": 10**6,
    "energy_uj": 10**9,
}
"""The largest limit of each kind: more than any microcontroller has, takes or loses."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person allows; None is no limit.

    Attributes:
        board: Name of the board on which the limits hold.
        flash_bytes: Of the whole program: model, runtime, platform.
        ram_bytes: Of the whole program: arena, runtime, platform.
        points_lost: Percentage points of accuracy below float32. For anomaly detection: hundredths of the area under the ROC
            curve. For a regression: percent of float32's error.
        latency_ms: Of one inference.
        energy_uj: Of one inference, in microjoules.
    """

    board: str = ""
    flash_bytes: int | None = None
    ram_bytes: int | None = None
    points_lost: float | None = None
    latency_ms: float | None = None
    energy_uj: float | None = None

    def __post_init__(self) -> None:
        """Check.

        Raises:
            ValueError: A limit is negative or not a number; says which and what is allowed.
        """
        for name, most in MOST.items():
            value = getattr(self, name)
            if value is not None and not 0 <= value <= most:
                raise ValueError(f"The limit {name} is {value:g}; it must be a number from 0 to {most:g}.")

    def having(self, field: str, amount: float) -> Limits:
        """These limits with one set; bytes are rounded to whole ones.

        Raises:
            ValueError, OverflowError: It is no amount; see `MOST`.
        """
        change: dict[str, Any] = {field: round(amount) if field.endswith("_bytes") else amount}
        return replace(self, **change)

    @property
    def given(self) -> bool:
        """True if something is limited beyond what the board itself can hold."""
        return any(getattr(self, field.name) is not None for field in fields(self) if field.name != "board")
