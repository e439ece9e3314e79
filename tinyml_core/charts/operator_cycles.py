"""Which layers cost the cycles: the operators of one variant on one board."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import Chart, sentence_per_row
from tinyml_core.labelled_bars import labelled_bars


def draw(operators: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A bar an operator, in order of execution, with its share of all cycles.

    `domain` is taken as all charts take it, and not used.
    """
    rows = operators.assign(
        cycles=operators["cycles"].astype(float).fillna(0.0),
        text=[
            "not known" if pd.isna(cycles) else f"{100 * float(share):.0f} %"
            for cycles, share in zip(operators["cycles"], operators["share"].astype(float).fillna(0.0), strict=True)
        ],
    )
    longest = float(rows["cycles"].max()) if len(rows) else 0.0
    x = alt.X(
        "cycles:Q",
        title=["Estimated cycles", "(share of all behind each bar)"],
        scale=alt.Scale(domain=[0, 1.2 * longest or 1.0], nice=False),
        axis=alt.Axis(format="~s", tickCount=4),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Operator"),
        alt.Tooltip("cycles:Q", title="Cycles", format=",.0f"),
        alt.Tooltip("macs:Q", title="MACs", format=",.0f"),
        alt.Tooltip("shape:N", title="Output"),
        alt.Tooltip("kind:N", title="Class of cost"),
    ]
    return labelled_bars(rows, x, tooltip)


def alt_text(operators: pd.DataFrame) -> str:
    """Each operator's cycles."""
    sentences = [
        f"{row['label']}: not known."
        if pd.isna(row["cycles"])
        else f"{row['label']}: {float(row['cycles']):,.0f} cycles."
        for _, row in operators.iterrows()
    ]
    return sentence_per_row(sentences, "No operator to draw.")


CHART = Chart(
    name="operator_cycles",
    order=8,
    title="Which layers cost the time",
    question="Where do the cycles of one inference go?",
    columns=("label", "kind", "macs", "cycles", "share", "shape"),
    draw=draw,
    alt=alt_text,
    frame="operators",
    page="boards",
)
