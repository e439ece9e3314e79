"""A comparison as one HTML file that opens in any browser, offline, and prints well."""

from __future__ import annotations

from html import escape

from tinyml_core import catalog
from tinyml_core.boards.fit import SYMBOLS, Fit
from tinyml_core.compare.columns import Column, placed
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.sentences import summary
from tinyml_core.domain.metrics import METRICS
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.environment import environment
from tinyml_core.zoo.cards import RANDOM_WEIGHTS, SYNTHETIC, interval_words

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884; vertical-align: top; }
.bar { background: #0b6e8f; height: .6rem; border-radius: .2rem; min-width: 2px; }
.quiet { color: #767b84; }
"""


def report(comparison: Comparison) -> str:
    """The whole page as text."""
    question = comparison.question
    model, dataset = catalog.model(question.model), catalog.dataset_or_none(question.dataset)
    data = (
        f"{dataset.title}: {dataset.split} {interval_words(dataset)} Licence: {dataset.licence}."
        if dataset
        else f"{RANDOM_WEIGHTS} {SYNTHETIC}"
    )
    title = f"{model.title}: ways of shrinking it, compared"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>\n'
        f"<h1>{escape(title)}</h1>\n<p>{escape(summary(comparison))}</p>\n"
        f'<div class="wide">{_variants(comparison)}</div>\n'
        f'<h2>Boards</h2>\n<div class="wide">{_boards(comparison)}</div>\n'
        f"<h2>Notes</h2>\n{_notes(comparison)}\n"
        f"<h2>How each number is known</h2>\n{_known(comparison)}\n"
        f"<h2>Model, data and machine</h2>\n<p>{escape(model.architecture)}; {model.parameters:,} parameters. "
        f"{escape(data)}</p>\n"
        f'<p class="quiet">{escape(_machine())}</p>\n</body></html>\n'
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    """A table; cells are HTML already."""
    heads = "".join(f"<th>{cell}</th>" for cell in head)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _variants(comparison: Comparison) -> str:
    shown = placed("report", comparison)
    heads = [escape(column.head_at("report", comparison)) for column in shown]
    return _table(heads, [_variant(row, shown, comparison) for row in comparison.rows])


def _variant(row: Row, shown: list[Column], comparison: Comparison) -> list[str]:
    if row.measured is None or row.flash_bytes is None:
        reason = row.outcome.reason if isinstance(row.outcome, Failure) else "not measured"
        title = str(shown[0].shown("report", row, comparison))
        return [escape(title), escape(reason), *[""] * (len(shown) - 2)]
    return [_cell(column, row, comparison) for column in shown]


def _cell(column: Column, row: Row, comparison: Comparison) -> str:
    found = column.shown("report", row, comparison)
    if found is None:
        return ""
    cell = escape(str(found))
    if column.bar:
        largest = max(column.value(other) or 0 for other in comparison.rows) or 1
        cell += f'<div class="bar" style="width:{100 * column.value(row) / largest:.0f}%"></div>'
    return f'<span class="quiet">{cell}</span>' if column.quiet else cell


def _boards(comparison: Comparison) -> str:
    if not comparison.boards:
        return "<p>No board was chosen.</p>"

    def cell(fit: Fit) -> str:
        return f"{SYMBOLS[fit.verdict]} {fit.verdict}<br><small>{escape(' '.join(fit.reasons))}</small>"

    rows = [[escape(row.technique.title), *map(cell, row.fits)] for row in comparison.rows if row.fits]
    return _table(["Technique", *(escape(board.title) for board in comparison.boards)], rows)


def _notes(comparison: Comparison) -> str:
    lines = []
    for row in comparison.rows:
        title = escape(row.technique.title)
        if row.measured and row.measured.micro.status != "runs":
            micro = row.measured.micro
            lines.append(f"<b>{title}</b> on TFLM: {escape(micro.cause)} {escape(micro.fix)}")
        lines += [f"<b>{title}</b>: {escape(warned.text)}" for warned in row.warnings]
        lines += [f"<b>{title}</b>: {escape(note)}" for note in row.notes]
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>" if lines else "<p>None.</p>"


def _known(comparison: Comparison) -> str:
    columns = [column.about(comparison) for column in placed("report", comparison) if column.explained]
    metrics = [*filter(None, columns), METRICS["flash_needed_bytes"], METRICS["ram_needed_bytes"]]
    return _table(
        ["Number", "How it is known", "What it is"],
        [[escape(metric.title), escape(metric.known), escape(metric.explanation)] for metric in metrics],
    )


def _machine() -> str:
    about = environment()
    libraries = ", ".join(f"{name} {version}" for name, version in about["libraries"].items())
    return (
        f"TinyML Lab {about['tinyml_lab']}, {about['system']}, {about['processor']}, {about['cores']} cores, "
        f"Python {about['python']}; {libraries}."
    )
