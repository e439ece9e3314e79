"""What all charts share: the noun `Chart`, technique colours, score axes and words for numbers.

Technique colours are not written here: they come from the theme's palette, in the fixed order of the techniques.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

import altair as alt
import pandas as pd

from tinyml_core.domain.metrics import METRICS, format_bytes, format_score


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of the comparison; each file of `tinyml_core/charts/` defines one as `CHART`, or several as `CHARTS`.

    Attributes:
        order: Place on the page; unique.
        question: The question it answers, in one sentence.
        columns: The columns it needs, whatever else the frame has.
        draw: Makes the chart from the frame and the titles of all techniques in fixed order, which fix the colours. A chart
            whose colours mean no technique takes the titles all the same, and does not use them.
        alt: Describes the data in words, for those who cannot see the chart.
        frame: Which frame it draws: `table` (one row a variant), `fits` (one row a variant and board), `operators` (one
            row an operator of one variant on one board), `bits` (one row a number of bits), `layers` (one row a layer),
            `weights` (one row a value or bin of a layer's weights), `ranges` (one row a variant, of one input or output),
            `file_parts` (one row a part of the file), `memory` (one row a tensor and the operators that it stays for),
            `scales` (one row a channel), `errors` (one row a layer and curve), `confusion` (one row a true class and answer),
            `answers` (one row a sample and file) or `calibration` (one row a bin and file).
        page: Where it stands: on a page of its own right, with the details of one variant, or among the studies, a closed box
            below the charts of the comparison.
    """

    name: str
    order: int
    title: str
    question: str
    columns: tuple[str, ...]
    draw: Callable[[pd.DataFrame, list[str]], alt.LayerChart]
    alt: Callable[[pd.DataFrame], str]
    frame: str = "table"
    page: Literal["compare", "boards", "details", "studies", "inspect"] = "compare"


# The colour of text: dark on a light page, light on a dark one, also in a downloaded picture. Without it text marks
# take the first technique's colour, and axis labels a grey that a projector swallows.
TEXT = alt.expr("luminance(background) < 0.5 ? '#e6e9ee' : '#1f2630'")

# Lines and dots that mean no technique; contrast above 3:1 on a white and on a dark page.
NEUTRAL = "#7b818b"

# Fills of a verdict. White text reads on each (4.5:1), and each stands out from a white and a dark page (3:1).
VERDICT_COLORS = {
    "fits": "#1a7f59",
    "tight": "#8f6600",
    "too big": "#c2363a",
    "cannot run": "#6659c4",
    "unknown": "#687080",
}

TEXT_ON_VERDICT = "#ffffff"
MICRO_WORDS = {"runs": "runs on TFLM", "refused": "refused by TFLM", "not executed": "not executed on TFLM"}


def no_number(row: pd.Series) -> str:
    """Why a variant's row has no number, in a word or two."""
    status = str(row.get("status"))
    return status if status in ("waiting", "failed", "stopped") else "not measured"


def ordered_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows in the order of the techniques."""
    return table.sort_values("order", kind="stable").reset_index(drop=True)


def titles_of(table: pd.DataFrame) -> list[str]:
    """The technique titles of a sorted frame, each once."""
    return [str(title) for title in table["title"].drop_duplicates()]


def technique_color(domain: list[str]) -> alt.Color:
    """Colour means technique: the theme's palette over all techniques, whichever of them are drawn.

    There is no legend because each chart writes the technique's title beside its mark.
    """
    return alt.Color("title:N", scale=alt.Scale(domain=domain), legend=None)


def layered(*charts: alt.Chart, height: int, title: alt.Title | None = None) -> alt.LayerChart:
    """The charts on top of each other, as wide as the page lets them; `height` is that of the plot without its axes."""
    chart = (
        alt.layer(*charts)
        .properties(width="container", height=height, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        .configure_axis(labelColor=TEXT, titleColor=TEXT)
        .configure_legend(labelColor=TEXT)
    )
    return cast("alt.LayerChart", chart if title is None else chart.properties(title=title))


def technique_rows(titles: list[str], padding: float = 0.1) -> alt.Y:
    """One row a technique, in their order, titles in full; `padding` is the share of a row left free between cells."""
    offset = half_lines_up(titles)
    return named_rows(
        "title:N", titles, padding=(padding, padding / 2), labelExpr=wrapped_labels(titles), labelOffset=offset
    )


def row_px(titles: list[str], least_px: int) -> int:
    """Height of a technique's row: enough for the lines of the longest title."""
    return max(least_px, LABEL_LINE_PX * most_lines(titles) + 6)


def named_rows(
    field: str, names: list[str], label_limit_px: int = 150, padding: tuple[float, float] | None = None, **axis: Any
) -> alt.Y:
    """One row a name, in their order; `padding` is the share of a row left free between cells and at the ends."""
    space = {} if padding is None else {"paddingInner": padding[0], "paddingOuter": padding[1]}
    labels = alt.Axis(labelLimit=label_limit_px, labelPadding=8, labelOverlap=False, **axis)
    return alt.Y(field, title=None, scale=names_scale(names, **space), axis=labels)


def names_scale(names: Sequence[Any], **how: Any) -> Any:
    """A scale with these names in their order; none where there are no names, because Vega draws an empty one oddly."""
    return alt.Scale(domain=list(names), **how) if names else alt.Undefined


Channel = TypeVar("Channel", alt.X, alt.Y)


def number_axis(
    channel: type[Channel], field: str, title: str | list[str], span: tuple[float, float],
    axis_format: Any = alt.Undefined, ticks: int = 5, **scale: Any,
) -> Channel:  # fmt: skip
    """An axis (`alt.X` or `alt.Y`) that covers just this span of a column of numbers."""
    axis = alt.Axis(format=axis_format, tickCount=ticks)
    return channel(f"{field}:Q", title=title, scale=alt.Scale(domain=list(span), nice=False, **scale), axis=axis)


def score_axis(
    channel: type[Channel], metric: str, span: tuple[float, float], title: Iterable[str] = (), ticks: int = 5
) -> Channel:
    """An axis of scores over this span, as `score_domain` gives it; lines of `title` follow those that all have."""
    lines = [*score_title(metric, span[0]), *title]
    return number_axis(channel, "score", lines, span, METRICS[metric].d3, ticks, zero=False)


def labels(rows: pd.DataFrame, font_px: int = 12, color: Any = TEXT, **how: Any) -> alt.Chart:
    """Words on a chart in the colour of text; `how` is what Vega-Lite calls the properties of a text mark."""
    return cast("alt.Chart", alt.Chart(rows).mark_text(fontSize=font_px, color=color, **how))


def tooltips(**heads: str | tuple[str, str]) -> list[alt.Tooltip]:
    """What is said of a mark that is pointed at: column and head, of numbers with their format in d3's terms."""
    return [
        alt.Tooltip(f"{name}:N", title=head)
        if isinstance(head, str)
        else alt.Tooltip(f"{name}:Q", title=head[0], format=head[1])
        for name, head in heads.items()
    ]


def metric_of(table: pd.DataFrame) -> str:
    """The name of the score metric, the same in all rows (accuracy where the frame is empty)."""
    named = table["metric"].dropna()
    return str(named.iloc[0]) if len(named) else "accuracy"


def score_domain(table: pd.DataFrame, metric: str) -> tuple[float, float]:
    """The range a score axis covers: all intervals and a little air; it need not start at zero."""
    values = pd.concat([table["score_low"], table["score_high"], table["score"]]).astype(float).dropna()
    if values.empty:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    air = 0.08 * (high - low) or 0.05 * abs(high) or 0.01
    # What is better when higher is a share and ends at 1; an error has no upper end.
    return max(0.0, low - air), min(1.0, high + air) if METRICS[metric].better == "higher" else high + air


def score_title(metric: str, low: float) -> list[str]:
    """Title of a score axis, in two lines: what it is, which way is better, and that it does not start at zero."""
    shown = METRICS[metric]
    start = ", axis does not start at 0" if low > 0 else ""
    return [f"{shown.title} with 95 % interval", f"({shown.better} is better{start})"]


def bytes_text(size_bytes: object) -> str:
    """A size in words: `29.3 KB`, or a dash where there is none."""
    return "-" if pd.isna(size_bytes) else format_bytes(round(float(size_bytes)))  # type: ignore[call-overload, arg-type]


def score_text(metric: str, value: Any) -> str:
    """A score in words, or that there is none."""
    return "not measured" if pd.isna(value) else format_score(metric, float(value))


def with_words(table: pd.DataFrame) -> pd.DataFrame:
    """The frame plus `flash_text`, `score_text`, `interval_text`, `micro_text` and `arena_text` for tooltips and labels."""
    metric = metric_of(table)

    def interval_text(row: Any) -> str:
        if pd.isna(row["score_low"]) or pd.isna(row["score_high"]):
            return "-"
        return f"{format_score(metric, row['score_low'])} to {format_score(metric, row['score_high'])}"

    return table.assign(
        flash_text=[bytes_text(value) for value in table["flash_bytes"]],
        score_text=[score_text(metric, value) for value in table["score"]],
        interval_text=[interval_text(row) for _, row in table.iterrows()],
        micro_text=[MICRO_WORDS.get(str(status), "unknown") for status in table["micro_status"]],
        arena_text=[bytes_text(value) for value in table["arena_bytes"]],
    )


def score_tooltip(metric: str) -> list[alt.Tooltip]:
    """The tooltip of a variant; needs the columns of `with_words`."""
    return tooltips(
        title="Technique", flash_text=METRICS["flash_bytes"].title, score_text=METRICS[metric].title,
        interval_text="95 % interval", micro_text="On a microcontroller", arena_text=METRICS["arena_bytes"].title,
    )  # fmt: skip


def sentence_per_row(rows: Iterable[str], nothing: str, first: str = "") -> str:
    """Sentences one after the other behind `first`, or one that says that there is nothing."""
    said = " ".join(rows)
    return f"{first} {said}".strip() if said else nothing


# ---- Long labels in lines, so that they fit a phone: where they break, and how tall they become --------------------


# Axis labels: characters of a line, and its height at the theme's font size.
LABEL_CHARACTERS = 17
LABEL_LINE_PX = 14


def wrapped(text: str, characters: int = LABEL_CHARACTERS) -> str:
    """The text in lines, broken at spaces and behind hyphens (of names as `NUCLEO-F072RB` too)."""
    lines = [""]
    for piece in re.findall(r" *[^ -]*-| *[^ -]+", text):
        if lines[-1] and len(lines[-1] + piece) > characters:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.strip(" ")
    return "\n".join(lines)


def wrapped_labels(texts: list[str], characters: int = LABEL_CHARACTERS, *, equally_tall: bool = False) -> str:
    """A Vega expression that writes these axis labels in lines of so many characters, so that long ones fit a phone.

    With `equally_tall` empty lines stand before shorter labels, so that all end on the same line.
    """
    lines = {text: wrapped(text, characters).split("\n") for text in texts}
    if equally_tall:
        most = most_lines(texts, characters)
        lines = {text: [""] * (most - len(parts)) + parts for text, parts in lines.items()}
    return f"({json.dumps(lines)})[datum.label] || datum.label"


def most_lines(texts: Iterable[str], characters: int = LABEL_CHARACTERS) -> int:
    """How many lines the longest of these labels takes."""
    return max((wrapped(text, characters).count("\n") + 1 for text in texts), default=1)


def half_lines_up(texts: list[str]) -> Any:
    """A label offset that centres each label on its row, as Vega centres the first line only."""
    conditions = []
    for count in range(2, most_lines(texts) + 1):
        members = [text for text in texts if most_lines([text]) == count]
        up = -(count - 1) * LABEL_LINE_PX / 2
        conditions.append({"test": f"indexof({json.dumps(members)}, datum.value) >= 0", "value": up})
    return {"condition": conditions, "value": 0} if conditions else 0
