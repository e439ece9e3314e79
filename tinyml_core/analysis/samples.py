"""Recordings and points as a small drawing: one panel a sample, one line a channel."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinyml_core.domain.dataset import Arrays, Dataset, Task

if TYPE_CHECKING:
    import numpy as np


PANEL_PX, HEIGHT_PX, CURVE_GAP_PX = 64, 64, 8
EDGE_PX = 3

LINE_COLORS = ("#7b818b", "#2f86a6", "#b3662e")
"""Taken in turn by the channels; contrast above 3:1 on a white and on a dark page."""


def drawing(samples: Samples) -> str:
    """SVG of all series side by side, each on a scale of its own from its lowest to its highest value.

    Of kind `series` or `number`; points of the latter are drawn as dots in one wider panel.
    """
    panel_px = PANEL_PX if samples.kind == "series" else 3 * PANEL_PX
    width_px = len(samples.series) * (panel_px + CURVE_GAP_PX) - CURVE_GAP_PX
    panels = "".join(
        f'<g transform="translate({index * (panel_px + CURVE_GAP_PX)} 0)">{_panel(series, panel_px, samples.kind)}</g>'
        for index, series in enumerate(samples.series)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_px}" height="{HEIGHT_PX}" '
        f'viewBox="0 0 {width_px} {HEIGHT_PX}" fill="none">{panels}</svg>'
    )


def _panel(series: Series, panel_px: int, kind: str) -> str:
    across, marks = _scale(series.x, panel_px), []
    up = _scale([value for curve in series.curves for value in curve], HEIGHT_PX)
    for channel, curve in enumerate(series.curves):
        color = LINE_COLORS[channel % len(LINE_COLORS)]
        places = [(across(x), HEIGHT_PX - up(value)) for x, value in zip(series.x, curve, strict=True)]
        if kind == "series":
            line = " ".join(f"{left:.1f},{top:.1f}" for left, top in places)
            marks.append(f'<polyline points="{line}" stroke="{color}" stroke-width="1.2" stroke-linejoin="round"/>')
        else:
            marks += [f'<circle cx="{left:.1f}" cy="{top:.1f}" r="1.6" fill="{color}"/>' for left, top in places]
    return "".join(marks)


def _scale(values: Sequence[float], length_px: int) -> Callable[[float], float]:
    """From a value to its place in pixels; all in the middle if they are all the same."""
    low, high = min(values), max(values)
    if low == high:
        return lambda value: length_px / 2
    return lambda value: EDGE_PX + (value - low) / (high - low) * (length_px - 2 * EDGE_PX)


MOST, MOST_POINTS = 6, 100
"""Samples shown, and points of one curve."""

MOST_ROWS, MOST_VALUES = 3, 6
"""Of a table, told in words."""

SIDE_PX = 64
"""Each picture is enlarged by a whole factor to at least this side, pixel by pixel: nothing is smoothed over."""

GAP_PX = 4


@dataclass(frozen=True, slots=True)
class Series:
    """One sample as curves, or one scatter of points; the label is empty where the data set has no classes.

    `x` is the place in time, counted in steps of the recording, or the input itself, up to 100 values; `curves` are one
    list of values a channel, each as long as `x`.
    """

    label: str
    x: tuple[float, ...]
    curves: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Samples:
    """Up to six samples; a picture of them comes beside as PNG, whose size is 0 where there is none.

    Attributes:
        kind: `image`: see the PNG; `series`: one entry of `series` a sample; `number`: one entry that holds all points, or
            none where a sample has several values: then the words tell all.
        labels: What each of them is, in order; empty texts where the data set has no classes.
        words: What is shown, in one sentence: for those who cannot see it.
    """

    kind: str
    labels: tuple[str, ...]
    words: str
    series: tuple[Series, ...] = ()
    width_px: int = 0
    height_px: int = 0


def chosen(dataset: Dataset, arrays: Arrays) -> np.ndarray:
    """Indices of up to six training samples: the first of each class in turn, then the second of each, and so on.

    Anomalies are found in the held-out part alone: half of those shown are such, the other half normal ones to train on.
    """
    import numpy as np

    if dataset.task is Task.ANOMALY:
        anomalous = arrays.test[arrays.y[arrays.test] == 1]
        return np.concatenate([arrays.train[: MOST // 2], anomalous[: MOST // 2]])
    if dataset.classes is None:
        return arrays.train[:MOST]
    labels = arrays.y[arrays.train]
    ranks = np.zeros(len(labels), dtype=np.int64)
    for label in range(dataset.classes):
        of_label = labels == label
        ranks[of_label] = np.arange(of_label.sum())
    return arrays.train[np.lexsort((labels, ranks))[:MOST]]


def label_of(dataset: Dataset, label: int) -> str:
    """The name of a class, or its number."""
    return dataset.class_names[label] if dataset.class_names else str(label)


def samples(dataset: Dataset, arrays: Arrays) -> tuple[Samples, dict[str, bytes]]:
    """Samples of a data set, and a PNG `png` of them; none where curves tell more."""
    picked = chosen(dataset, arrays)
    known = dataset.classes is not None or bool(dataset.class_names)
    labels = tuple(label_of(dataset, int(arrays.y[index])) if known else "" for index in picked)
    named = f": {', '.join(labels)}" if known else ""
    if dataset.kind_of_sample == "image":
        png, width, height = montage(arrays.x[picked].astype("float32") * arrays.x_scale)
        words = f"{len(picked)} pictures{named}."
        return Samples("image", labels, words, width_px=width, height_px=height), {"png": png}
    if dataset.kind_of_sample == "number":
        if arrays.x[0].size != 1 or arrays.y.shape[1:] != (1,):
            return Samples("number", labels, _in_words(arrays, picked, labels)), {}
        words = f"Input and target of {len(arrays.train[:MOST_POINTS])} samples."
        return Samples("number", ("",), words, (_points(arrays),)), {}
    words = f"{len(picked)} recordings of {arrays.x.shape[-1]} channels{named}."
    curves = tuple(recording(arrays, index, label) for index, label in zip(picked, labels, strict=True))
    return Samples("series", labels, words, curves), {}


def recording(arrays: Arrays, index: int, label: str) -> Series:
    """One recording, a curve a channel; time runs along the second last axis."""
    values = arrays.x[index].astype("float64") * arrays.x_scale
    values = values.reshape(-1, values.shape[-1])
    step = -(-len(values) // MOST_POINTS)
    rounded = tuple(tuple(round(float(value), 4) for value in channel) for channel in values[::step].T)
    return Series(label, tuple(float(place) for place in range(0, len(values), step)), rounded)


def _in_words(arrays: Arrays, picked: np.ndarray, labels: tuple[str, ...]) -> str:
    """Rows of a table in one sentence: the first values of the first few, with what each of them is."""
    rows = []
    for index, label in zip(picked[:MOST_ROWS], labels, strict=False):
        values = arrays.x[index].ravel()
        told = ", ".join(f"{float(value) * arrays.x_scale:.4g}" for value in values[:MOST_VALUES])
        of = label or (f"{float(arrays.y[index].ravel()[0]):.4g}" if len(arrays.y) else "")
        rows.append(f"({told}{', ...' if len(values) > MOST_VALUES else ''}){f' is {of}' if of else ''}")
    return f"For instance {'; '.join(rows)}."


def _points(arrays: Arrays) -> Series:
    """Target against input of the first training samples, from left to right."""
    x, y = (values[arrays.train[:MOST_POINTS]].ravel() for values in (arrays.x, arrays.y))
    points = sorted((round(float(a) * arrays.x_scale, 4), round(float(b), 4)) for a, b in zip(x, y, strict=True))
    return Series("", tuple(a for a, _ in points), (tuple(b for _, b in points),))


def montage(pictures: np.ndarray) -> tuple[bytes, int, int]:
    """Pictures `(samples, height, width, channels)`, 0 to 1, one channel (grey) or three (RGB), side by side.

    Gives a PNG, its width and its height.
    """
    import numpy as np
    from PIL import Image

    number, height, width, channels = pictures.shape
    factor = max(1, -(-SIDE_PX // max(height, width)))
    enlarged = np.clip(np.round(pictures * 255), 0, 255).astype(np.uint8).repeat(factor, axis=1).repeat(factor, axis=2)
    wide = number * width * factor + (number - 1) * GAP_PX
    # Between the pictures nothing is drawn, so that the page's own ground shows.
    sheet = np.zeros((height * factor, wide, 4), dtype=np.uint8)
    for index, picture in enumerate(enlarged):
        left = index * (width * factor + GAP_PX)
        sheet[:, left : left + width * factor, :3] = picture if channels == 3 else picture[..., :1]
        sheet[:, left : left + width * factor, 3] = 255
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, "PNG", optimize=True)
    return file.getvalue(), wide, height * factor
