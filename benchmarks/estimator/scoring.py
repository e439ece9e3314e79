"""The rows of `coefficients.csv` that come from the fit, and their bands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.estimator.fitting import Beliefs, fit_cost, predicted_cycles
from benchmarks.estimator.published import FOLDER, Integers, Rows, chosen_rows
from tinyml_core.boards.latency.coefficients import Floats, read_rows

FEW = ("CMSIS-NN MVE",)
"""Families with too few rows for a band of their own: a factor of two either way."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A class of fitted rows: its name, and the factors of its band."""

    name: str
    low: float
    high: float


def evidence_of(rows: Rows, errors: Floats, family: str) -> Evidence:
    """The band of a family, from the errors on left-out models of all families with enough rows."""
    if family in FEW:
        return Evidence("fitted to very few rows", 0.5, 2.0)
    return Evidence("fitted, error on left-out models known", *band(errors[~np.isin(rows.family, FEW)]))


def table_rows(rows: Rows, errors: Floats | None = None) -> list[dict[str, str]]:
    """All rows of `coefficients.csv` as texts, the carried-over ones last.

    Args:
        rows: From `published()`.
        errors: On left-out models; worked out here if not given.
    """
    beliefs = Beliefs()
    errors = left_out(rows, rows.model, by_cost(beliefs)) if errors is None else errors
    fitted = fit_cost(rows, np.arange(len(rows.ms)), beliefs)
    written = []
    for group, speed in fitted.speed.items():
        runtime, core = group.split("|")
        chosen = rows.group == group
        family = str(rows.family[chosen][0])
        conv, first, depthwise, dense, output = (ratio * speed for ratio in fitted.ratios[family])
        evidence = evidence_of(rows, errors, family)
        boards, models = (len(np.unique(names[chosen])) for names in (rows.board, rows.model))
        written.append(
            {
                "runtime": runtime,
                "core": core,
                "dtype": "int8",
                "conv": f"{conv:.4g}",
                "conv_1x1": f"{speed:.4g}",
                "first_conv": f"{first:.4g}",
                "depthwise": f"{depthwise:.4g}",
                "fully_connected": f"{dense:.4g}",
                "output": f"{output:.4g}",
                "weight_byte": f"{beliefs.weight_byte_cycles:.4g}",
                "operator": f"{beliefs.operator_cycles:.4g}",
                "rows": str(fitted.rows[group]),
                "external_flash": "no",
                "evidence": evidence.name,
                "band_low": f"{evidence.low:.2f}",
                "band_high": f"{evidence.high:.2f}",
                "basis": f"fitted to {_count(fitted.rows[group], 'published latency', 'published latencies')} of "
                f"{_count(models, 'model')} on {_count(boards, 'board')}; ratios between classes shared with "
                f"{_count(int((rows.family == family).sum()), 'row')} of {family}",
                "source": "published.csv",
            }
        )
    return [*written, *read_rows(FOLDER / "carried_over.csv")]


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


# ---- How wrong the fit is on what it has not seen: errors on rows left out -----------------------------------------


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
