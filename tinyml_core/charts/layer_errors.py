"""Where the error comes from: the signal-to-noise ratio along the layers."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.analysis.layer_errors import LayerErrors, decibels, guilty
from tinyml_core.charts import base
from tinyml_core.charts.base import Chart

ERROR_COLUMNS = (
    "label", "place", "series", "snr_db", "text", "operator", "cosine", "worst", "worst_steps", "exact", "blamed",
)  # fmt: skip

_DASHES = [[1, 0], [5, 4]]
_SHAPES = ["circle", "diamond"]

_AIR = 0.42
"""Of the axis, to the right of the rightmost dot: room for the words of each row, which no line crosses there."""

_EXACT = 0.12
_BLAMED = "#c2363a"


def draw(errors: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A row a layer, from the input down to the output; dots far to the right are good."""
    rows = errors.astype(dict.fromkeys(("place", "snr_db", "cosine", "worst", "worst_steps"), "float64"))
    exact = rows["exact"].astype(bool)
    heard = rows["snr_db"].dropna()
    low, high = (min(0.0, float(heard.min())), max(20.0, float(heard.max()))) if len(heard) else (0.0, 60.0)
    # What has no error has no number: it stands at the edge, to the right of all that has some, with a mark of its own.
    flawless = rows[exact].assign(at=high + _EXACT * (high - low))
    drawn = rows[~exact].assign(at=rows["snr_db"]).dropna(subset=["at"])
    names = [str(name) for name in rows["label"].drop_duplicates()]
    series = [str(name) for name in rows["series"].drop_duplicates()]
    title = ["Signal-to-noise ratio in dB", "(further right is better;", "20 dB more: a tenth of the error)"]
    title += ["▷ no error at all, so no ratio"] if len(flawless) else []
    x = base.number_axis(alt.X, "at", title, (low, high + _AIR * (high - low)))
    y = base.named_rows("label:N", names)
    legend = alt.Legend(title=None, orient="top", direction="vertical", labelLimit=320) if len(series) > 1 else None
    tooltip = base.tooltips(
        label="Layer", operator="Operator", series="Compared", text="Signal-to-noise ratio", cosine=("Cosine", ".5f"),
        worst=("Worst error, real units", ".3~g"), worst_steps=("Worst error, steps", ".1~f"),
    )  # fmt: skip
    marks = alt.Chart(drawn)
    dash = alt.StrokeDash("series:N", scale=alt.Scale(domain=series, range=_DASHES[: len(series)]), legend=legend)
    shape = alt.Shape("series:N", scale=alt.Scale(domain=series, range=_SHAPES[: len(series)]), legend=legend)
    told = pd.concat([flawless, drawn]).sort_values("place", kind="stable")
    first = told[told["series"].eq(series[0])] if series else told
    words = base.labels(first, align="right", baseline="middle", dx=-2)
    return base.layered(
        marks.mark_line(color=base.NEUTRAL, strokeWidth=2).encode(
            x=x, y=y, order=alt.Order("place:Q"), strokeDash=dash if series else alt.Undefined
        ),
        marks.mark_point(filled=True, size=90, opacity=1, color=base.NEUTRAL).encode(
            x=x, y=y, shape=shape if series else alt.Undefined, tooltip=tooltip
        ),
        alt.Chart(flawless)
        .mark_point(shape="triangle-right", size=90, strokeWidth=2, opacity=1, color=base.NEUTRAL)
        .encode(x=x, y=y, tooltip=tooltip),
        alt.Chart(first[first["blamed"].astype(bool)])
        .mark_point(size=260, strokeWidth=3, color=_BLAMED, opacity=1)
        .encode(x=x, y=y, tooltip=tooltip),
        words.encode(x=alt.value("width"), y=y, text="text:N", tooltip=tooltip),
        height=max(90, 26 * len(names)),
    )


def alt_text(errors: pd.DataFrame) -> str:
    """Each layer's signal-to-noise ratio on each curve."""
    sentences = []
    for name, rows in errors.groupby("series", sort=False):
        layers = ", ".join(f"{row['label']} {row['text']}" for _, row in rows.iterrows())
        sentences.append(f"Signal-to-noise ratio {name}, layer by layer: {layers}.")
    return base.sentence_per_row(sentences, "No layer to draw.")


CHART = Chart(
    name="layer_errors", order=40, title="Where the error comes from",
    question="How much of each layer's signal survives?",
    columns=ERROR_COLUMNS, draw=draw, alt=alt_text, frame="errors", page="inspect",
)  # fmt: skip

# ---- What was found inside a variant as tidy frames: what the charts of the Inspect page are made of ---------------


OWN, BASE = "against the weights it was converted from", "against the model as it was trained first"


def errors(found: LayerErrors) -> pd.DataFrame:
    """One row a layer and curve, in order of execution; `blamed` is the layer of the first curve where most error enters."""
    culprit = guilty(found.own)
    blamed = None if culprit is None else (OWN, culprit.place + 1)
    curves = [(OWN, found.own)] + ([(BASE, found.base)] if found.base is not None else [])
    rows = [
        {
            "label": layer.layer,
            "place": place,
            "series": series,
            "snr_db": layer.snr_db,
            "text": f"most enters here: {decibels(layer)}" if (series, place) == blamed else decibels(layer),
            "operator": layer.operator,
            "cosine": layer.cosine,
            "worst": layer.worst,
            "worst_steps": layer.worst_steps,
            "exact": layer.exact,
            "blamed": (series, place) == blamed,
        }
        for series, curve in curves
        for place, layer in enumerate(curve.layers, start=1)
    ]
    frame = pd.DataFrame(rows, columns=list(ERROR_COLUMNS))
    return frame.astype({"snr_db": "float64", "worst_steps": "float64"})
