"""What every column must keep: it works, and page, terminal, report, CSV, record and requirements show it and no other."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any, get_args

import pytest
from streamlit.testing.v1 import AppTest

from tinyml_core.boards.board import DEFAULT_BOARDS, boards
from tinyml_core.cli.text_table import comparison_text
from tinyml_core.compare import frames
from tinyml_core.compare.assemble import compare_rows
from tinyml_core.compare.columns import COLUMNS, Column, Where, placed
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import Question
from tinyml_core.compare.record import variant_record
from tinyml_core.compare.requirements import NUMBERS, requirement, unmet
from tinyml_core.compare.tradeoff import Tradeoff
from tinyml_core.compress import techniques
from tinyml_core.domain.outcome import Failure, Latency
from tinyml_core.export.report import report

if TYPE_CHECKING:
    from tests.conftest import Made

NAMES = [column.name for column in COLUMNS]
PLACES: tuple[Where, ...] = get_args(Where)
FAILED = Failure("converting", "It cannot.", "Choose another.")
each_column = pytest.mark.parametrize("column", COLUMNS, ids=NAMES)


@pytest.fixture(scope="module")
def comparison(made: Made) -> Comparison:
    """float32, int8 of which everything is known, and one each that failed, waits, and cannot be read."""
    outcomes = {
        "float32": made.measurement(6400, 0.98),
        "int8": made.measurement(),
        "float16": FAILED,
        "dynamic": None,
        "int16x8": replace(made.measurement(), inspection=FAILED),
    }
    question = Question("digits", "digits", tuple(outcomes), DEFAULT_BOARDS)
    rows = [Row(techniques.technique(name), outcome) for name, outcome in outcomes.items()]
    found = compare_rows(question, rows, outcomes["float32"], boards())
    known = {
        "latency": Latency(0.2, 0.3, (0.2, 0.3), False),
        "agreement": made.agreement(),
        "tradeoff": Tradeoff(4800, 0.01, False, 4800.0, "4.7 KB for 1.0 points: 4.7 KB a point"),
    }
    return replace(
        found, rows=tuple(replace(row, **known) if row.technique.name == "int8" else row for row in found.rows)
    )


def row_of(comparison: Comparison, technique: str) -> Row:
    found = comparison.row(technique)
    assert found is not None
    return found


def heads(where: Where, comparison: Comparison) -> list[str]:
    return [column.head_at(where, comparison) for column in placed(where, comparison)]


def drawn() -> None:
    """The page's table alone, as a page of its own."""
    import streamlit

    from pages.compare import table

    table.draw(streamlit.session_state["comparison"])


# ---- One column ----------------------------------------------------------------------------------------------------


@each_column
def test_what_is_known_of_a_variant_has_a_value_and_a_cell_wherever_it_stands(
    column: Column, comparison: Comparison
) -> None:
    row = row_of(comparison, "int8")
    assert column.name == "board_time" or column.value(row) is not None
    for where in PLACES:
        assert column.place(where) is None or column.shown(where, row, comparison) is not None


@each_column
def test_what_is_not_known_breaks_nothing(column: Column, comparison: Comparison) -> None:
    for row in comparison.rows:
        for where in PLACES:
            assert column.place(where) is None or isinstance(
                column.shown(where, row, comparison), str | float | int | None
            )


@each_column
def test_a_column_stands_somewhere_once_and_has_a_head_there(column: Column, comparison: Comparison) -> None:
    assert NAMES.count(column.name) == 1
    places = [where for where in PLACES if column.place(where)]
    assert places or column.required
    assert all(column.head_at(where, comparison) for where in places)


@each_column
def test_a_number_on_the_page_says_what_it_is(column: Column, comparison: Comparison) -> None:
    if column.page and column.name not in ("technique", "state"):
        assert column.tooltip(comparison)


@each_column
def test_the_record_holds_exactly_the_columns_value(column: Column, comparison: Comparison) -> None:
    for row in comparison.rows:
        found: Any = variant_record(row)
        for key in column.record:
            found = None if found is None else found[key]
        assert not column.record or found == column.value(row)


@each_column
def test_what_can_be_required_is_compared_with_the_columns_value(column: Column, comparison: Comparison) -> None:
    if column.required:
        rows = {"int8": row_of(comparison, "int8")}
        value = column.value(rows["int8"])
        assert unmet((requirement(f"int8.{column.required}=={value!r}"),), rows, ()) == []
        below = requirement(f"int8.{column.required}<{value!r}")
        assert unmet((below,), rows, ()) == [f"{below.text}: it is {value:,.6g}."]


# ---- All of them ---------------------------------------------------------------------------------------------------


def test_the_text_table_has_the_columns_heads_and_no_other(comparison: Comparison) -> None:
    line = comparison_text(comparison, "Title").splitlines()[1]
    assert re.split(r" {2,}", line) == heads("terminal", comparison)


def test_csv_has_the_columns_names_and_no_other(comparison: Comparison) -> None:
    assert (
        list(frames.table(comparison)) == heads("csv", comparison) == [column.name for column in COLUMNS if column.csv]
    )


def test_the_report_has_the_columns_heads_and_explains_each(comparison: Comparison) -> None:
    tables = [re.findall("<th>(.*?)</th>", part) for part in report(comparison).split("<table>")]
    assert [unescape(head) for head in tables[1]] == heads("report", comparison)
    for column in placed("report", comparison):
        metric = column.about(comparison)
        assert metric is None or not column.explained or f"<td>{metric.title}</td>" in report(comparison)


def test_the_page_has_the_columns_heads_and_tooltips_and_no_other(comparison: Comparison) -> None:
    import json

    at = AppTest.from_function(drawn, default_timeout=60)
    at.session_state["comparison"] = comparison
    at.run()
    assert not at.exception
    configs = json.loads(at.dataframe[0].proto.columns)
    columns = placed("page", comparison)
    assert list(at.dataframe[0].value) == [column.title for column in columns]
    shown = {title: (configs[title].get("label", title), configs[title].get("help")) for title in at.dataframe[0].value}
    assert shown == {
        column.title: (column.head_at("page", comparison), column.tooltip(comparison)) for column in columns
    }


def test_nothing_else_can_be_required() -> None:
    assert list(NUMBERS) == [column.required for column in COLUMNS if column.required]


def test_the_table_of_columns_loads_neither_numpy_nor_pandas() -> None:
    code = "import tinyml_core.compare.columns, sys; sys.exit(bool({'numpy', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
