"""Recordings and points as a small drawing: one panel a sample, one line a channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tinyml_core.samples import Samples, Series

PANEL_PX, HEIGHT_PX, GAP_PX = 64, 64, 8
EDGE_PX = 3
LINE_COLORS = ("#7b818b", "#2f86a6", "#b3662e")
"""Taken in turn by the channels; contrast above 3:1 on a white and on a dark page."""


def drawing(samples: Samples) -> str:
    """SVG of all series side by side, each on a scale of its own from its lowest to its highest value.

    Args:
        samples: Of kind `series` or `number`; points of the latter are drawn as dots in one wider panel.
    """
    panel_px = PANEL_PX if samples.kind == "series" else 3 * PANEL_PX
    width_px = len(samples.series) * (panel_px + GAP_PX) - GAP_PX
    panels = "".join(
        f'<g transform="translate({index * (panel_px + GAP_PX)} 0)">{_panel(series, panel_px, samples.kind)}</g>'
        for index, series in enumerate(samples.series)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_px}" height="{HEIGHT_PX}" '
        f'viewBox="0 0 {width_px} {HEIGHT_PX}" fill="none">{panels}</svg>'
    )


def _panel(series: Series, panel_px: int, kind: str) -> str:
    values = [value for curve in series.curves for value in curve]
    across = _scale(series.x, panel_px)
    up = _scale(values, HEIGHT_PX)
    marks = []
    for channel, curve in enumerate(series.curves):
        color = LINE_COLORS[channel % len(LINE_COLORS)]
        places = [(across(x), HEIGHT_PX - up(value)) for x, value in zip(series.x, curve, strict=True)]
        if kind == "series":
            line = " ".join(f"{left:.1f},{top:.1f}" for left, top in places)
            marks.append(f'<polyline points="{line}" stroke="{color}" stroke-width="1.2" stroke-linejoin="round"/>')
        else:
            marks += [f'<circle cx="{left:.1f}" cy="{top:.1f}" r="1.6" fill="{color}"/>' for left, top in places]
    return "".join(marks)


def _scale(values: Sequence[float], length_px: int) -> Callable[[float], float]:
    """From a value to its place in pixels; all in the middle if they are all the same."""
    low, high = min(values), max(values)
    if low == high:
        return lambda value: length_px / 2
    return lambda value: EDGE_PX + (value - low) / (high - low) * (length_px - 2 * EDGE_PX)
