"""Energy of one inference: latency times the active power of the board.

Power hardly depends on the model (within 1 % over 400 models on one board), so one number per board is enough, and it
is that number which decides how far off the energy may be.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from tinyml_core.boards.board import Board
from tinyml_core.boards.latency.estimate import Estimate, NoEstimate

# How far off a power may be, downwards and upwards, and that in words.
MEASURED = (1 / 1.54, 1.54, "Measured power of one board varied from 33 to 78 mW with its supply.")
"""NUCLEO-L4R5ZI was measured at 33 to 78 mW by several submitters, depending on supply: a factor of 1.54 either way."""

STATED = (0.5, 2.0, "Taken as right within a factor of two.")
"""A figure that somebody states or that is derived from one: a factor of two, by assumption."""

RECALLED = (0.5, 3.0, "Without a source at hand: taken as right within a factor of two to three.")
"""A figure without a source at hand, by assumption."""

HEADLINE = (1.0, 5.5, "Data sheet headlines of this kind were up to 5.5 times too low elsewhere.")
"""Data sheet headlines of processors: where a measurement exists as well, it was 4 to 5.5 times higher."""

_HEADLINE = re.compile(r"data ?sheet (headline|while)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Energy:
    """Energy of one inference in microjoules with its band, and what it rests on in words."""

    low_uj: float
    estimate_uj: float
    high_uj: float
    basis: str


def energy(board: Board, estimated: Estimate) -> Energy | NoEstimate:
    """Energy of one inference, from the cycles of an estimate.

    energy = cycles x power / clock at which that power was stated; it does not depend on the clock the board runs at,
    as long as power grows with the clock. The two bands, of latency and of power, are combined as independent errors:
    root of the sum of squares of their logarithms.
    """
    if estimated.at_least:
        return NoEstimate("The time of a part of the model is unknown, and so is its energy.")
    power, clock = board.active_power_uw, board.active_power_mhz
    if power is None or not clock:
        return NoEstimate("No usable figure of the active power of this board is known.")
    low, high, words = RECALLED
    if power.known == "measured":
        low, high, words = MEASURED
    elif _HEADLINE.search(board.power_scope):
        low, high, words = HEADLINE
    elif power.known in ("read", "derived"):
        low, high, words = STATED
    value = estimated.cycles * power.value / (clock * 1e6)
    below = math.hypot(math.log(estimated.low_ms / estimated.estimate_ms), math.log(low))
    above = math.hypot(math.log(estimated.high_ms / estimated.estimate_ms), math.log(high))
    basis = f"{power.value / 1000:.3g} mW at {clock} MHz, {power.known}: {board.power_scope.rstrip('.')}. {words}"
    return Energy(value * math.exp(-below), value, value * math.exp(above), basis)
