"""`--require`: each requirement is met or has one line; what is unknown is not met; what is wrong is said before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinyml_core.compare.comparison import Row
from tinyml_core.compare.requirements import requirement, unmet
from tinyml_core.compress import techniques

if TYPE_CHECKING:
    from tests.conftest import Lab


def lines(lab: Lab, *texts: str) -> list[str]:
    comparison = lab.comparison("digits", "float32", "int8", "float16")
    rows = {row.technique.name: row for row in comparison.rows}
    return unmet(tuple(requirement(text) for text in texts), rows, tuple(board.name for board in comparison.boards))


@pytest.mark.parametrize(
    "text",
    [
        "int8.score>=0.9", "int8.score >= 90%", "int8.flash_bytes<=64KB", "int8.flash_bytes < 0.1 MB", "int8.smaller>2",
        "int8:runs", "int8@arduino_nano_33_ble_sense:fits", "float16@arduino_nano_33_ble_sense:cannot run",
        "float32.changed==0", "int8.arena_bytes>100",
    ],
)  # fmt: skip
def test_a_requirement_that_is_met_says_nothing(lab: Lab, text: str) -> None:
    if text == "float32.changed==0":
        assert lines(lab, text) == ["float32.changed==0: it is not known."]  # float32 is not compared with itself
    else:
        assert lines(lab, text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("int8.score>=0.9999", "it is 0.9"),
        ("int8.flash_bytes<=1KB", "it is 31"),
        ("float16:runs", "it is: refused"),
        ("float16@arduino_nano_33_ble_sense:fits", "it is: cannot run"),
        ("int16x8.score>=0.9", "there is no variant int16x8"),
        ("int8@no_such_board:fits", "it is not known"),
    ],
)
def test_a_requirement_that_is_not_met_says_what_is_instead(lab: Lab, text: str, words: str) -> None:
    (line,) = lines(lab, text)
    assert line.startswith(f"{text}: ") and words in line, line


def test_a_failed_variant_says_why_it_could_not_be_measured() -> None:
    from tinyml_core.domain.outcome import Failure

    row = Row(techniques.technique("int8"), outcome=Failure("converting", "The disk is full."))
    assert unmet((requirement("int8.score>0"),), {"int8": row}, ()) == [
        "int8.score>0: int8 could not be measured: The disk is full."
    ]


@pytest.mark.parametrize(
    "text", ["", "int8", "int8.score", "int8.score>=high", "int8.colour>1", "int8@board:great", ">=1", "int8.score=>1"]
)
def test_what_is_no_requirement_is_told_with_what_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"requirement|number|verdict"):
        requirement(text)
