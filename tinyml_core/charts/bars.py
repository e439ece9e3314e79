"""What is inside a variant as tidy frames: what the charts of the Inspect page are made of."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from tinyml_core.analysis.anatomy import Anatomy, FilePart
from tinyml_core.charts import base
from tinyml_core.charts.base import Chart
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
    one = (
        [FilePart(f"{len(small)} smaller ones", "weights", 0, sum(part.size_bytes for part in small))] if small else []
    )
    shown = [*kept, *one, *(part for part in found.parts if part.kind != "weights")]
    rows = [(part.name, part.kind, part.size_bytes, part.size_bytes / found.size_bytes) for part in shown]
    return pd.DataFrame(rows, columns=list(PART_COLUMNS))


# ---- Where flash goes: the bytes of one file, part by part ---------------------------------------------------------


def draw_file_parts(parts: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A bar a part: operators in order of execution, then what is not weights."""
    sizes = parts["size_bytes"].astype(float)
    texts = [_size_text(size, share) for size, share in zip(sizes, parts["share"].astype(float), strict=True)]
    return labelled_bars(
        parts.assign(size_bytes=sizes, text=texts), "size_bytes", "Bytes (share of the file behind each bar)", 1.6,
        "~s", base.tooltips(label="Part", kind="Kind", size_bytes=("Bytes", ",d")),
    )  # fmt: skip


def _size_text(size_bytes: float, share: float) -> str:
    return f"{size_bytes:,.0f}" if pd.isna(share) else f"{size_bytes:,.0f} ({100 * share:.1f} %)"


def file_parts_in_words(parts: pd.DataFrame) -> str:
    """Each part's bytes."""
    sentences = [
        f"{row['label']}: {_size_text(float(row['size_bytes']), float(row['share']))}." for _, row in parts.iterrows()
    ]
    return base.sentence_per_row(sentences, "No part to draw.")


FILE_PARTS = Chart(
    name="file_parts", order=31, title="Where flash goes",
    question="Which layers fill the file, and how much of it is no weights at all?",
    columns=PART_COLUMNS, draw=draw_file_parts, alt=file_parts_in_words, frame="file_parts", page="inspect",
)  # fmt: skip


# ---- Which layers suffer most from int8: each quantized alone ------------------------------------------------------


LAYER_COLUMNS = ("label", "operator", "damage_percent", "rank")


def layers(ranking: Sequence[LayerDamage]) -> pd.DataFrame:
    """One row a layer, the one that suffers most first."""
    rows = [(f"{layer.rank}. {layer.layer}", layer.operator, layer.damage, layer.rank) for layer in ranking]
    return pd.DataFrame(rows, columns=list(LAYER_COLUMNS))


def draw_layer_damage(layers: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A bar a layer, the worst on top."""
    damage = layers["damage_percent"].astype(float)
    title = ["Mean squared error of the output, % of its mean square", "(each layer quantized alone)"]
    return labelled_bars(
        layers.assign(damage_percent=damage, text=[damage_text(value) for value in damage]), "damage_percent", title,
        1.25, "~g", base.tooltips(label="Layer", operator="Operator", text="Damage"),
    )  # fmt: skip


def damage_text(percent: float) -> str:
    """A damage in words: `0.71 %`, two digits that count."""
    return "not measured" if pd.isna(percent) else f"{float(f'{percent:.2g}'):g} %"


def layer_damage_in_words(layers: pd.DataFrame) -> str:
    """Each layer's damage."""
    sentences = [f"{row['label']}: {damage_text(row['damage_percent'])}." for _, row in layers.iterrows()]
    return base.sentence_per_row(sentences, "No layer to draw.")


LAYER_DAMAGE = Chart(
    name="layer_damage", order=21, title="Which layers suffer most from int8",
    question="What does quantizing one layer alone do to the model's output?",
    columns=LAYER_COLUMNS, draw=draw_layer_damage, alt=layer_damage_in_words, frame="layers", page="studies",
)  # fmt: skip


# ---- Which layers cost the cycles: the operators of one variant on one board ---------------------------------------


def draw_operator_cycles(operators: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A bar an operator, in order of execution, with its share of all cycles."""
    texts = [
        "not known" if pd.isna(cycles) else f"{100 * float(share):.0f} %"
        for cycles, share in zip(operators["cycles"], operators["share"].astype(float).fillna(0.0), strict=True)
    ]
    rows = operators.assign(cycles=operators["cycles"].astype(float).fillna(0.0), text=texts)
    tooltip = base.tooltips(
        label="Operator", cycles=("Cycles", ",.0f"), macs=("MACs", ",.0f"), shape="Output", kind="Class of cost"
    )
    return labelled_bars(rows, "cycles", ["Estimated cycles", "(share of all behind each bar)"], 1.2, "~s", tooltip)


def operator_cycles_in_words(operators: pd.DataFrame) -> str:
    """Each operator's cycles."""
    sentences = [
        f"{row['label']}: " + ("not known." if pd.isna(row["cycles"]) else f"{float(row['cycles']):,.0f} cycles.")
        for _, row in operators.iterrows()
    ]
    return base.sentence_per_row(sentences, "No operator to draw.")


OPERATOR_CYCLES = Chart(
    name="operator_cycles", order=8, title="Which layers cost the time",
    question="Where do the cycles of one inference go?",
    columns=("label", "kind", "macs", "cycles", "share", "shape"),
    draw=draw_operator_cycles, alt=operator_cycles_in_words, frame="operators", page="boards",
)  # fmt: skip


def labelled_bars(
    rows: pd.DataFrame, column: str, title: str | list[str], room: float, axis_format: str, tooltip: list[alt.Tooltip]
) -> alt.LayerChart:
    """A bar a row, in their order, as long as its `column` says; `label` stands before it, `text` behind it.

    The axis is `room` times as long as the longest bar, so that there is place for the words.
    """
    y = base.named_rows("label:N", [str(label) for label in rows["label"]], label_limit_px=170)
    longest = float(rows[column].max()) if len(rows) else 0.0
    x = base.number_axis(alt.X, column, title, (0, room * longest or 1.0), axis_format, 4)
    words = base.labels(rows, align="left", baseline="middle", dx=5)
    return base.layered(
        alt.Chart(rows).mark_bar(color=base.NEUTRAL, cornerRadiusEnd=2).encode(x=x, y=y, tooltip=tooltip),
        words.encode(x=alt.X(f"{column}:Q"), y=y, text="text:N", tooltip=tooltip),
        height=max(80, 22 * len(rows)),
    )


CHARTS = (FILE_PARTS, LAYER_DAMAGE, OPERATOR_CYCLES)
