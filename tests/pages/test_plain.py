"""Words of a stranger in Markdown: nothing in them acts, and what is copied is what was meant."""

from __future__ import annotations

import pytest

from pages.shared.plain import plain

JOINER = "\u2060"


@pytest.mark.parametrize("text", ["from 0 to 0.5", "mine.v2.tflite", "5 x 3"])
def test_numbers_and_file_names_can_be_copied(text: str) -> None:
    assert JOINER not in plain(text)


def test_underscores_and_stars_are_escaped() -> None:
    assert plain("_my_*model*") == r"\_my\_\*model\*"


@pytest.mark.parametrize(
    "text", ["https://evil.example", "http://evil.example", "www.evil.example", "WWW.evil.example", "me@evil.example"]
)
def test_nothing_looks_like_an_address_to_a_browser(text: str) -> None:
    found = plain(text)
    assert (
        not any(sign in found for sign in ("://", ":\\//", "www.", "WWW.")) and f"@{JOINER}" in found
    ) or "@" not in text
