"""What every chart must keep: it finds its columns, survives odd frames, and describes itself in words."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from tinyml_core.catalog import discover
from tinyml_core.charts.base import VERDICT_COLORS, Chart, ordered_rows, wrapped

NAN = math.nan
KB = 1024.0
CHARTS: dict[str, Chart] = discover("tinyml_core.charts", "CHART")
TECHNIQUES = (
    ("float32", "float32", 102.0, 0.971, "runs"),
    ("float16", "float16", 52.6, 0.971, "refused"),
    ("dynamic", "Dynamic range", 32.8, 0.969, "refused"),
    ("int8_float_io", "int8 with float in and out", 30.4, 0.967, "runs"),
    ("int8", "Full integer (int8)", 29.3, 0.967, "runs"),
    ("int16x8", "Integer 16x8", 31.0, 0.971, "not executed"),
    ("qat_int8", "Quantization-aware training, int8", 29.6, 0.969, "runs"),
)
DOMAIN = [title for _, title, *_ in TECHNIQUES]
NUMBERS = [
    "flash_bytes", "tflite_bytes", "gzip_bytes", "c_source_bytes", "smaller_factor", "score", "score_low", "score_high",
    "samples", "changed", "worse", "better", "arena_bytes", "latency_p50_ms", "latency_p90_ms",
]  # fmt: skip
FITS_NUMBERS = [
    "flash_needed_bytes", "flash_available_bytes", "ram_needed_bytes", "ram_available_bytes", "latency_low_ms",
    "latency_ms", "latency_high_ms", "macs", "cycles", "share",
]  # fmt: skip


def table() -> pd.DataFrame:
    """One row a variant, as `compare/comparison.py` makes it."""
    rows = [
        {
            "technique": name, "title": title, "order": order, "flash_bytes": flash_kb * KB,
            "tflite_bytes": flash_kb * KB - 8, "gzip_bytes": flash_kb * KB * 0.8, "c_source_bytes": flash_kb * KB * 6,
            "smaller_factor": 102 / flash_kb, "metric": "accuracy", "score": score, "score_low": score - 0.02,
            "score_high": score + 0.012, "samples": 450.0, "changed": 3.0, "worse": 2.0, "better": 1.0,
            "micro_status": status, "arena_bytes": 4100.0 if status == "runs" else NAN, "latency_p50_ms": 0.01 * order,
            "latency_p90_ms": 0.013 * order, "pareto": name in ("float32", "int8"), "picked": name == "int8", "status": "measured",
        }
        for order, (name, title, flash_kb, score, status) in enumerate(TECHNIQUES, start=1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def fits() -> pd.DataFrame:
    """One row a variant and board, with each verdict."""
    verdicts = list(VERDICT_COLORS)
    rows = [
        {
            "technique": name, "title": title, "order": order, "board": board, "board_title": board_title,
            "board_order": board_order, "verdict": verdicts[(order + board_order) % 5],
            "symbol": "✓▲✗⊘?"[(order + board_order) % 5], "flash_needed_bytes": 90_000.0,
            "flash_available_bytes": 262_144.0, "ram_needed_bytes": 30_000.0, "ram_available_bytes": NAN,
            "reason": "RAM is too small by 4.0 KB.", "latency_low_ms": 40.0 * order, "latency_ms": 50.0 * order,
            "latency_high_ms": 75.0 * order, "latency_text": "about 50 ms, estimated", "runtime": "TFLM with CMSIS-NN",
        }
        for order, (name, title, *_) in enumerate(TECHNIQUES, start=1)
        for board_order, (board, board_title) in enumerate((("nano", "Arduino Nano 33 BLE"), ("pico", "Pico")))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def operators() -> pd.DataFrame:
    """One row an operator, one of them of unknown cost."""
    rows = [
        {
            "label": f"{number}. {operator.lower()}", "operator": operator, "kind": "conv", "dtype": "int8",
            "macs": 1000.0 * number, "cycles": NAN if number == 2 else 4000.0 * number, "share": 0.25, "shape": "1 x 8 x 8",
        }
        for number, operator in enumerate(("CONV_2D", "BATCH_MATMUL", "SOFTMAX"), start=1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def bits() -> pd.DataFrame:
    """One row a number of bits and granularity, and one measured variant."""
    rows = [
        {
            "label": f"{count} bits, {series}", "series": series, "bits": float(count), "order": order, "metric": "accuracy",
            "score": 0.5 + 0.02 * count, "score_low": 0.48 + 0.02 * count, "score_high": 0.51 + 0.02 * count,
        }
        for order, (series, count) in enumerate((("per tensor", 8), ("per tensor", 2), ("per channel", 8), ("measured", 4)))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def weights() -> pd.DataFrame:
    """float32's weights in bins, an int8 variant's one by one, most of them zero."""
    sides = (("before", DOMAIN[0], "bin", 0), ("after", DOMAIN[4], "value", 900))
    rows = [
        {
            "title": title, "order": float(side == "after"), "side": side, "kind": kind, "low": low,
            "high": low + (0.1 if kind == "bin" else 0.0), "count": count, "elements": 1000, "distinct": 5,
        }
        for side, title, shape, zeros in sides
        for kind, low, count in [("zeros", 0.0, zeros), *((shape, -0.2 + 0.1 * number, 20 + number) for number in range(5))]
    ]  # fmt: skip
    return pd.DataFrame(rows)


def layers() -> pd.DataFrame:
    """One row a layer, the worst first."""
    rows = [
        {"label": f"{rank}. {name}", "operator": "CONV_2D", "damage_percent": damage, "rank": rank}
        for rank, (name, damage) in enumerate((("dense", 0.7), ("conv2d", 0.001), ("conv2d_1", 0.0)), start=1)
    ]
    return pd.DataFrame(rows)


def ranges() -> pd.DataFrame:
    """One row a variant, floats without a range."""
    rows = [
        {
            "title": title, "order": order, "dtype": "float32" if order < 3 else "int8",
            "low": NAN if order < 3 else -1.0, "high": NAN if order < 3 else 0.99, "step": NAN if order < 3 else 0.0078,
        }
        for order, title in enumerate(DOMAIN)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def file_parts() -> pd.DataFrame:
    """One row a part of a file."""
    parts = (("1. conv2d", "weights", 600), ("2. dense", "weights", 300), ("graph", "graph", 100))
    return pd.DataFrame(
        [{"label": name, "kind": kind, "size_bytes": size, "share": size / 1000} for name, kind, size in parts]
    )


def memory() -> pd.DataFrame:
    """One row a tensor and operator of one variant, the second operator being the peak."""
    rows = [
        {
            "title": DOMAIN[4], "tensor": f"tensor {number}", "shape": "1 x 8", "operator": f"{place}. conv 2d",
            "place": place, "start": place - 0.5, "end": place + 0.5, "low_bytes": 64 * number, "high_bytes": 64 * number + 64,
            "size_bytes": 64, "at_peak": place == 2, "top_bytes": 192.0, "measured_bytes": 192.0,
        }
        for place, live in ((1, 2), (2, 3), (3, 1)) for number in range(live)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def scales() -> pd.DataFrame:
    """One row a channel of one tensor."""
    return pd.DataFrame(
        [
            {"label": "conv2d/kernel", "channel": number, "scale": 0.01 + 0.001 * number, "zero_point": 0}
            for number in range(5)
        ]
    )


def errors() -> pd.DataFrame:
    """One row a layer and curve; the input is exact."""
    rows = [
        {
            "label": label, "place": place, "series": series, "snr_db": NAN if exact else 40.0 - 5 * place,
            "text": "no error" if exact else f"{40 - 5 * place} dB", "operator": "CONV_2D", "cosine": 0.99, "worst": 0.1,
            "worst_steps": NAN if exact else 1.5, "exact": exact, "blamed": label == "dense",
        }
        for series in ("its own weights", "the model as it was")
        for place, (label, exact) in enumerate((("input", True), ("conv2d", False), ("dense", False)), start=1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def confusion() -> pd.DataFrame:
    """One row a true class and answer: a cat became a dog."""
    names, counts, before = (
        ("cat", "dog", "fox"),
        ((8, 2, 0), (0, 10, 0), (1, 0, 9)),
        ((9, 1, 0), (0, 10, 0), (1, 0, 9)),
    )
    rows = [
        {
            "title": names[truth], "answer": names[answer], "truth_place": truth, "answer_place": answer,
            "count": counts[truth][answer], "before": before[truth][answer],
            "difference": counts[truth][answer] - before[truth][answer],
        }
        for truth in range(3) for answer in range(3)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def answers() -> pd.DataFrame:
    """One row a sample and file."""
    rows = [
        {
            "title": title, "side": side, "place": place, "kind": "changed" if place == 2 else "same answer",
            "truth": float(place % 2), "before": 0.5 + 0.1 * place, "after": 0.45 + 0.1 * place, "value": 0.1 + place,
            "limit": 2.0,
        }
        for title, side in ((DOMAIN[0], "before"), (DOMAIN[4], "after")) for place in range(4)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def calibration() -> pd.DataFrame:
    """One row a bin of confidence and file."""
    rows = [
        {
            "title": title, "side": side, "confidence": 0.55 + 0.1 * number, "accuracy": 0.5 + 0.1 * number,
            "samples": 10.0 * number, "low": 0.5 + 0.1 * number, "high": 0.6 + 0.1 * number,
        }
        for title, side in ((DOMAIN[0], "before"), (DOMAIN[4], "after")) for number in range(4)
    ]  # fmt: skip
    return pd.DataFrame(rows)


FRAMES = {
    "table": table, "fits": fits, "operators": operators, "bits": bits, "layers": layers, "weights": weights,
    "ranges": ranges, "file_parts": file_parts, "memory": memory, "scales": scales, "errors": errors,
    "confusion": confusion, "answers": answers, "calibration": calibration,
}  # fmt: skip


def failed(frame: pd.DataFrame, rows: slice) -> pd.DataFrame:
    """The frame with these rows as a failure leaves them: no numbers."""
    changed = frame.copy()
    numbers = [column for column in NUMBERS + FITS_NUMBERS if column in changed]
    changed.loc[changed.index[rows], numbers] = NAN
    for column in ("micro_status", "reason"):
        if column in changed:
            changed[column] = changed[column].astype(object)
            changed.loc[changed.index[rows], column] = None
    if "pareto" in changed:
        changed.loc[changed.index[rows], "pareto"] = False
    return changed


def mae(frame: pd.DataFrame) -> pd.DataFrame:
    """The same variants scored by mean absolute error."""
    if "metric" not in frame:
        return frame
    score = 0.02 + 0.001 * frame["order"]
    return frame.assign(metric="mean_absolute_error", score=score, score_low=score - 0.003, score_high=score + 0.004)


VARIATIONS = {
    "full": lambda frame: frame,
    "empty": lambda frame: frame.iloc[:0],
    "one row": lambda frame: frame.iloc[:1],
    "one failed row": lambda frame: failed(frame.iloc[:1], slice(0, 1)),
    "two failed rows": lambda frame: failed(frame, slice(1, 3)),
    "all failed": lambda frame: failed(frame, slice(None)),
    "mean absolute error": mae,
    "perfect score": lambda frame: frame.assign(score=1.0, score_low=1.0, score_high=1.0),
    "columns of objects": lambda frame: frame.astype(object),
}


def frame_for(chart: Chart, variation: str) -> pd.DataFrame:
    """The varied frame with only the columns that the chart says it needs."""
    varied = VARIATIONS[variation](FRAMES[chart.frame]())
    return varied[list(chart.columns)]


def views(spec: dict[str, Any], data: dict[str, Any] | None = None) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each view of a specification that draws marks, with the data it draws."""
    data = spec.get("data", data)
    parts = [part for key in ("layer", "vconcat", "hconcat", "concat") for part in spec.get(key, [])]
    if isinstance(spec.get("spec"), dict):
        parts.append(spec["spec"])
    for part in parts:
        yield from views(part, data)
    if "mark" in spec:
        assert data is not None
        yield spec, data


def fields(part: object) -> Iterator[str]:
    """Every field named anywhere in a part: by encodings, conditions, and expressions as `datum.field`."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "field" and isinstance(value, str):
                yield value
            elif key == "expr" and isinstance(value, str):
                yield from re.findall(r"datum\.(\w+)", value)
            elif key != "axis":  # axis expressions speak of labels, not of rows
                yield from fields(value)
    elif isinstance(part, list):
        for value in part:
            yield from fields(value)


each_chart = pytest.mark.parametrize("chart", CHARTS.values(), ids=list(CHARTS))


def test_all_charts_are_found() -> None:
    assert {"tradeoff", "four_sizes", "weights", "scores", "host_latency", "board_map"} <= set(CHARTS)
    assert len({chart.order for chart in CHARTS.values()}) == len(CHARTS)


@each_chart
def test_says_what_it_is(chart: Chart) -> None:
    assert chart.title
    assert chart.question.endswith("?")


@each_chart
@pytest.mark.parametrize("variation", VARIATIONS)
def test_every_encoded_field_is_a_column_of_its_data(chart: Chart, variation: str) -> None:
    """Altair draws nothing for a misspelt column when its type is given, and raises no error."""
    spec = chart.draw(frame_for(chart, variation), DOMAIN).to_dict()  # validates the schema too
    seen = 0
    for view, data in views(spec):
        rows = spec["datasets"][data["name"]]
        if rows:
            named = set(fields([view.get("encoding"), view.get("mark")]))
            assert named <= set(rows[0]), named - set(rows[0])
            seen += len(named)
    assert seen or variation in ("empty", "one failed row", "all failed")


@each_chart
def test_every_encoding_gives_its_type(chart: Chart) -> None:
    for view, _ in views(chart.draw(frame_for(chart, "full"), DOMAIN).to_dict()):
        for channel, encoding in view["encoding"].items():
            for part in encoding if isinstance(encoding, list) else [encoding]:
                assert "field" not in part or "type" in part or channel in ("x2", "y2"), channel


@each_chart
def test_is_as_wide_as_the_page(chart: Chart) -> None:
    assert chart.draw(frame_for(chart, "full"), DOMAIN).to_dict()["width"] == "container"


@each_chart
def test_colour_of_a_technique_is_the_same_whoever_else_is_drawn(chart: Chart) -> None:
    for variation in ("full", "one row"):
        for view, _ in views(chart.draw(frame_for(chart, variation), DOMAIN).to_dict()):
            color = view["encoding"].get("color", {})
            if color.get("field") == "title":
                assert color["scale"] == {"domain": DOMAIN}


@each_chart
@pytest.mark.parametrize("variation", VARIATIONS)
def test_text_alternative_names_every_technique(chart: Chart, variation: str) -> None:
    frame = frame_for(chart, variation)
    words = chart.alt(frame)
    assert words.strip()
    assert "nan" not in words
    for title in frame["title" if "title" in frame else "label"]:
        assert str(title) in words


@each_chart
def test_does_not_change_its_frame(chart: Chart) -> None:
    frame = frame_for(chart, "two failed rows")
    before = frame.copy(deep=True)
    chart.draw(frame, DOMAIN)
    chart.alt(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_rows_stand_in_the_order_of_the_techniques() -> None:
    assert list(ordered_rows(table().iloc[::-1])["title"]) == DOMAIN


def test_clicking_a_point_picks_a_technique() -> None:
    chart = CHARTS["tradeoff"]
    params = chart.draw(frame_for(chart, "full"), DOMAIN).to_dict()["params"]
    assert [(param["name"], param["select"]["fields"]) for param in params] == [("picked", ["technique"])]


def test_labels_of_the_tradeoff_do_not_cover_each_other() -> None:
    chart = CHARTS["tradeoff"]
    spec = chart.draw(frame_for(chart, "full"), DOMAIN).to_dict()
    rows = {row["title"]: row for data in spec["datasets"].values() for row in data}.values()
    low, high = next(v["encoding"]["y"]["scale"]["domain"] for v, _ in views(spec) if "scale" in v["encoding"]["y"])
    column = sorted((row for row in rows if row["align"] == "left"), key=lambda row: -row["label_score"])
    for above, below in itertools.pairwise(column):
        apart_px = (above["label_score"] - below["label_score"]) / (high - low) * spec["height"]
        assert apart_px >= (above["label_lines"] + below["label_lines"]) * 15 / 2


def test_axis_of_an_error_says_that_lower_is_better() -> None:
    for name in ("tradeoff", "scores"):
        assert "lower is better" in str(
            CHARTS[name].draw(frame_for(CHARTS[name], "mean absolute error"), DOMAIN).to_dict()
        )


def test_latency_on_this_computer_has_no_technique_colour() -> None:
    chart = CHARTS["host_latency"]
    spec = chart.draw(frame_for(chart, "full"), DOMAIN).to_dict()
    assert not any("color" in view["encoding"] for view, _ in views(spec))
    assert "not rank" in str(spec["title"])


def sizes_drawn(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """What the chart of sizes draws as marks: one row a variant and size."""
    spec = CHARTS["four_sizes"].draw(frame, DOMAIN).to_dict()
    points = [(view, data) for view, data in views(spec) if view["mark"]["type"] == "point"]
    return [row for _, data in points for row in spec["datasets"][data["name"]]]


def test_each_of_the_four_sizes_has_a_mark_of_its_own_shape() -> None:
    chart = CHARTS["four_sizes"]
    frame = frame_for(chart, "full")
    drawn = sizes_drawn(frame)
    assert len(drawn) == 4 * len(frame)
    scale = chart.draw(frame, DOMAIN).to_dict()
    shapes = [view["encoding"]["shape"]["scale"] for view, _ in views(scale) if view["mark"]["type"] == "point"]
    assert all(len(set(each["range"])) == len(each["domain"]) == 4 for each in shapes)


def test_pruning_shrinks_the_gzip_mark_and_not_flash_and_packing_shrinks_flash() -> None:
    rows = frame_for(CHARTS["four_sizes"], "full").iloc[:3].copy()
    rows["flash_bytes"] = [32_000.0, 32_000.0, 22_600.0]
    rows["gzip_bytes"] = [26_000.0, 12_000.0, 17_000.0]
    found = {(row["title"], row["name"]): row["size_kb"] for row in sizes_drawn(rows)}
    plain, pruned, packed = rows["title"]
    assert found[pruned, "flash_bytes"] == found[plain, "flash_bytes"]
    assert found[pruned, "gzip_bytes"] < found[plain, "gzip_bytes"] / 2
    assert found[packed, "flash_bytes"] < found[plain, "flash_bytes"]


def test_thirty_one_variants_stay_readable_and_on_few_screens() -> None:
    chart = CHARTS["four_sizes"]
    one = frame_for(chart, "one row")
    many = pd.concat([one.assign(title=f"Pruned {n} %, full integer", order=n) for n in range(31)])
    spec = chart.draw(many, sorted(many["title"])).to_dict()
    assert 31 * 20 <= spec["height"] <= 1200


def test_zeros_that_outnumber_all_else_are_cut_and_say_so() -> None:
    chart = CHARTS["weights"]
    spec = chart.draw(frame_for(chart, "full"), DOMAIN).to_dict()
    rows = {(row["side"], row["kind"]): row for data in spec["datasets"].values() for row in data if "kind" in row}
    assert rows["after", "zeros"]["zeros_text"] == "90 % zeros (cut)"
    assert abs(rows["after", "zeros"]["height"]) < 1.5
    assert ("before", "zeros") not in rows  # float32 has none


def test_float32_and_a_right_answer_more_are_told_apart_by_sign_as_well_as_by_colour() -> None:
    chart = CHARTS["confusion_change"]
    spec = chart.draw(frame_for(chart, "full"), DOMAIN).to_dict()
    rows = {(row["title"], row["answer"]): row for data in spec["datasets"].values() for row in data}
    assert rows["cat", "cat"]["text"] == "-1" and rows["cat", "dog"]["text"] == "+1"
    assert rows["cat", "cat"]["fill"] == rows["cat", "dog"]["fill"] != rows["dog", "dog"]["fill"]


def test_a_layer_without_error_stands_furthest_right_and_says_so() -> None:
    chart = CHARTS["layer_errors"]
    spec = chart.draw(frame_for(chart, "full"), DOMAIN).to_dict()
    rows = [row for data in spec["datasets"].values() for row in data if "at" in row]
    assert max(rows, key=lambda row: row["at"])["text"] == "no error"


def test_before_stands_above_the_line_and_after_below() -> None:
    chart = CHARTS["weights"]
    spec = chart.draw(frame_for(chart, "full"), DOMAIN).to_dict()
    for data in spec["datasets"].values():
        for row in data:
            if row.get("kind") in ("bin", "value"):
                assert (row["height"] > 0) == (row["side"] == "before")


def test_long_names_are_broken_at_spaces_and_hyphens() -> None:
    assert wrapped("Quantization-aware training", 16) == "Quantization-\naware training"
    assert wrapped("STM32 NUCLEO-F072RB", 10) == "STM32\nNUCLEO-\nF072RB"
    assert wrapped("int8", 10) == "int8"
    assert wrapped("", 10) == ""
