"""How good a model is with fewer and fewer bits a weight: what the simulation in `measure/few_bits.py` gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BITS = (16, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1)
Granularity = Literal["per tensor", "per channel"]
GRANULARITIES: tuple[Granularity, ...] = ("per tensor", "per channel")


@dataclass(frozen=True, slots=True)
class BitsPoint:
    """The score with weights of so many bits; activations stay float32.

    Attributes:
        bits: Bits a weight; 1 is the sign alone, times the mean magnitude.
        granularity: Whether all weights of a tensor share a scale, or those of one output channel.
        score: In the metric of `FewBits`.
        low: Lower end of its 95 % interval.
        high: Upper end.
        weight_error: Root mean square error of the weights, relative to their root mean square, over all layers.
    """

    bits: int
    granularity: Granularity
    score: float
    low: float
    high: float
    weight_error: float


@dataclass(frozen=True, slots=True)
class FewBits:
    """A simulated curve.

    Attributes:
        metric: `accuracy`, `mean_absolute_error`, ... as in a `Score`.
        chance: The score of a guess that looks at no input.
        float_score: The score with the weights as they are.
        points: Falling bits, per tensor first.
    """

    metric: str
    chance: float
    float_score: float
    points: tuple[BitsPoint, ...]
