"""Thumbnails of recordings and points: a line a channel, inside of the picture."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from tinyml_core.sample_curves import HEIGHT_PX, PANEL_PX, drawing
from tinyml_core.samples import Samples, Series

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
