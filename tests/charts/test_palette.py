"""The palette of `.streamlit/config.toml`: a colour for every technique, readable on its page."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tinyml_core.compress import techniques
from tinyml_core.compress.techniques import MOST_COMPOSED

READABLE = 4.5
"""WCAG 2, contrast of small text."""
CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
each_theme = pytest.mark.parametrize(
    "theme", [CONFIG["theme"]["light"], CONFIG["theme"]["dark"]], ids=["light", "dark"]
)


def linear_rgb(colour: str) -> tuple[float, ...]:
    """Red, green and blue of sRGB, from 0 to 1, in proportion to light."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2, from 1 to 21."""
    low, high = sorted(
        sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear_rgb(colour), strict=True))
        for colour in (one, other)
    )
    return (high + 0.05) / (low + 0.05)


@each_theme
def test_every_technique_and_every_composed_one_has_a_colour_of_its_own(theme: dict[str, Any]) -> None:
    colours = theme["chartCategoricalColors"]
    assert len(colours) >= len(techniques.techniques()) + MOST_COMPOSED
    assert len(set(colours)) == len(colours)


@each_theme
def test_labels_in_every_colour_can_be_read(theme: dict[str, Any]) -> None:
    for colour in theme["chartCategoricalColors"]:
        assert contrast(colour, theme["backgroundColor"]) >= READABLE, colour


@each_theme
def test_no_two_colours_are_nearly_the_same(theme: dict[str, Any]) -> None:
    for one, other in itertools.combinations(theme["chartCategoricalColors"], 2):
        apart = sum(abs(int(one[start : start + 2], 16) - int(other[start : start + 2], 16)) for start in (1, 3, 5))
        assert apart >= 30, (one, other)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
