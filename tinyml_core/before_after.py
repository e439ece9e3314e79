"""One dot a sample, float32's number across and the variant's up: what charts of confidence and residuals share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
import pandas as pd

from tinyml_core.charting import NEUTRAL, layered

COLUMNS = ("title", "place", "kind", "truth", "before", "after")
KINDS = {"same answer": ("circle", NEUTRAL), "changed": ("diamond", "#c2363a")}


@dataclass(frozen=True, slots=True)
class Axes:
    """What stands at the axes, and the range of both."""

    before: list[str]
    after: list[str]
    low: float
    high: float
    format: str


def sentences(answers: pd.DataFrame, say: Callable[[pd.DataFrame], str]) -> list[str]:
    """One sentence a variant, for those who cannot see the dots.

    Args:
        answers: As the charts take them.
        say: What is said of a variant's rows, those with both numbers, after its title.
    """
    told = []
    for title, rows in answers.groupby("title", sort=False):
        both = rows.dropna(subset=["before", "after"])
        told.append(f"{title}: {'not measured.' if both.empty else say(both)}")
    return told


def dots(rows: pd.DataFrame, axes: Axes) -> alt.LayerChart:
    """Dots on the diagonal did not change; diamonds are answers that did."""
    rows = rows.assign(**{name: rows[name].astype(float) for name in ("place", "before", "after")})
    rows = rows.dropna(subset=["before", "after"])
    ends = pd.DataFrame({"before": [axes.low, axes.high], "after": [axes.low, axes.high]})
    scale = alt.Scale(domain=[axes.low, axes.high], nice=False, clamp=True)
    axis = alt.Axis(format=axes.format, tickCount=5)
    x, y = (
        alt.X("before:Q", title=axes.before, scale=scale, axis=axis),
        alt.Y("after:Q", title=axes.after, scale=scale, axis=axis),
    )
    names = list(KINDS)
    tooltip = [
        alt.Tooltip("place:Q", title="Sample", format=",d"),
        alt.Tooltip("kind:N", title="Answer"),
        alt.Tooltip("before:Q", title="float32", format=".4~g"),
        alt.Tooltip("after:Q", title="This variant", format=".4~g"),
    ]
    legend = alt.Legend(title=None, orient="top")
    return layered(
        alt.Chart(ends).mark_line(color=NEUTRAL, strokeDash=[4, 4]).encode(x=x, y=y),
        alt.Chart(rows)
        .mark_point(filled=True, size=55, opacity=0.65)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape(
                "kind:N", scale=alt.Scale(domain=names, range=[shape for shape, _ in KINDS.values()]), legend=legend
            ),
            color=alt.Color(
                "kind:N", scale=alt.Scale(domain=names, range=[color for _, color in KINDS.values()]), legend=legend
            ),
            tooltip=tooltip,
        ),
        height=320,
    )
