"""Flash against score: what a smaller model costs in right answers."""

from __future__ import annotations

from typing import Literal

import altair as alt
import pandas as pd

from tinyml_core.charts import base
from tinyml_core.charts.base import Chart
from tinyml_core.domain.metrics import METRICS

# A filled circle runs; a saltire cross does not.
_SALTIRE = "M-1,-.6L-.6,-1L0,-.4L.6,-1L1,-.6L.4,0L1,.6L.6,1L0,.4L-.6,1L-1,.6L-.4,0Z"
_SHAPES = {"runs": "circle", "refused": _SALTIRE, "not executed": "diamond"}

# Measures of a narrow phone, in pixels: what does not collide there does not collide on wider screens.
_PHONE_PLOT_PX, _CHARACTER_PX, _LINE_PX, _GAP_PX = 260, 7, 15, 11
_LABEL_CHARACTERS = 16

_MOST_NAMED = 12
"""Of more variants only those are named that somebody would choose, and float32; pointing at any other names it."""


def draw(table: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """Flash (linear, from zero: half the way is half the size) against the score with its 95 % interval.

    A click on a point is the named selection `picked`, with the field `technique`.
    """
    metric = base.metric_of(table)
    rows = base.with_words(base.ordered_rows(table).dropna(subset=["flash_bytes", "score"]))
    rows = rows.assign(flash_kb=rows["flash_bytes"].astype(float) / 1024)
    low, high = base.score_domain(rows, metric)
    widest_kb = float(rows["flash_kb"].max()) * 1.08 if len(rows) else 1.0
    chosen = rows["pareto"].eq(True) | rows["picked"].eq(True) | rows["technique"].eq("float32")
    named = rows if len(rows) <= _MOST_NAMED else rows[chosen]
    height = max(320, 180 + 26 * len(named), 14 * len(rows))
    named = _with_labels(named, low, high, widest_kb, height)
    unnamed = [] if len(named) == len(rows) else ["point at one without a name to read it"]
    front = rows[rows["pareto"].eq(True)].sort_values(["flash_kb", "score"])
    statuses = [status for status in base.MICRO_WORDS if status in set(rows["micro_status"])]

    flash = f"{METRICS['flash_bytes'].title} in KB ({METRICS['flash_bytes'].better} is better)"
    title = [flash, "dashed: nothing is both smaller and better", *unnamed]
    x = base.number_axis(alt.X, "flash_kb", title, (0, widest_kb), ",~r", 6)
    y = base.score_axis(alt.Y, metric, (low, high), ticks=6)
    color = base.technique_color(domain)
    shape = alt.Shape(
        "micro_text:N",
        scale=alt.Scale(domain=[base.MICRO_WORDS[s] for s in statuses], range=[_SHAPES[s] for s in statuses]),
        legend=alt.Legend(
            title=None,
            orient="top",
            columns=2,
            symbolFillColor=base.NEUTRAL,
            symbolStrokeColor=base.NEUTRAL,
            symbolSize=110,
        ),
    )
    picked = alt.selection_point("picked", fields=["technique"])

    faded = alt.when(picked).then(alt.value(1)).otherwise(alt.value(0.35))
    line = alt.Chart(front).mark_line(interpolate="step-after", color=base.NEUTRAL, strokeDash=[5, 4], strokeWidth=1.5)
    leaders = alt.Chart(named[named["moved"].eq(True)]).mark_rule(color=base.NEUTRAL, opacity=0.6)
    bars = alt.Chart(rows).mark_rule(strokeWidth=2, opacity=0.6)
    points = alt.Chart(rows).mark_point(filled=True, size=150, opacity=1, cursor="pointer")
    layers: list[alt.Chart] = [
        line.encode(x=x, y=y),
        leaders.encode(x=x, y=y, x2="label_kb:Q", y2="label_score:Q"),
        bars.encode(x=x, y=alt.Y("score_low:Q"), y2="score_high:Q", color=color),
        points.encode(x=x, y=y, color=color, shape=shape, opacity=faded, tooltip=base.score_tooltip(metric)).add_params(
            picked
        ),
    ]
    sides: tuple[tuple[Literal["left", "right"], int], ...] = (("left", _GAP_PX), ("right", -_GAP_PX))
    # Vega puts the first line where the middle of all lines should be
    lifted = alt.expr(f"-{_LINE_PX / 2} * (datum.label_lines - 1)")
    for side, dx in sides:
        text = alt.Chart(named[named["align"].eq(side)]).mark_text(
            align=side, baseline="middle", dx=dx, dy=lifted, fontSize=13, lineBreak="\n", lineHeight=_LINE_PX
        )
        layers.append(text.encode(x=alt.X("label_kb:Q"), y=alt.Y("label_score:Q"), text="label:N", color=color))
    return base.layered(*layers, height=height)


def _with_labels(rows: pd.DataFrame, low: float, high: float, widest_kb: float, height: int) -> pd.DataFrame:
    """The frame plus where each label stands, so that none covers another.

    Adds `label`, `label_lines`, `label_kb`, `label_score`, `align` and `moved`. Labels of points close together
    stand in a column beside the outermost of them, and leader lines lead to them.
    """
    labels = [base.wrapped(str(title), _LABEL_CHARACTERS) for title in rows["title"]]
    px_per_kb, px_per_score = _PHONE_PLOT_PX / widest_kb, height / ((high - low) or 1.0)
    points = list(zip(rows["flash_kb"].astype(float), rows["score"].astype(float), strict=True))
    width = [max(len(line) for line in label.split("\n")) * _CHARACTER_PX + _GAP_PX for label in labels]
    tall = [(label.count("\n") + 1) * _LINE_PX + 4 for label in labels]

    near: list[list[int]] = []  # runs of points less than 24 px apart
    for i in sorted(range(len(points)), key=lambda i: points[i][0]):
        if near and (points[i][0] - points[near[-1][-1]][0]) * px_per_kb < 24:
            near[-1].append(i)
        else:
            near.append([i])

    label_kb, align = [0.0] * len(points), [""] * len(points)
    spans: list[tuple[float, float, list[int]]] = []  # left and right edge in px, and the points labelled there
    for members in near:
        leftmost, rightmost = points[members[0]][0], points[members[-1]][0]
        widest = max(width[i] for i in members)
        to_right = rightmost * px_per_kb + widest <= _PHONE_PLOT_PX or leftmost + rightmost < widest_kb
        for i in members:
            label_kb[i], align[i] = (rightmost, "left") if to_right else (leftmost, "right")
        edge = (rightmost if to_right else leftmost) * px_per_kb
        left, right = (edge, edge + widest) if to_right else (edge - widest, edge)
        if spans and left < spans[-1][1]:
            before = spans.pop()
            spans.append((min(left, before[0]), max(right, before[1]), before[2] + members))
        else:
            spans.append((left, right, list(members)))

    label_score = [score for _, score in points]
    for _, _, members in spans:
        down = sorted(members, key=lambda i: -points[i][1])
        wanted = [(high - points[i][1]) * px_per_score for i in down]
        for i, place in zip(down, _apart(wanted, [tall[i] for i in down], height), strict=True):
            label_score[i] = high - place / px_per_score
    moved = [
        abs(label_score[i] - score) * px_per_score > 6 or abs(label_kb[i] - kb) * px_per_kb > 1
        for i, (kb, score) in enumerate(points)
    ]
    lines = [label.count("\n") + 1 for label in labels]
    return rows.assign(
        label=labels, label_lines=lines, label_kb=label_kb, label_score=label_score, align=align, moved=moved
    )


def _apart(wanted: list[float], tall: list[int], height: int) -> list[float]:
    """Places from top to bottom, as near to the wanted ones as it goes, that leave each its height."""
    places = list(wanted)
    for _ in range(60):
        for i in range(1, len(places)):
            overlap = (tall[i - 1] + tall[i]) / 2 - (places[i] - places[i - 1])
            if overlap > 0:
                places[i - 1] -= overlap / 2
                places[i] += overlap / 2
        if places and places[0] < tall[0] / 2:
            places[0] = tall[0] / 2
        if places and places[-1] > height - tall[-1] / 2:
            places[-1] = height - tall[-1] / 2
    return places


def alt_text(table: pd.DataFrame) -> str:
    """Each variant's flash, score with interval and TFLM status, and which variants no other one beats."""
    rows = base.with_words(base.ordered_rows(table))
    name = METRICS[base.metric_of(table)]
    sentences = [
        f"{row['title']}: {row['flash_text']} of flash, {name.title.lower()} {row['score_text']} "
        f"({row['interval_text']}), {row['micro_text']}."
        if pd.notna(row["flash_bytes"]) and pd.notna(row["score"])
        else f"{row['title']}: not drawn, because its flash or score was not measured."
        for _, row in rows.iterrows()
    ]
    front = [str(title) for title in rows[rows["pareto"].eq(True)]["title"]]
    if front:
        sentences.append(f"No variant is both smaller and better than: {', '.join(front)}.")
    first = f"Flash against {name.title.lower()} ({name.better} is better)."
    return base.sentence_per_row(sentences, "No variant to draw.", first)


CHART = Chart(
    name="tradeoff", order=1, title="Size against score",
    question="What does a smaller model cost in quality of its answers?",
    columns=(
        "technique", "title", "order", "flash_bytes", "metric", "score", "score_low", "score_high", "micro_status",
        "arena_bytes", "pareto", "picked",
    ),
    draw=draw, alt=alt_text,
)  # fmt: skip
