"""How unusual an anomaly detector finds each sample: usual and unusual ones, by float32 and by a variant."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.analysis.predictions import Predictions
from tinyml_core.charts import base
from tinyml_core.charts.base import Chart
from tinyml_core.charts.before_after import ANSWER_COLUMNS, _thinned


def draw(answers: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A tick a sample, a row a file and kind; right of a row's line samples are called anomalous."""
    rows = answers.astype(dict.fromkeys(("value", "limit", "truth"), "float64")).dropna(subset=["value"])
    rows = rows.assign(
        value=rows["value"].clip(lower=1e-12),
        row=[f"{title}: {kind}" for title, kind in zip(rows["title"], rows["kind"], strict=True)],
    ).sort_values("truth", kind="stable")
    names = [
        str(name)
        for title in answers["title"].drop_duplicates()
        for name in rows.loc[rows["title"].eq(title), "row"].drop_duplicates()
    ]
    x = alt.X(
        "value:Q", title=["Mean squared error of the copy (logarithmic)", "(further right: more unusual)"],
        scale=alt.Scale(type="log", nice=False), axis=alt.Axis(format="~g", tickCount=5),
    )  # fmt: skip
    y = base.named_rows("row:N", names, labelExpr=base.wrapped_labels(names))
    limits = rows.drop_duplicates("row")
    tooltip = base.tooltips(row="File and kind", value=("Error of the copy", ".4~g"), limit=("Anomalous above", ".4~g"))
    return base.layered(
        alt.Chart(rows)
        .mark_tick(thickness=1, size=26, opacity=0.5)
        .encode(x=x, y=y, color=base.technique_color(domain), tooltip=tooltip),
        alt.Chart(limits)
        .mark_tick(thickness=3, size=44, color=base.TEXT)
        .encode(x=alt.X("limit:Q"), y=y, tooltip=tooltip),
        height=max(90, 56 * len(names)),
    )


def alt_text(answers: pd.DataFrame) -> str:
    """For each file and kind how many samples lie above the limit."""
    sentences = []
    for (title, kind), rows in answers.groupby(["title", "kind"], sort=False):
        value, limit = rows["value"].astype(float), rows["limit"].astype(float)
        if value.isna().all() or limit.isna().all():
            sentences.append(f"{title}, {kind}: not measured.")
            continue
        sentences.append(
            f"{title}, {kind}: median error {value.median():.3g}, {int((value > limit).sum())} of {len(rows):,} above the "
            f"limit of {limit.iloc[0]:.3g}."
        )
    return base.sentence_per_row(sentences, "No samples to draw.")


CHART = Chart(
    name="anomaly_scores", order=46, title="How unusual each sample is found",
    question="Do usual and unusual samples stay apart?",
    columns=("title", "side", "kind", "truth", "value", "limit"), draw=draw, alt=alt_text,
    frame="answers", page="inspect",
)  # fmt: skip


def anomalies(found: Predictions, title: str, reference_title: str) -> pd.DataFrame:
    """One row a sample and file: how unusual it is found (`value`), and from where on that counts as an anomaly (`limit`)."""
    kinds = [found.name(truth) for truth in found.truths]
    rows = [
        {"title": name, "side": side, "place": place, "kind": kinds[place], "truth": found.truths[place]}
        | {"before": None, "after": None, "value": answers.errors[place], "limit": answers.limit}
        for name, side, answers in ((reference_title, "before", found.reference), (title, "after", found.variant))
        for place in _thinned(len(found.truths))
    ]
    return pd.DataFrame(rows, columns=list(ANSWER_COLUMNS))
