"""Figures to requirements, and both to a page of the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tinyml_core.engine.environment import environment


@dataclass(frozen=True, slots=True)
class Figures:
    """What each benchmark printed.

    Attributes:
        ways: Seven techniques against the usual way.
        twenty: Twenty techniques against the usual way.
        scoring: The score against bare invocation.
        pages: The dashboard against the smallest apps.
        quantized: The second quantizer's rows.
        placed: All boards.
        brought: A `.tflite` that somebody brings.
    """

    ways: dict[str, Any]
    twenty: dict[str, Any]
    scoring: dict[str, Any]
    pages: dict[str, Any]
    quantized: dict[str, Any]
    placed: dict[str, Any]
    brought: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One promise and what was measured of it."""

    promise: str
    figure: str
    kept: bool


def requirements(measured: Figures) -> list[Requirement]:
    """All requirements of speed and memory with their figures; none is left out when it is missed."""
    ways, twenty, scoring, pages = measured.ways, measured.twenty, measured.scoring, measured.pages
    quantized, placed, brought = measured.quantized, measured.placed, measured.brought
    sooner, overhead, ratio = ways["sooner"], ways["overhead"], scoring["ratio"]
    forbidden = ", ".join(pages["forbidden"]) or "none"
    return [
        Requirement("Cold workers: all rows no later than the script", f"{sooner['cold']:.2f}x", sooner["cold"] >= 1),
        Requirement("Warm workers: at least 3x sooner", f"{sooner['warm']:.2f}x", sooner["warm"] >= 3),
        Requirement("Known answers: at least 100x sooner", f"{sooner['known']:,.0f}x", sooner["known"] >= 100),
        Requirement(
            "Twenty techniques, cold workers: at least 2x sooner",
            f"{twenty['sooner']['cold']:.2f}x",
            twenty["sooner"]["cold"] >= 2,
        ),
        Requirement("Own overhead: at most 25 % of the bare work", f"{overhead:.1%}", overhead <= 0.25),
        Requirement("Score of 10,000 samples: at most 1.5x bare invocation", f"{ratio:.2f}x", ratio <= 1.5),
        Requirement(
            "Batched answers are the same as sample by sample",
            "same" if scoring["same_answers"] else "different",
            bool(scoring["same_answers"]),
        ),
        Requirement(
            "Chooser and toggles: at most 1.5x an empty app",
            f"{pages['chooser_ratio']:.2f}x",
            pages["chooser_ratio"] <= 1.5,
        ),
        Requirement(
            "Table and all charts: at most 1.5x a minimal app",
            f"{pages['results_ratio']:.2f}x",
            pages["results_ratio"] <= 1.5,
        ),
        Requirement(
            f"Size and score of all {quantized['techniques']} rows of the second quantizer: within 2 s of the first drawn page",
            f"{quantized['slowest_s']:.1f} s",
            quantized["slowest_s"] <= 2,
        ),
        Requirement(
            f"All {placed['boards']} boards x {placed['variants']} variants: under 50 ms",
            f"{1000 * placed['median_s']:.0f} ms",
            placed["median_s"] < 0.05,
        ),
        Requirement(
            f"A brought .tflite of {brought['bytes'] / 1024:.0f} KB, warm: under 1 s beyond its own execution",
            f"{brought['wall_s'] - brought['executed_s']:.2f} s",
            brought["wall_s"] - brought["executed_s"] < 1,
        ),
        Requirement("Page server: under 300 MB", f"{pages['resident_mb']:.0f} MB", pages["resident_mb"] < 300),
        Requirement("Page server: no heavy library loaded", forbidden, not pages["forbidden"]),
    ]


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [head, ("---", *["---:"] * (len(head) - 1)), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _ways(ways: dict[str, Any]) -> str:
    names = {
        "script": "The usual way: one script",
        "cold": "Lab, cold: from process start, workers start with the question",
        "warm": "Lab, warm: workers have served another model before",
        "known": "Lab, known: the same desk is asked again",
        "stored": "Lab, stored: another desk before the same store",
    }
    rows = []
    for key, name in names.items():
        if key not in ways["seconds"]:
            continue
        seconds = ways["seconds"][key]
        sooner = "" if key == "script" else f"{ways['sooner'][key]:,.2f}x"
        rows.append((name, f"{min(seconds):.3f}", f"{ways['medians'][key]:.3f}", sooner))
    return table(("Way", "Fastest (s)", "Median (s)", "Sooner than the script"), rows)


def _accounts(accounts: dict[str, Any]) -> str:
    columns = ("busy_s", "import_s", "train_s", "convert_s", "invoke_s")

    def cells(sums: dict[str, float]) -> tuple[str, ...]:
        own = sums["busy_s"] - sum(sums[name] for name in columns[1:])
        return (*(f"{sums[name]:.2f}" for name in columns), f"{own:.2f}")

    rows = [(step, *cells(sums)) for step, sums in sorted(accounts["steps"].items())]
    head = ("Step", "Busy", "Import", "Training", "Conversion", "Invocation", "Own")
    return table(head, [*rows, ("**all**", *cells(accounts["total"]))])


def _found(ways: dict[str, Any]) -> str:
    rows = []
    for name, script in ways["script_rows"].items():
        lab = ways["lab_rows"][name]
        rows.append((name, f"{script['score']:.3f}", f"{lab['score']:.3f}", str(script["bytes"]), str(lab["bytes"])))
    return table(("Variant", "Accuracy, script", "Accuracy, lab", "Bytes, script", "Bytes, lab"), rows)


def machine() -> str:
    """On what this was measured, in one paragraph."""
    facts = environment()
    libraries = ", ".join(f"{name} {version}" for name, version in facts["libraries"].items())
    return (
        f"{date.today().isoformat()}, {facts['processor']}, {facts['cores']} cores, {facts['system']}, "
        f"Python {facts['python']}, {libraries}."
    )


def page(measured: Figures, text: str) -> str:
    """The documentation's page: a text with places for figures (see `page.md`)."""
    checked = requirements(measured)
    ways, twenty, scoring, pages = measured.ways, measured.twenty, measured.scoring, measured.pages
    quantized, placed, brought = measured.quantized, measured.placed, measured.brought
    promises = [(item.promise, item.figure, "ok" if item.kept else "**MISSED**") for item in checked]
    medians = pages["medians"]
    places = {
        "machine": machine(),
        "promises": table(("Promise", "Measured", ""), promises),
        "rounds": str(ways["rounds"]),
        "ways": _ways(ways),
        "found": _found(ways),
        "twenty": _ways(twenty),
        "twenty_found": _found(twenty),
        "accounts": _accounts(ways["accounts"]),
        "scoring": f"{scoring['bare_s'] * 1000:.0f} ms bare invocation, {scoring['score_s'] * 1000:.0f} ms for the score, "
        f"{scoring['one_by_one_s'] * 1000:.0f} ms for invocation sample by sample",
        "draws": table(
            ("Drawn", "Lab (s)", "Smallest app (s)", "Ratio"),
            [
                (
                    "Chooser and toggles",
                    f"{medians['chooser']:.2f}",
                    f"{medians['empty']:.2f}",
                    f"{pages['chooser_ratio']:.2f}x",
                ),
                (
                    "Table and charts",
                    f"{medians['results']:.2f}",
                    f"{medians['minimal']:.2f}",
                    f"{pages['results_ratio']:.2f}x",
                ),
            ],
        ),
        "quantized": table(
            ("Model", "After the table is drawn (s)", "After the chooser is drawn (s)"),
            [
                (model, f"{seconds:.1f}", f"{quantized['after_chooser'][model]:.1f}")
                for model, seconds in quantized["after_table"].items()
            ],
        ),
        "brought": f"{brought['bytes']:,} bytes: {brought['wall_s']:.2f} s in all, {brought['executed_s']:.2f} s of it executing",
        "placed": f"{placed['boards']} boards x {placed['variants']} variants with {placed['operators']} operators in all: "
        f"{1000 * placed['median_s']:.0f} ms (the first time {1000 * placed['first_s']:.0f} ms)",
        "charts": str(pages["charts"]),
        "resident": f"{pages['resident_mb']:.0f} MB",
    }
    for name, words in places.items():
        text = text.replace("{{" + name + "}}", words)
    return text
