"""How long a model would take on a board, and how much energy: estimates from published measurements."""

from tinyml_core.boards.latency.estimate import Estimate, NoEstimate, estimate, runtimes_for
from tinyml_core.boards.latency.power import Energy, energy
from tinyml_core.boards.latency.runtimes import Runtime, all_runtimes

__all__ = ["Energy", "Estimate", "NoEstimate", "Runtime", "all_runtimes", "energy", "estimate", "runtimes_for"]
