"""The page `docs/estimator.md`: what is fitted, how wrong it is, and why."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyml_core.boards.latency.fitted_rows import FEW, evidence_of
from tinyml_core.boards.latency.fitting import RATIOS, Beliefs, Fitted, fit_cost
from tinyml_core.boards.latency.published import Floats, Rows, chosen_rows, published
from tinyml_core.boards.latency.scoring import (
    Predict,
    Score,
    by_cost,
    choosing_inside,
    distinct,
    in_sample,
    left_out,
    one_number,
    score,
    share_held,
)

_TEMPLATE = Path(__file__).with_name("report.md")
PLAIN = Beliefs(
    ratios=(1.0, 1.0, 1.0, 1.0, 1e-6),
    ratio_spread=(1.0, 1.0, 1.0, 1.0, 0.01),
    family_spread=(0.5, 0.5, 0.5, 0.5, 0.01),
    weight_byte_cycles=0.0,
)
"""Five classes of operators and nothing else: no cost of outputs and weights, hardly any prior knowledge."""

WEIGHT_BYTE_CHOICES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Cycles tried for a weight byte where it is chosen by the data."""


def report(rows: Rows, errors: Floats) -> str:
    """The page as Markdown.

    Args:
        rows: From `published()`.
        errors: Of the model of cost on left-out models, [n].
    """
    beliefs = Beliefs()
    recorded = tomllib.loads(_TEMPLATE.with_name("recorded.toml").read_text(encoding="utf-8"))
    predict, many = by_cost(beliefs), ~np.isin(rows.family, FEW)
    many_rows = chosen_rows(rows, many)
    band = evidence_of(rows, errors, "HALE")
    fitted = fit_cost(rows, np.arange(len(rows.ms)), beliefs)
    attempts = _attempts(rows)
    values = {
        "counts": f"{len(rows.ms)} whole-model latencies of {len(set(rows.model))} models on {len(set(rows.board))} "
        f"boards with {len({name.split('|')[0] for name in rows.group})} generations of runtimes",
        "strict": f"{100 * next(s.mean for name, s in attempts.items() if 'inside' in name):.1f}",
        "tests": _table("test", _tests(rows, errors, predict)),
        "attempts": _table("leave one model out, 202 rows that can be predicted", attempts),
        "families": _table("family", {str(f): score(errors[rows.family == f]) for f in np.unique(rows.family)}),
        "models": _table("model left out", {str(m): score(errors[rows.model == m]) for m in np.unique(rows.model)}),
        "operators": "\n".join(_single_operators(fitted)),
        "ratios": "\n".join(
            [
                "| family | " + " | ".join(RATIOS) + " |",
                "|---|" + "---:|" * len(RATIOS),
                "| *assumed beforehand* | " + " | ".join(f"{value:g}" for value in beliefs.ratios) + " |",
                *(
                    f"| {name} | " + " | ".join(f"{v:.2g}" for v in ratios) + " |"
                    for name, ratios in fitted.ratios.items()
                ),
            ]
        ),
        "band_low": f"{band.low:.2f}",
        "band_high": f"{band.high:.2f}",
        "held": f"{100 * share_held(many_rows, errors[many]):.0f}",
        "first": f"{100 * recorded['found']['first']:.1f}",
        "now": f"{100 * score(errors).mean:.1f}",
        "to_beat": f"{100 * recorded['published']['class_ratios']:.1f}",
        "one_number": f"{100 * recorded['published']['one_number_per_core']:.1f}",
    }
    text = _TEMPLATE.read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return text


def _tests(rows: Rows, errors: Floats, predict: Predict) -> dict[str, Score]:
    return {
        "in-sample": score(in_sample(rows, predict)),
        "leave one board out": score(left_out(rows, rows.board, predict)),
        "**leave one model out**": score(errors),
        "leave one architecture out": score(left_out(rows, _architecture(rows), predict)),
        "leave one model out, each board, core and model once, no rows tagged for dead channels": score(
            errors[distinct(rows)]
        ),
    }


SINGLE_OPERATORS = (
    ("first convolution, 3x3, 1 to 24 channels", 497_700, 55_296, 216, 6_300_000, 1),
    ("convolution, 3x3, 24 to 16 channels", 418_200, 1_936, 3_456, 1_400_000, 0),
    ("convolution, 3x3, 16 to 24 channels", 279_900, 1_944, 3_456, 956_100, 0),
    ("fully connected, 384 to 3", 1_152, 3, 1_152, 5_100, 3),
)
"""Title, MACs, values written, weight bytes, cycles measured, position in `RATIOS`; rounded in the source."""


def _single_operators(fitted: Fitted) -> Iterator[str]:
    speed, ratios = fitted.speed["tflm_cmsis_nn|Cortex-M33"], fitted.ratios["CMSIS-NN DSP"]
    for title, macs, outputs, weights, measured, ratio in SINGLE_OPERATORS:
        cycles = speed * (macs * ratios[ratio] + outputs * ratios[4])
        cycles += fitted.beliefs.weight_byte_cycles * weights + fitted.beliefs.operator_cycles
        yield f"| {title} | {macs:,} | {outputs:,} | {measured:,} | {round(cycles, -2):,.0f} |"


def _architecture(rows: Rows) -> NDArray[np.str_]:
    """Models by architecture: MobileNet v1 of width 0.25 for 96 x 96 pixels appears under four names."""
    same = ("vww", "person_detect", "mbv1_0.25_96", "mbv1_0.25_96_gray")
    return np.where(np.isin(rows.model, same), "mobilenet 0.25 96", rows.model)


def _attempts(rows: Rows) -> dict[str, Score]:
    beliefs, even = Beliefs(), published(even_dead_share=True)

    no_outputs = replace(
        beliefs, ratios=(*beliefs.ratios[:4], 1e-6), ratio_spread=(*beliefs.ratio_spread[:4], 0.01),
        family_spread=(*beliefs.family_spread[:4], 0.01),
    )  # fmt: skip
    attempts: dict[str, Predict] = {
        "one number per runtime and core": one_number,
        "five classes of operators, hardly any prior knowledge": by_cost(PLAIN),
        "**this model**": by_cost(beliefs),
        "its cost of a weight byte chosen inside the rows learned from": choosing_inside(beliefs, WEIGHT_BYTE_CHOICES),
        "without the cost of a weight byte": by_cost(replace(beliefs, weight_byte_cycles=0.0)),
        "without the cost of an operator": by_cost(replace(beliefs, operator_cycles=0.0)),
        "without the cost of an output": by_cost(no_outputs),
        "all spreads doubled": by_cost(_spread(beliefs, 2.0)),
        "all spreads halved": by_cost(_spread(beliefs, 0.5)),
    }
    scores = {name: score(left_out(rows, rows.model, predict)) for name, predict in attempts.items()}
    first = score(left_out(even, even.model, by_cost(beliefs)))
    return {"**first run**: this model, dead channels spread evenly": first, **scores}


def _spread(beliefs: Beliefs, factor: float) -> Beliefs:
    ratio, family = (tuple(factor * v for v in s) for s in (beliefs.ratio_spread, beliefs.family_spread))
    return replace(beliefs, ratio_spread=ratio, family_spread=family)


def _table(first: str, scores: dict[str, Score]) -> str:
    lines = [f"| {first} | rows | mean | median | p90 | largest |", "|---|---:|---:|---:|---:|---:|"]
    for name, one in scores.items():
        cells = (
            [f"{100 * value:.1f} %" for value in (one.mean, one.median, one.p90, one.largest)]
            if one.rows
            else ["–"] * 4
        )
        lines.append(f"| {name} | {one.rows} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
