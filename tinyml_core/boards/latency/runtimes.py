"""Runtimes: what executes a model on a board, and whose kernels it uses."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime and the kernels it comes with, named as in `coefficients.csv` and in links.

    Attributes:
        order: Place in lists; the smallest that a board can use is its default.
        commercial: Whether a licence has to be bought or agreed upon.
        only_mcu: What the names of the microcontrollers it may be used on begin with; empty for no restriction.
        leaves_out_dead_channels: Whether output channels without weights are not calculated.
        offered: False for older generations, which are only part of the fit.
    """

    name: str
    order: int
    title: str
    about: str
    commercial: bool
    only_mcu: str
    leaves_out_dead_channels: bool
    offered: bool


@cache
def all_runtimes() -> dict[str, Runtime]:
    """All runtimes of `runtimes.toml` by name, in their order, older generations included."""
    given = tomllib.loads((Path(__file__).parent / "runtimes.toml").read_text(encoding="utf-8"))
    found = [Runtime(name=name, **values) for name, values in given.items()]
    return {runtime.name: runtime for runtime in sorted(found, key=lambda runtime: runtime.order)}
