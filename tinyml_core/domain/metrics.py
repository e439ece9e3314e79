"""The one table that says how each number is called, its unit, its format and which way is better.

Table columns, tooltips, CSV headers and chart axes all read it, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tinyml_core.domain.dataset import Task


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of the comparison: its column in the tidy frame, with the unit in the name, and a title for people.

    `unit` is that of the shown number, `d3` the format of a chart axis or tooltip (d3-format), `known` how the number
    is known, `explanation` one or two sentences for the tooltip.
    """

    name: str
    title: str
    unit: str
    d3: str
    better: Literal["lower", "higher"] | None
    known: str
    explanation: str


HOST = "measured on this computer"
TFLM = "measured on TFLM (64-bit build) on this computer"
COUNTED = "counted"

ARENA_32BIT = "derived for a 32-bit board, within 1.8 %"
"""The largest error seen; see `measure/inspect_file.py`."""

_ALL = (
    Metric("flash_bytes", "Flash", "bytes", ",d", "lower", COUNTED,
           "The model as a constant array in flash: the .tflite rounded up to 16 bytes. The runtime comes on top; "
           "it appears in each board's sum."),
    Metric("tflite_bytes", ".tflite file", "bytes", ",d", "lower", COUNTED, "The file the converter writes."),
    Metric("gzip_bytes", "gzip", "bytes", ",d", "lower", COUNTED,
           "The file compressed: what a download costs. A microcontroller cannot execute it in this form."),
    Metric("c_source_bytes", "C source text", "bytes", ",d", "lower", COUNTED,
           "The text of model.cc. About six times the model, because each byte is written as text; the compiler "
           "turns it back into the flash size."),
    Metric("smaller_factor", "Against float32", "times smaller", ".1f", "higher", COUNTED,
           "Flash of float32 divided by flash of this variant."),
    Metric("worth", "Is it worth it?", "", "", None, "counted and measured",
           "Flash saved against float32, and what of the score is lost for it. Within noise: chance alone "
           "explains the difference (paired test, 5 %), which does not prove that there is none. A point is 0.01 of the score "
           "(of an accuracy: one sample in a hundred). Arena and compressed sizes are not in it."),
    Metric("accuracy", "Accuracy", "", ".1%", "higher", HOST,
           "Share of right answers on held-out samples, with its 95 % Wilson interval. Executed with LiteRT; packed "
           "variants on TFLM, which alone can read them."),
    Metric("mean_absolute_error", "Mean absolute error", "", ".4f", "lower", HOST,
           "Mean distance from the target on held-out samples, with its 95 % bootstrap interval. Executed with LiteRT; packed "
           "variants on TFLM, which alone can read them."),
    Metric("roc_auc", "ROC AUC", "", ".3f", "higher", HOST,
           "Probability that an unusual held-out sample is copied worse than a usual one (area under the ROC curve); 0.5 is "
           "a guess. With its 95 % interval by DeLong's method. Executed with LiteRT; packed variants on TFLM."),
    Metric("changed", "Changed answers", "answers", ",d", "lower", HOST,
           "Held-out samples whose answer differs from float32's, whichever of the two is right. The answer of an anomaly "
           "detector is its decision, at the error that 95 % of its own errors on training samples stay below."),
    Metric("arena_bytes", "Arena", "bytes", ",d", "lower", TFLM,
           "RAM that TFLM (TensorFlow Lite Micro) needs for activations and its own structures. "
           "Shown is the smallest arena that allocates and runs."),
    Metric("macs", "MACs", "operations", ",d", "lower", COUNTED,
           "Multiply-accumulate operations of one inference, counted from the file."),
    Metric("latency_p50_ms", "This computer", "ms", ".3f", "lower", HOST,
           "Median time of one inference on this computer, LiteRT, one thread. Do not rank variants by it: this "
           "processor is not a microcontroller."),
    Metric("latency_p90_ms", "This computer, 90 % of runs below", "ms", ".3f", "lower", HOST,
           "Nine of ten runs were faster than this."),
    Metric("flash_needed_bytes", "Flash needed", "bytes", ",d", "lower", "counted and documented",
           "Model, runtime code and platform together."),
    Metric("ram_needed_bytes", "RAM needed", "bytes", ",d", "lower", "measured and documented",
           "Arena, runtime, stack and platform reserve together."),
)  # fmt: skip

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}

SCORE_OF_TASK = {Task.CLASSIFICATION: "accuracy", Task.REGRESSION: "mean_absolute_error", Task.ANOMALY: "roc_auc"}
"""By which metric each task is scored."""


def format_bytes(size_bytes: int) -> str:
    """A size for people: `912 B`, `4.0 KB`, `1.2 MB` (1 KB = 1024 bytes, as board makers count)."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    if size_bytes < 1024 * 1024:
        return f"{size_bytes / 1024:.1f} KB"
    return f"{size_bytes / (1024 * 1024):.1f} MB"


def format_time(time_ms: float) -> str:
    """A time for people: `5.4 µs` below a tenth of a millisecond, `0.14 ms`, `86 ms`, `1.2 s`."""
    if time_ms < 0.1:
        return f"{1000 * time_ms:.1f} µs"
    if time_ms < 10:
        return f"{time_ms:.2f} ms"
    return f"{time_ms:.0f} ms" if time_ms < 1000 else f"{time_ms / 1000:.1f} s"


def format_energy(energy_uj: float) -> str:
    """An energy for people: `0.42 µJ`, `86 µJ`, `1.2 mJ`."""
    if energy_uj < 10:
        return f"{energy_uj:.2f} µJ"
    return f"{energy_uj:.0f} µJ" if energy_uj < 1000 else f"{energy_uj / 1000:.1f} mJ"


def format_score(metric: str, value: float) -> str:
    """A score for people: `97.1 %`, `0.953` or `0.0213`."""
    if metric == "accuracy":
        return f"{100 * value:.1f} %"
    return f"{value:.3f}" if metric == "roc_auc" else f"{value:.4f}"


def format_difference(metric: str, difference: float) -> str:
    """A difference of two scores for people: `-1.3 points`, `-0.012` or `+0.0021`."""
    if metric == "accuracy":
        return f"{100 * difference:+.1f} points"
    return f"{difference:+.3f}" if metric == "roc_auc" else f"{difference:+.4f}"


def gain(metric: str, difference: float) -> float:
    """A score, or a difference of scores, turned so that more is better."""
    return difference if METRICS[metric].better == "higher" else -difference


POINT = 0.01
"""One point of a score: one hundredth, whatever the score's unit. For an accuracy it is one per cent of the samples."""

SMALLEST_SHOWN = 0.0001
"""Of a change that is not shown in points."""


def is_error(metric: str) -> bool:
    """True for a score that is better the lower it is."""
    return METRICS[metric].better == "lower"


def amount(change: float, metric: str) -> str:
    """The size of a change: `1.6 points`, `0.0055`."""
    if metric == "accuracy":
        return f"{change / POINT:.1f} points"
    return f"{change:.4f}" if not 0 < change < SMALLEST_SHOWN else f"less than {SMALLEST_SHOWN}"


def change_words(difference: float, metric: str) -> str:
    """What became of a score that differs from float32's.

    >>> change_words(-0.016, "accuracy"), change_words(0.0055, "mean_absolute_error")
    ('1.6 points lower', 'error 0.0055 larger')
    """
    up = difference > 0
    if is_error(metric):
        return f"error {amount(abs(difference), metric)} {'larger' if up else 'smaller'}"
    return f"{amount(abs(difference), metric)} {'higher' if up else 'lower'}"
