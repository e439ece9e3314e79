"""What an operator costs on a core with a runtime's kernels, fitted to published latencies.

The model of cost of one inference, in processor cycles:

    cycles = speed x ( MACs of 1x1 convolutions
                       + ratio[class] x MACs of each other class      conv, first conv, depthwise, fully connected
                       + ratio[output] x values written )             without depthwise, whose MACs are 9 a value
             + WEIGHT_BYTE_CYCLES x weight bytes                      each comes out of flash at least once
             + OPERATOR_CYCLES x operators

A speed belongs to one runtime on one core. The ratios of a family of kernels are drawn towards ratios that all families
share, and these towards values known beforehand (`Beliefs`): so a class that a family has never been timed with gets
what is usual instead of nothing. Fitted by least squares of the logarithm of the latency (Gauss-Newton), i.e. the most
probable values if errors and deviations are normal on a logarithmic scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.estimator.published import Integers, Rows
from tinyml_core.boards.latency.coefficients import Floats

RATIOS = ("conv", "first conv", "depthwise", "fully connected", "output")
"""What is expressed as multiples of one MAC of a 1x1 convolution."""


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What is assumed before any of the rows is looked at; `docs/estimator.md` gives the reasons.

    Attributes:
        ratios: Shared ratios in the order of `RATIOS`.
        ratio_spread: How far the true ratio may be from it, as standard deviation of the logarithm.
        family_spread: How far one family's ratio may be from the shared one, likewise.
        error_spread: Of one measurement, likewise.
        weight_byte_cycles: Cycles to read a byte of weights from flash.
        operator_cycles: Cycles of the interpreter for each operator.
    """

    ratios: tuple[float, ...] = (1.0, 2.0, 5.0, 1.1, 10.0)
    ratio_spread: tuple[float, ...] = (0.2, 0.5, 0.5, 0.3, 0.7)
    family_spread: tuple[float, ...] = (0.2, 0.3, 0.3, 0.2, 0.4)
    error_spread: float = 0.1
    weight_byte_cycles: float = 0.5
    operator_cycles: float = 1000.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """Result of a fit.

    Attributes:
        beliefs: Of the fit.
        ratios: Of each family, in the order of `RATIOS`.
        speed: Cycles of one MAC of a 1x1 convolution, for each group `runtime|core`.
        rows: Number of rows behind each group.
    """

    beliefs: Beliefs
    ratios: dict[str, tuple[float, ...]]
    speed: dict[str, float]
    rows: dict[str, int]


_STEPS = 60
_SMALL = 1e-9
_SPEED_SPREAD = 3.0


def fit_cost(rows: Rows, chosen: Integers, beliefs: Beliefs = Beliefs()) -> Fitted:
    """Fit ratios and speeds to the chosen rows.

    Args:
        rows: All rows.
        chosen: Indices of those to learn from.
        beliefs: What is assumed beforehand.
    """
    families, family = np.unique(rows.family[chosen], return_inverse=True)
    groups, group = np.unique(rows.group[chosen], return_inverse=True)
    count, families_end = len(chosen), 5 + 5 * len(families)
    columns, fixed = _columns(rows, chosen), _fixed(rows, chosen, beliefs)
    target, lines = np.log(rows.cycles[chosen]), np.arange(count)

    expected = np.zeros(families_end + len(groups))
    expected[:5] = np.log(beliefs.ratios)
    spread = np.concatenate(
        [beliefs.ratio_spread, np.tile(beliefs.family_spread, len(families)), np.full(len(groups), _SPEED_SPREAD)]
    )
    rough = np.log(rows.cycles[chosen] / rows.macs[chosen].sum(axis=1))
    for number in range(len(groups)):
        expected[families_end + number] = np.median(rough[group == number])
    values, precision = expected.copy(), np.sqrt(rows.weight[chosen]) / beliefs.error_spread
    for _ in range(_STEPS):
        ratios = np.exp(values[:5] + values[5:families_end].reshape(-1, 5)[family])
        terms = columns[:, 1:] * ratios
        speed = np.exp(values[families_end:])[group]
        variable = speed * (columns[:, 0] + terms.sum(axis=1))
        total = variable + fixed
        slopes = np.zeros((count, len(values)))
        slopes[:, :5] = (speed / total)[:, None] * terms
        for ratio in range(5):
            slopes[lines, 5 + 5 * family + ratio] = slopes[:, ratio]
        slopes[lines, families_end + group] = variable / total
        matrix = np.vstack([slopes * precision[:, None], np.diag(1 / spread)])
        rest = np.concatenate([(target - np.log(total)) * precision, (expected - values) / spread])
        step = np.clip(np.linalg.solve(matrix.T @ matrix, matrix.T @ rest), -0.7, 0.7)
        values += step
        if np.abs(step).max() < _SMALL:
            break
    shared, deviations = values[:5], values[5:families_end].reshape(-1, 5)
    return Fitted(
        beliefs,
        {str(name): tuple(np.exp(shared + deviations[n]).tolist()) for n, name in enumerate(families)},
        {str(name): float(np.exp(values[families_end + n])) for n, name in enumerate(groups)},
        {str(name): int((group == n).sum()) for n, name in enumerate(groups)},
    )


def predicted_cycles(fitted: Fitted, rows: Rows, chosen: Integers) -> Floats:
    """Cycles of the chosen rows, [len(chosen)]; not a number where a group was never seen."""
    columns, fixed = _columns(rows, chosen), _fixed(rows, chosen, fitted.beliefs)
    speed = np.array([fitted.speed.get(str(name), np.nan) for name in rows.group[chosen]])
    unknown = (np.nan,) * 5
    ratios = np.array([fitted.ratios.get(str(name), unknown) for name in rows.family[chosen]]).reshape(-1, 5)
    result: Floats = speed * (columns[:, 0] + (columns[:, 1:] * ratios).sum(axis=1)) + fixed
    return result


def _columns(rows: Rows, chosen: Integers) -> Floats:
    """MACs of 1x1 convolutions, then the five quantities of `RATIOS`, [len(chosen), 6]."""
    macs = rows.macs[chosen]
    return np.column_stack([macs[:, 1], macs[:, 0], macs[:, 2], macs[:, 3], macs[:, 4], rows.outputs[chosen]])


def _fixed(rows: Rows, chosen: Integers, beliefs: Beliefs) -> Floats:
    result: Floats = (
        beliefs.weight_byte_cycles * rows.weight_bytes[chosen] + beliefs.operator_cycles * rows.operators[chosen]
    )
    return result
