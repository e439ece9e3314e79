"""Which layers cost the cycles: the operators of one variant on one board."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import NEUTRAL, TEXT, Chart, layered, named_rows, sentence_per_row


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
    labels = [str(label) for label in rows["label"]]
    y = named_rows("label:N", labels, label_limit_px=170)
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
    base = alt.Chart(rows)
    return layered(
        base.mark_bar(color=NEUTRAL, cornerRadiusEnd=2).encode(x=x, y=y, tooltip=tooltip),
        base.mark_text(align="left", baseline="middle", dx=5, fontSize=12, color=TEXT).encode(
            x=alt.X("cycles:Q"), y=y, text="text:N", tooltip=tooltip
        ),
        height=max(80, 22 * len(rows)),
    )


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
