"""Thumbnails of recordings and points: a line a channel, inside of the picture."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from tinyml_core import catalog
from tinyml_core.analysis.samples import HEIGHT_PX, PANEL_PX, Samples, Series, drawing, samples
from tinyml_core.domain.dataset import Arrays

SVG = "{http://www.w3.org/2000/svg}"


def recordings(*curves: tuple[float, ...]) -> Samples:
    """Two recordings with these channels."""
    x = tuple(float(place) for place in range(len(curves[0])))
    return Samples("series", ("a", "b"), "2 recordings.", (Series("a", x, curves), Series("b", x, curves)))


def test_every_channel_of_every_recording_is_a_line() -> None:
    tree = ElementTree.fromstring(drawing(recordings((0.0, 1.0, 0.5), (-1.0, 3.0, 2.0))))
    assert len(tree.findall(f"{SVG}g")) == 2
    assert len(tree.findall(f"{SVG}g/{SVG}polyline")) == 4


def test_no_line_leaves_its_panel() -> None:
    tree = ElementTree.fromstring(drawing(recordings((0.0, 1e6, -1e6), (5.0, 5.0, 5.0))))
    for line in tree.iter(f"{SVG}polyline"):
        for place in str(line.get("points")).split():
            left, top = (float(part) for part in place.split(","))
            assert 0 <= left <= PANEL_PX
            assert 0 <= top <= HEIGHT_PX


def test_larger_values_stand_higher() -> None:
    tree = ElementTree.fromstring(drawing(recordings((0.0, 1.0))))
    first, last = str(next(tree.iter(f"{SVG}polyline")).get("points")).split()
    assert float(first.split(",")[1]) > float(last.split(",")[1])


def test_a_recording_that_never_changes_is_a_line_in_the_middle() -> None:
    text = drawing(recordings((2.0, 2.0)))
    assert set(re.findall(r",(\d+\.\d)", text)) == {f"{HEIGHT_PX / 2:.1f}"}


def test_points_are_dots() -> None:
    points = Samples("number", ("",), "Points.", (Series("", (0.0, 1.0, 2.0), ((0.0, 0.8, 0.9),)),))
    tree = ElementTree.fromstring(drawing(points))
    assert len(list(tree.iter(f"{SVG}circle"))) == 3


def table(x: np.ndarray, y: np.ndarray, **changes: object) -> Samples:
    """What is shown of a table."""
    arrays = Arrays(x=x, y=y, train=np.arange(len(x)), test=np.arange(0), x_scale=1.0)
    return samples(replace(catalog.dataset("sine"), input_shape=x.shape[1:], **changes), arrays)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("y", [np.ones((8, 1)), np.zeros(0), np.arange(8) % 2])
def test_rows_of_several_values_are_told_in_words(y: np.ndarray) -> None:
    shown = table(np.arange(24.0).reshape(8, 3), y)
    assert shown.kind == "number" and not shown.series
    assert shown.words.startswith("For instance (0, 1, 2)")


def test_a_row_says_its_class_by_name() -> None:
    words = table(np.zeros((8, 9)), np.arange(8) % 2, classes=2, class_names=("off", "on")).words
    assert "(0, 0, 0, 0, 0, 0, ...) is off" in words and "is on" in words


def test_one_input_and_one_target_are_points_of_which_none_is_made_up() -> None:
    shown = table(np.arange(5.0).reshape(5, 1), np.arange(5.0).reshape(5, 1))
    assert shown.words == "Input and target of 5 samples." and shown.series[0].x == (0.0, 1.0, 2.0, 3.0, 4.0)
