"""What is inside a variant as tidy frames: what the charts of the Inspect page are made of."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from tinyml_core.analysis.anatomy import Anatomy, FilePart
from tinyml_core.charts.base import NEUTRAL, TEXT, Chart, layered, named_rows, sentence_per_row
from tinyml_core.compress.mixed_precision import LayerDamage

PART_COLUMNS = ("label", "kind", "size_bytes", "share")

MOST_PARTS = 24
"""So many operators have a bar of their own; the smallest of more are drawn as one."""


def file_parts(found: Anatomy) -> pd.DataFrame:
    """One row a part of the file, in order of execution; all rows together are the file."""
    weights = [part for part in found.parts if part.kind == "weights"]
    largest = sorted(weights, key=lambda part: part.size_bytes, reverse=True)[:MOST_PARTS]
    kept = weights if len(weights) <= MOST_PARTS + 1 else [part for part in weights if part in largest]
    small = [part for part in weights if part not in kept]
    shown = [*kept, *_as_one(small), *(part for part in found.parts if part.kind != "weights")]
    rows = [
        {
            "label": part.name,
            "kind": part.kind,
            "size_bytes": part.size_bytes,
            "share": part.size_bytes / found.size_bytes,
        }
        for part in shown
    ]
    return pd.DataFrame(rows, columns=list(PART_COLUMNS))


def _as_one(parts: list[FilePart]) -> list[FilePart]:
    size = sum(part.size_bytes for part in parts)
    return [FilePart(f"{len(parts)} smaller ones", "weights", 0, size)] if parts else []


# ---- Where flash goes: the bytes of one file, part by part ---------------------------------------------------------


def draw_file_parts(parts: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A bar a part: operators in order of execution, then what is not weights.

    `domain` is taken as all charts take it, and not used.
    """
    sizes = parts["size_bytes"].astype(float)
    shares = parts["share"].astype(float)
    rows = parts.assign(
        size_bytes=sizes,
        text=[_size_text(size, share) for size, share in zip(sizes, shares, strict=True)],
    )
    longest = float(sizes.max()) if len(rows) else 0.0
    x = alt.X(
        "size_bytes:Q",
        title="Bytes (share of the file behind each bar)",
        scale=alt.Scale(domain=[0, 1.6 * longest or 1.0], nice=False),
        axis=alt.Axis(format="~s", tickCount=4),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Part"),
        alt.Tooltip("kind:N", title="Kind"),
        alt.Tooltip("size_bytes:Q", title="Bytes", format=",d"),
    ]
    return labelled_bars(rows, x, tooltip)


def _size_text(size_bytes: float, share: float) -> str:
    return f"{size_bytes:,.0f}" if pd.isna(share) else f"{size_bytes:,.0f} ({100 * share:.1f} %)"


def file_parts_in_words(parts: pd.DataFrame) -> str:
    """Each part's bytes."""
    sentences = [
        f"{row['label']}: {_size_text(float(row['size_bytes']), float(row['share']))}." for _, row in parts.iterrows()
    ]
    return sentence_per_row(sentences, "No part to draw.")


FILE_PARTS = Chart(
    name="file_parts",
    order=31,
    title="Where flash goes",
    question="Which layers fill the file, and how much of it is no weights at all?",
    columns=("label", "kind", "size_bytes", "share"),
    draw=draw_file_parts,
    alt=file_parts_in_words,
    frame="file_parts",
    page="inspect",
)


# ---- Which layers suffer most from int8: each quantized alone ------------------------------------------------------


def draw_layer_damage(layers: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
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


def layer_damage_in_words(layers: pd.DataFrame) -> str:
    """Each layer's damage."""
    sentences = [f"{row['label']}: {damage_text(row['damage_percent'])}." for _, row in layers.iterrows()]
    return sentence_per_row(sentences, "No layer to draw.")


LAYER_DAMAGE = Chart(
    name="layer_damage",
    order=21,
    title="Which layers suffer most from int8",
    question="What does quantizing one layer alone do to the model's output?",
    columns=("label", "operator", "damage_percent", "rank"),
    draw=draw_layer_damage,
    alt=layer_damage_in_words,
    frame="layers",
    page="studies",
)


# ---- Which layers cost the cycles: the operators of one variant on one board ---------------------------------------


def draw_operator_cycles(operators: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
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


def operator_cycles_in_words(operators: pd.DataFrame) -> str:
    """Each operator's cycles."""
    sentences = [
        f"{row['label']}: not known."
        if pd.isna(row["cycles"])
        else f"{row['label']}: {float(row['cycles']):,.0f} cycles."
        for _, row in operators.iterrows()
    ]
    return sentence_per_row(sentences, "No operator to draw.")


OPERATOR_CYCLES = Chart(
    name="operator_cycles",
    order=8,
    title="Which layers cost the time",
    question="Where do the cycles of one inference go?",
    columns=("label", "kind", "macs", "cycles", "share", "shape"),
    draw=draw_operator_cycles,
    alt=operator_cycles_in_words,
    frame="operators",
    page="boards",
)


def labelled_bars(rows: pd.DataFrame, x: alt.X, tooltip: list[alt.Tooltip]) -> alt.LayerChart:
    """A bar a row, in their order.

    Args:
        rows: With the columns `label` (what stands before a bar) and `text` (what stands behind it).
        x: Field, axis and scale of the bars' length.
        tooltip: Of bars and words.
    """
    y = named_rows("label:N", [str(label) for label in rows["label"]], label_limit_px=170)
    base = alt.Chart(rows)
    return layered(
        base.mark_bar(color=NEUTRAL, cornerRadiusEnd=2).encode(x=x, y=y, tooltip=tooltip),
        base.mark_text(align="left", baseline="middle", dx=5, fontSize=12, color=TEXT).encode(
            x=alt.X(x.shorthand), y=y, text="text:N", tooltip=tooltip
        ),
        height=max(80, 22 * len(rows)),
    )


LAYER_COLUMNS = ("label", "operator", "damage_percent", "rank")


def layers(ranking: Sequence[LayerDamage]) -> pd.DataFrame:
    """One row a layer, the one that suffers most first."""
    rows = [
        {
            "label": f"{layer.rank}. {layer.layer}",
            "operator": layer.operator,
            "damage_percent": layer.damage,
            "rank": layer.rank,
        }
        for layer in ranking
    ]
    return pd.DataFrame(rows, columns=list(LAYER_COLUMNS))


CHARTS = (FILE_PARTS, LAYER_DAMAGE, OPERATOR_CYCLES)
