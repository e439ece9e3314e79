"""Estimates of left-out models against published latencies, as a drawing without any library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
        for published, estimated in one.points:
            parts.append(_mark(number, x(published), y(estimated)))
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
