"""The one table of columns: each number of a variant with its name, head, value, format, direction and how it is known.

Page table, tooltips, text table, report, CSV, JSON record and requirements are made of `COLUMNS`: a column is one row here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from tinyml_core import catalog
from tinyml_core.boards.fit import SYMBOLS
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.recommend import computes_wrongly, scored_as_on_board
from tinyml_core.compare.sentences import factor_words
from tinyml_core.domain.metrics import METRICS, SCORE_OF_TASK, Metric, format_bytes, format_score, format_time
from tinyml_core.domain.outcome import Failure, Latency, Score, Similarity

Shown = str | float | bool | None
Where = Literal["csv", "terminal", "page", "report"]

SCORE_HEADS = {"accuracy": "Accuracy", "roc_auc": "ROC AUC", "mean_absolute_error": "Error (MAE), lower is better"}
MOST_SYMBOLS = 6
"""Of more boards the page tells how often there is each verdict."""
MOST_LETTERS = 76
"""Of a state; the column is as wide as the longest, and numbers shall stay in sight."""
ON_TFLM = {"runs": "✓ runs", "refused": "✗ refused", "not executed": "? not executed"}


@dataclass(frozen=True, slots=True)
class Place:
    """A column in one of the tables.

    Attributes:
        head: `{}` stands for the column's own head.
        cell: What is shown; None for the value (in CSV as it is, else in the column's format).
        after: Name of the column that it follows there; empty where it follows the order of `COLUMNS`.
        width_px: On a page; `long_px` instead where its head is long.
    """

    head: str = "{}"
    cell: Callable[[Row, Comparison], Shown] | None = None
    after: str = ""
    width_px: int = 0
    long_px: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """One column, wherever it is shown.

    Attributes:
        name: In CSV and in the frames of charts, with the unit in it.
        value: Of a variant; None is unknown.
        kind: Of the value, as the frame holds it.
        format: The value in words.
        metric: Title, unit, direction, how it is known and explanation; that of its name in `METRICS` unless another is given.
        head: Above its cells; the metric's title unless another is given.
        named: The head where it depends on the question; an empty one leaves the column out.
        tip: The tooltip; empty where the metric says all.
        csv, terminal, page, report: The tables in which it stands.
        record: Where the JSON record holds the value; empty for nowhere.
        required: Its name in a requirement; empty where nothing can be required of it.
        bar: How the page writes it beside a bar; report and page draw its share of the largest value.
        quiet: True for what nobody shall rank by.
        explained: False if the report's table of explanations leaves it out.
    """

    name: str
    value: Callable[[Row], Any]
    kind: Literal["number", "text", "flag"] = "number"
    format: Callable[[Any], str] = str
    metric: Metric | Callable[[Comparison], Metric] | None = None
    head: str = ""
    named: Callable[[Comparison], str] | None = None
    tip: str | Callable[[Comparison], str] = ""
    csv: Place | None = Place()
    terminal: Place | None = None
    page: Place | None = None
    report: Place | None = None
    record: tuple[str, ...] = ()
    required: str = ""
    bar: str = ""
    quiet: bool = False
    explained: bool = True

    @property
    def title(self) -> str:
        """Its head, whatever the question."""
        return self.head or (self.metric if isinstance(self.metric, Metric) else METRICS[self.name]).title

    def about(self, comparison: Comparison) -> Metric | None:
        """What is known about the number itself."""
        if self.metric is None:
            return METRICS.get(self.name)
        return self.metric if isinstance(self.metric, Metric) else self.metric(comparison)

    def place(self, where: Where) -> Place | None:
        """How it stands in a table, if it does."""
        found: Place | None = getattr(self, where)
        return found

    def head_at(self, where: Where, comparison: Comparison) -> str:
        """Its head in a table; empty if the question leaves it out."""
        if where == "csv":
            return self.name
        head, place = self.named(comparison) if self.named else self.title, self.place(where)
        head = place.head.format(head) if head and place else head
        return f"{head[:1].lower()}{head[1:]}" if where == "terminal" and not head[1:2].isupper() else head

    def shown(self, where: Where, row: Row, comparison: Comparison) -> Shown:
        """Its cell in a table; None where nothing is known."""
        place = self.place(where)
        if place and place.cell:
            return place.cell(row, comparison)
        value: Shown = self.value(row)
        return value if where == "csv" or value is None else self.format(value)

    def tooltip(self, comparison: Comparison) -> str | None:
        """What it is, which way is better and how it is known."""
        if self.tip:
            return self.tip if isinstance(self.tip, str) else self.tip(comparison)
        metric = self.about(comparison)
        if metric is None:
            return None
        better = f" {metric.better.capitalize()} is better." if metric.better else ""
        return f"{metric.explanation}{better} How it is known: {metric.known}."


def placed(where: Where, comparison: Comparison) -> list[Column]:
    """The columns of a table, in its order."""
    return [column for column in _order(where) if column.head_at(where, comparison)]


@cache
def _order(where: Where) -> tuple[Column, ...]:
    found = [column for column in COLUMNS if column.place(where)]
    for column in tuple(found):
        if (place := column.place(where)) and place.after:
            found.remove(column)
            found.insert(1 + [other.name for other in found].index(place.after), column)
    return tuple(found)


def score_metric(comparison: Comparison) -> Metric:
    """By what the task is scored."""
    return METRICS[SCORE_OF_TASK[catalog.model(comparison.question.model).task]]


def time_board(comparison: Comparison) -> int | None:
    """For which chosen board the page's table estimates the time: that of the limits, else the first."""
    names, wanted = [board.name for board in comparison.boards], comparison.question.limits.board
    return names.index(wanted) if wanted in names else 0 if names else None


def training_notes(row: Row) -> list[str]:
    """What training left to be told, in the fewest words."""
    if row.measured is None:
        return []
    facts = row.measured.training
    dense = [f"left as they were: {', '.join(facts.dense_layers)}"] if facts.dense_layers else []
    return dense + [note.rstrip(".") for note in facts.notes]


def state(row: Row) -> str:
    """What is being done, what went wrong, or that it is measured; cut where the details say it whole."""
    if row.outcome is None:
        words = f"… {row.stage}"
    elif isinstance(row.outcome, Failure):
        words = "■ was stopped" if row.outcome.stopped else f"✗ {row.outcome.reason}"
    else:
        warned = [f"{len(row.warnings)} note{'s' if len(row.warnings) > 1 else ''}"] if row.warnings else []
        words = ", ".join(["measured", *training_notes(row), *warned])
    return textwrap.shorten(words, MOST_LETTERS, placeholder=" …")


def score_with_interval(score: Score) -> str:
    """As the page shows it: `97.1 % [95.1 to 98.4]`."""
    low, high = (format_score(score.metric, limit).removesuffix(" %") for limit in (score.low, score.high))
    return f"{format_score(score.metric, score.value)} [{low} to {high}]"


def _at(path: str) -> Callable[[Row], Any]:
    """What stands there in a row; None if a part of the way is not known or is a failure."""

    def value(found: Any) -> Any:
        for name in path.split("."):
            found = getattr(found, name, None)
        return found

    return value


def _status(row: Row) -> str:
    return "waiting" if row.outcome is None else "measured" if row.measured else "stopped" if row.stopped else "failed"


def _early_flash_kb(row: Row, _: Comparison) -> float | None:
    """Flash as soon as the file is read: it needs no other variant and does not change any more."""
    early = row.so_far.inspection
    flash = early.sizes.flash_bytes if row.outcome is None and early is not None else row.flash_bytes
    return None if flash is None else flash / 1024


def _score_text(row: Row, _: Comparison) -> str | None:
    return format_score(row.score.metric, row.score.value) if row.score else None


def _score_so_far(row: Row, _: Comparison) -> str | None:
    score = row.measured.score if row.measured else row.so_far.score
    if isinstance(score, Failure):
        return f"not scored: {score.reason}"
    return score_with_interval(score) if score else None


def _interval(row: Row, _: Comparison) -> str | None:
    score = row.score
    return " to ".join(format_score(score.metric, limit) for limit in (score.low, score.high)) if score else None


def _score_in_full(row: Row, asked: Comparison) -> str | None:
    return f"{_score_text(row, asked)} ({_interval(row, asked)}, {row.score.samples:,} samples)" if row.score else None


def _changed(row: Row, _: Comparison) -> str | None:
    """Changed answers; without labels, or without data, how many differ from float32's."""
    if row.agreement is not None:
        return str(row.agreement.changed)
    return row.similarity.short if isinstance(row.similarity, Similarity) else None


def _on_tflm(row: Row, _: Comparison) -> str | None:
    if row.measured is None:
        return None
    if row.measured.micro.status == "runs" and not scored_as_on_board(row):
        return "▲ runs wrongly" if computes_wrongly(row) else "▲ differs"
    return ON_TFLM[row.measured.micro.status]


def _latency(row: Row, _: Comparison) -> str | None:
    if isinstance(row.latency, Latency):
        return f"{format_time(row.latency.p50_ms)}{' (busy)' if row.latency.busy else ''}"
    if isinstance(row.latency, Failure):
        return f"not measured: {row.latency.reason}"
    return "waiting for a quiet moment" if row.measured else None


def _boards_fit(row: Row) -> int | None:
    return sum(fit.verdict in ("fits", "tight") for fit in row.fits) if row.fits else None


def _symbols(row: Row, _: Comparison) -> str | None:
    """A symbol a board, or how often each verdict where there are many."""
    symbols = [SYMBOLS[fit.verdict] for fit in row.fits]
    if len(symbols) > MOST_SYMBOLS:
        return " ".join(f"{symbol}{symbols.count(symbol)}" for symbol in SYMBOLS.values() if symbol in symbols)
    return "".join(symbols) or None


def _board_time(row: Row, comparison: Comparison) -> str | None:
    from tinyml_core.boards.placing import short  # loads NumPy, which the page's chooser does not wait for

    index = time_board(comparison)
    return short(row.latencies[index], row.fits[index].verdict) if row.latencies and index is not None else None


def _time_head(comparison: Comparison) -> str:
    index = time_board(comparison)
    return "" if index is None else f"On {comparison.boards[index].title}"


COLUMNS = (
    Column("technique", _at("technique.name"), "text", head="Technique", terminal=Place(),
           page=Place(cell=lambda row, _: f"{'★ ' if row.picked else ''}{row.technique.title}", width_px=226),
           report=Place(cell=lambda row, _: f"{row.technique.title}{' ★' if row.picked else ''}")),
    Column("title", _at("technique.title"), "text"),
    Column("order", _at("technique.order")),
    Column("status", _status, "text"),
    Column("flash_bytes", _at("flash_bytes"), format=format_bytes, record=("sizes_bytes", "flash"), bar="%.1f KB",
           required="flash_bytes", terminal=Place(), page=Place(cell=_early_flash_kb, width_px=105), report=Place()),
    Column("tflite_bytes", _at("measured.inspection.sizes.tflite_bytes"), record=("sizes_bytes", "tflite"),
           required="tflite_bytes"),
    Column("gzip_bytes", _at("measured.inspection.sizes.gzip_bytes"), record=("sizes_bytes", "gzip"),
           required="gzip_bytes"),
    Column("c_source_bytes", _at("measured.inspection.sizes.c_source_bytes"), record=("sizes_bytes", "c_source")),
    Column("smaller_factor", _at("smaller_factor"), format=factor_words, required="smaller", explained=False,
           terminal=Place("vs float32", lambda row, _: f"{row.smaller_factor:.1f}x" if row.smaller_factor else None),
           page=Place(width_px=100), report=Place()),
    Column("metric", _at("score.metric"), "text", record=("score", "metric"),
           csv=Place(cell=lambda _, asked: score_metric(asked).name)),
    Column("score", _at("score.value"), metric=score_metric, head="Score", record=("score", "value"), required="score",
           named=lambda asked: SCORE_HEADS[score_metric(asked).name] if asked.question.dataset else "Score",
           terminal=Place(cell=_score_text), page=Place(cell=_score_so_far, width_px=155, long_px=190),
           report=Place("{} (95 % interval)", _score_in_full)),
    Column("score_low", _at("score.low"), head="95 % interval", record=("score", "low"), required="score_low",
           terminal=Place(cell=_interval)),
    Column("score_high", _at("score.high"), record=("score", "high")),
    Column("samples", _at("score.samples"), record=("score", "samples")),
    Column("changed", _at("agreement.changed"), head="Changed", record=("agreement", "changed"), required="changed",
           terminal=Place(cell=_changed), page=Place(cell=_changed, width_px=70), report=Place()),
    Column("worse", _at("agreement.worse"), record=("agreement", "worse")),
    Column("better", _at("agreement.better"), record=("agreement", "better")),
    Column("p_value", _at("agreement.p_value"), record=("agreement", "p_value")),
    Column("micro_status", _at("measured.micro.status"), "text", head="On TFLM", record=("micro", "status"),
           tip="TensorFlow Lite Micro, which runs on microcontrollers: executed here, not looked up. ▲: it runs, but "
           "its answers are not those that the score counts.",
           csv=Place(cell=lambda row, _: row.measured.micro.status if row.measured else "not executed"),
           terminal=Place(cell=lambda row, _: row.measured.micro.status if row.measured
                          else "stopped" if row.stopped else "failed"),
           page=Place(cell=_on_tflm, width_px=105), report=Place()),
    Column("arena_bytes", _at("measured.micro.arena_minimum_bytes"), format=format_bytes, required="arena_bytes",
           record=("micro", "arena_minimum_bytes"), terminal=Place(), page=Place(width_px=70), report=Place()),
    Column("macs", _at("measured.inspection.macs"), record=("macs",), required="macs"),
    # Last of the page's numbers: a wide table is cut at its end, and nothing is ranked by this one.
    Column("latency_p50_ms", _at("latency.p50_ms"), format=format_time, record=("latency_ms", "p50"), quiet=True,
           required="latency_ms", terminal=Place("this PC"), report=Place(),
           page=Place(cell=_latency, after="board_time", width_px=95)),
    Column("latency_p90_ms", _at("latency.p90_ms"), record=("latency_ms", "p90")),
    Column("pareto", _at("pareto"), "flag"),
    Column("picked", _at("picked"), "flag"),
    Column("boards_fit", _boards_fit, head="Boards", tip="✓ fits, ▲ tight, ✗ too big, ⊘ cannot run, ? unknown",
           terminal=Place(cell=lambda row, _: f"{_boards_fit(row)} of {len(row.fits)}" if row.fits else None),
           page=Place(cell=_symbols, width_px=70)),
    Column("board_time", lambda row: None, "text", head="Time on a board", named=_time_head, csv=None,
           tip=lambda asked: f"Time of one inference {_time_head(asked).replace('On', 'on', 1)}: the band of an estimate "
           "from published latencies of other models. Nobody has run this variant there. Another board: under My limits.",
           page=Place(cell=_board_time, width_px=125)),
    Column("state", state, "text", head="State", csv=None, page=Place()),
    Column("saved_bytes", _at("tradeoff.saved_bytes"), record=("worth", "saved_bytes")),
    Column("lost", _at("tradeoff.lost"), record=("worth", "lost")),
    Column("saved_per_point_bytes", _at("tradeoff.per_point_bytes"), record=("worth", "per_point_bytes")),
    Column("worth", _at("tradeoff.text"), "text", record=("worth", "text"),
           page=Place(after="score", width_px=262), report=Place(after="smaller_factor")),
    Column("warnings", lambda row: len(row.warnings), csv=None, required="warnings"),
)  # fmt: skip
"""In the order of the CSV file."""
