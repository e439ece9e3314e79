"""What the documents name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "SECURITY.md"])
FILE = re.compile(r"`((?:[a-z_0-9]+/)*[a-z_0-9]+\.py)`")
ROOTS = (ROOT, ROOT / "tinyml_core")
"""A document names files from the top, or from the core."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    named = set(FILE.findall(document.read_text(encoding="utf-8")))
    assert {name for name in named if not any((root / name).is_file() for root in ROOTS)} == set()


def test_the_tour_names_every_room_and_answers_twenty_questions() -> None:
    tour = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.name for path in (ROOT / "tinyml_core").iterdir() if (path / "__init__.py").is_file()}
    assert {room for room in rooms if f"| `{room}/` |" not in tour} == set()
    answers = tour.partition("## Where is")[2]
    assert len(re.findall(r"^\| (?!question|---).+ \| `.+\.py` \|$", answers, flags=re.MULTILINE)) >= 20
