"""Which layers suffer most from int8: each quantized alone."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import Chart, sentence_per_row
from tinyml_core.labelled_bars import labelled_bars


def draw(layers: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A bar a layer, the worst on top.

    `domain` is taken as all charts take it, and not used.
    """
    damage = layers["damage_percent"].astype(float)
    rows = layers.assign(damage_percent=damage, text=[damage_text(value) for value in damage])
    longest = float(damage.max()) if len(rows) else 0.0
    x = alt.X(
        "damage_percent:Q",
        title=["Mean squared error of the output, % of its mean square", "(each layer quantized alone)"],
        scale=alt.Scale(domain=[0, 1.25 * longest or 1.0], nice=False),
        axis=alt.Axis(format="~g", tickCount=4),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Layer"),
        alt.Tooltip("operator:N", title="Operator"),
        alt.Tooltip("text:N", title="Damage"),
    ]
    return labelled_bars(rows, x, tooltip)


def damage_text(percent: float) -> str:
    """A damage in words: `0.71 %`, two digits that count."""
    return "not measured" if pd.isna(percent) else f"{float(f'{percent:.2g}'):g} %"


def alt_text(layers: pd.DataFrame) -> str:
    """Each layer's damage."""
    sentences = [f"{row['label']}: {damage_text(row['damage_percent'])}." for _, row in layers.iterrows()]
    return sentence_per_row(sentences, "No layer to draw.")


CHART = Chart(
    name="layer_damage",
    order=21,
    title="Which layers suffer most from int8",
    question="What does quantizing one layer alone do to the model's output?",
    columns=("label", "operator", "damage_percent", "rank"),
    draw=draw,
    alt=alt_text,
    frame="layers",
    page="studies",
)
