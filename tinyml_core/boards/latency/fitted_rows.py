"""The rows of `coefficients.csv` that come from the fit, and their bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyml_core.boards.latency.fitting import Beliefs, fit_cost
from tinyml_core.boards.latency.published import Floats, Rows
from tinyml_core.boards.latency.scoring import band, by_cost, left_out
from tinyml_core.boards.latency.table import FOLDER, read_rows

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
