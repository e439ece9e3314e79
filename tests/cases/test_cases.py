"""What people really bring gets its right value, or the right question."""

from __future__ import annotations

import pytest

from tests.cases.cases import CASES, Case
from tests.cases.run import run

FIRST_OF_KIND = {case.kind: case for case in reversed(CASES)}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=() if FIRST_OF_KIND[case.kind] is case else pytest.mark.every) for case in CASES],
    ids=[f"{case.kind} {case.problem}" for case in CASES],
)
def test_a_case_gets_its_right_value_or_the_right_question(case: Case) -> None:
    found = run(case)
    assert found.wrong == ()
