"""How wrong the fit is on what it has not seen: errors on rows left out.

Leaving a model out means leaving it out everywhere: in every family, on every board, in every repetition. Nothing is
chosen by these errors: what is assumed beforehand stands in `Beliefs`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tinyml_core.boards.latency.fitting import Beliefs, fit_cost, predicted_cycles
from tinyml_core.boards.latency.published import Floats, Integers, Rows, chosen_rows

Predict = Callable[[Rows, Integers, Integers], Floats]
"""From rows, indices to learn from and indices to predict: predicted cycles; not a number where nothing is known."""


@dataclass(frozen=True, slots=True)
class Score:
    """Absolute relative errors (predicted / measured - 1) in summary, as fractions; `rows` is their number."""

    rows: int
    mean: float
    median: float
    p90: float
    largest: float


def score(errors: Floats) -> Score:
    """Summary of relative errors; those that are not a number are not counted."""
    size = np.abs(errors[~np.isnan(errors)])
    return Score(len(size), *(float(v) for v in (size.mean(), np.median(size), np.quantile(size, 0.9), size.max())))


def by_cost(beliefs: Beliefs) -> Predict:
    """The model of cost of `fitting.py`."""
    return lambda rows, known, wanted: predicted_cycles(fit_cost(rows, known, beliefs), rows, wanted)


def one_number(rows: Rows, known: Integers, wanted: Integers) -> Floats:
    """The plain baseline: cycles per MAC of a runtime on a core, whatever the operators."""
    per_mac = rows.cycles[known] / rows.macs[known].sum(axis=1)
    numbers = {}
    for group in np.unique(rows.group[known]):
        chosen = rows.group[known] == group
        numbers[group] = np.exp(np.average(np.log(per_mac[chosen]), weights=rows.weight[known][chosen]))
    result: Floats = np.array([numbers.get(group, np.nan) for group in rows.group[wanted]])
    result *= rows.macs[wanted].sum(axis=1)
    return result


def choosing_inside(beliefs: Beliefs, weight_byte_cycles: Sequence[float]) -> Predict:
    """The model of cost whose cost of a weight byte is chosen by leaving out models of the rows it learns from."""

    def predict(rows: Rows, known: Integers, wanted: Integers) -> Floats:
        choices = [by_cost(replace(beliefs, weight_byte_cycles=value)) for value in weight_byte_cycles]
        errors = [score(left_out(chosen_rows(rows, known), rows.model[known], choice)).mean for choice in choices]
        return choices[int(np.argmin(errors))](rows, known, wanted)

    return predict


def in_sample(rows: Rows, predict: Predict) -> Floats:
    """Relative errors on the very rows that were learned from, [n]."""
    everything = np.arange(len(rows.ms))
    return predict(rows, everything, everything) / rows.cycles - 1


def left_out(rows: Rows, part: NDArray[np.str_], predict: Predict) -> Floats:
    """Relative error of each row when all rows that share its `part` are left out, [n].

    Args:
        rows: All rows.
        part: What is left out together: `rows.model` or `rows.board`, [n].
        predict: The method to try.
    """
    errors = np.full(len(rows.ms), np.nan)
    for name in np.unique(part):
        wanted, known = np.flatnonzero(part == name), np.flatnonzero(part != name)
        errors[wanted] = predict(rows, known, wanted) / rows.cycles[wanted] - 1
    return errors


def distinct(rows: Rows) -> NDArray[np.bool_]:
    """One row for each family, core, board and model, and none tagged for dead channels, [n]."""
    seen: set[tuple[str, ...]] = set()
    keep = np.zeros(len(rows.ms), bool)
    for number, key in enumerate(zip(rows.family, rows.group, rows.board, rows.model, strict=True)):
        keep[number] = key not in seen and not rows.dead[number]
        seen.add(key)
    return keep


HELD = (0.05, 0.95)
"""Quantiles of measured / estimated that a band reaches from and to: nine rows of ten by construction."""


def band(errors: Floats) -> tuple[float, float]:
    """Factors on an estimate between which the measured value lies, from relative errors of left-out rows."""
    measured = 1 / (1 + errors[~np.isnan(errors)])
    low, high = np.quantile(measured, HELD)
    return float(min(low, 1.0)), float(max(high, 1.0))


def share_held(rows: Rows, errors: Floats) -> float:
    """Share of rows inside their band, where the band of each model comes from the errors of the other models."""
    inside = []
    for name in np.unique(rows.model):
        own, others = errors[rows.model == name], errors[rows.model != name]
        low, high = band(others)
        measured = 1 / (1 + own[~np.isnan(own)])
        inside.extend(((measured >= low) & (measured <= high)).tolist())
    return float(np.mean(inside))
