"""Estimates of left-out models against published latencies, as a drawing without any library."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.estimator.fitting import RATIOS, Beliefs, Fitted, fit_cost
from benchmarks.estimator.published import FOLDER, Rows, chosen_rows, model_table, published
from benchmarks.estimator.scoring import (
    FEW,
    Predict,
    Score,
    by_cost,
    choosing_inside,
    distinct,
    evidence_of,
    in_sample,
    left_out,
    one_number,
    score,
    share_held,
    table_rows,
)
from tinyml_core.boards.latency import coefficients
from tinyml_core.boards.latency.coefficients import COLUMNS, Floats, write_rows

SHAPES = ("circle", "square", "triangle", "diamond")
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe and Ito: told apart by the colour-blind
_SIZE, _LEFT, _TOP, _SIDE = 640, 70, 20, 480


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one kind: title, and pairs of published and estimated milliseconds."""

    title: str
    points: tuple[tuple[float, float], ...]


def scatter_svg(series: Sequence[Series], band: tuple[float, float]) -> str:
    """An SVG with both axes logarithmic; `band` are factors on the estimate between which the published value lies."""
    values = [value for one in series for point in one.points for value in point]
    low, high = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values)))
    span = math.log10(high / low)

    def x(value: float) -> float:
        return _LEFT + _SIDE * math.log10(value / low) / span

    def y(value: float) -> float:
        return _TOP + _SIDE * (1 - math.log10(value / low) / span)

    corners = [(low, low / band[1]), (high, high / band[1]), (high, high / band[0]), (low, low / band[0])]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE + 160} {_SIZE - 80}" font-family="sans-serif" '
        'font-size="13" role="img" aria-label="Estimated against published latency, model left out">',
        f'<rect width="{_SIZE + 160}" height="{_SIZE - 80}" fill="white"/>',
        f'<clipPath id="c"><rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}"/></clipPath>',
        '<g clip-path="url(#c)"><polygon fill="#e8e8e8" points="'
        + " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in corners)
        + f'"/><line x1="{x(low):.1f}" y1="{y(low):.1f}" x2="{x(high):.1f}" y2="{y(high):.1f}" stroke="#666"/></g>',
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#333"/>',
    ]
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        tick = 10.0**power
        parts.append(f'<text x="{x(tick):.1f}" y="{_TOP + _SIDE + 18}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
        parts.append(
            f'<path d="M{x(tick):.1f} {_TOP}V{_TOP + _SIDE}M{_LEFT} {y(tick):.1f}H{_LEFT + _SIDE}" stroke="#ccc" '
            'stroke-width="0.5"/>'
        )
    middle = _TOP + _SIDE / 2
    parts.append(f'<text x="{_LEFT + _SIDE / 2}" y="{_TOP + _SIDE + 42}" text-anchor="middle">published, ms</text>')
    parts.append(
        f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">estimated, ms</text>'
    )
    for number, one in enumerate(series):
        for there, here in one.points:
            parts.append(_mark(number, x(there), y(here)))
        line = _TOP + 16 + 22 * number
        parts += [_mark(number, _LEFT + _SIDE + 20, line), f'<text x="{_LEFT + _SIDE + 32}" y="{line + 4}">']
        parts.append(f"{one.title}</text>")
    line = _TOP + 16 + 22 * len(series)
    parts.append(f'<rect x="{_LEFT + _SIDE + 12}" y="{line - 6}" width="16" height="12" fill="#e8e8e8"/>')
    parts.append(f'<text x="{_LEFT + _SIDE + 32}" y="{line + 4}">band</text></svg>')
    return "\n".join(parts) + "\n"


def _mark(number: int, x: float, y: float) -> str:
    style = f'fill="{COLOURS[number % 4]}" fill-opacity="0.65" stroke="white" stroke-width="0.5"'
    match SHAPES[number % 4]:
        case "circle":
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" {style}/>'
        case "square":
            return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" {style}/>'
        case "triangle":
            return f'<path d="M{x:.1f} {y - 5:.1f}l5 9h-10z" {style}/>'
        case _:
            return f'<path d="M{x:.1f} {y - 5.5:.1f}l5.5 5.5l-5.5 5.5l-5.5 -5.5z" {style}/>'


# ---- The page `docs/estimator.md`: what is fitted, how wrong it is, and why ----------------------------------------


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


DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Recompute and write everything."""
    models = list(model_table())
    write_rows(FOLDER / "models.csv", models[0], models)
    rows = published()
    errors = left_out(rows, rows.model, by_cost(Beliefs()))
    write_rows(coefficients.FOLDER / "coefficients.csv", COLUMNS, table_rows(rows, errors))
    band = evidence_of(rows, errors, "HALE")
    (DOCS / "estimator.svg").write_text(scatter_svg(_series(rows, errors), (band.low, band.high)), encoding="utf-8")
    (DOCS / "estimator.md").write_text(report(rows, errors), encoding="utf-8")


def _series(rows: Rows, errors: np.ndarray) -> list[Series]:
    known = ~np.isnan(errors)
    kinds = {"CMSIS-NN": "CMSIS-NN", "X-CUBE-AI": "X-CUBE-AI", "Plumerai": "Plumerai"}
    kind = [next((title for start, title in kinds.items() if name.startswith(start)), "others") for name in rows.family]
    series = []
    for title in (*kinds.values(), "others"):
        chosen = known & (np.array(kind) == title)
        pairs = zip(rows.ms[chosen].tolist(), (rows.ms * (1 + errors))[chosen].tolist(), strict=True)
        series.append(Series(title, tuple(pairs)))
    return series


if __name__ == "__main__":
    main()
