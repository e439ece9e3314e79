"""Runs cases as a person at a command line would, answers what is asked, and writes docs/cases.md (`make cases`).

python -m tests.cases.run            # all
python -m tests.cases.run K4 mpg     # those whose kind, problem or files hold one of the words
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cases.cases import CASES, INPUTS, Case, Right

DOCS = Path(__file__).parents[2] / "docs" / "cases.md"
SIDE_BY_SIDE = 2
LONGEST_S = 400


@dataclass(frozen=True, slots=True)
class Ran:
    """One command: how it ended, what it said, its record if it wrote one."""

    code: int
    said: str
    record: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a case.

    Attributes:
        case: The case.
        asked: What the lab asked before it would measure; empty if nothing.
        got: The values that came out, in words.
        wrong: What is not right, one sentence each.
    """

    case: Case
    asked: str
    got: str
    wrong: tuple[str, ...]


def command(case: Case, options: tuple[str, ...] = ()) -> Ran:
    """`tinyml compare` on the files of a case."""
    data = ("--data", str(INPUTS / case.data)) if case.data else ()
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "record.json"
        line = (
            "compare",
            str(INPUTS / case.model),
            *data,
            "--techniques",
            case.techniques,
            "--json",
            str(record),
            *options,
        )
        done = subprocess.run(
            [sys.executable, "-c", "from tinyml_core.cli import main; raise SystemExit(main())", *line],
            capture_output=True, text=True, timeout=LONGEST_S,
        )  # fmt: skip
        written = json.loads(record.read_text(encoding="utf-8")) if record.exists() else None
    return Ran(done.returncode, done.stdout + done.stderr, written)


def value_of(record: dict[str, Any], right: Right) -> float | str | None:
    """The value in a record; None if it has none."""
    row = next((row for row in record["variants"] if row["technique"] == right.technique), None)
    if row is None or right.what == "status":
        return None if row is None else str(row["status"])
    if right.what == "TFLM":
        return row["micro"] and str(row["micro"]["status"])
    return row["score"] and float(row["score"]["value"])


def differs(value: float | str | None, right: Right) -> bool:
    """True if a value is not the right one."""
    if isinstance(right.value, str) or not isinstance(value, float):
        return value != right.value
    return abs(value - right.value) > right.tolerance + 1e-9


def run(case: Case) -> Found:
    """Try a case; the person answers a question as the case says."""
    first = command(case)
    asked, ran = "", first
    if case.asks and case.asks in first.said and first.record is None:
        asked = f"asks: `{case.asks}`"
        if case.answer:
            ran = command(case, case.answer)
    if ran.record is None:
        answered = bool(asked) and not case.answer
        wrong = () if answered else (f"It ended with {ran.code}: {' '.join(ran.said.split())[-300:]}",)
        return Found(case, asked, "a question" if answered else "refused", wrong)
    values = [(right, value_of(ran.record, right)) for right in case.right]
    wrong = [
        f"{right.technique} {right.what}: {value}, not {right.value}"
        for right, value in values
        if differs(value, right)
    ]
    said = first.said + ran.said + json.dumps(ran.record, ensure_ascii=False)
    wrong += [f"It does not say “{words}”." for words in case.says if words not in said]
    wrong += [f"It says “{words}”." for words in case.never if words in said]
    metrics = {row["score"]["metric"] for row in ran.record["variants"] if row["score"]}
    if case.metric and metrics != {case.metric}:
        wrong.append(f"The score is {metrics}, not {case.metric}.")
    if case.must_ask and not asked:
        wrong.append("Nothing was asked.")
    got = ", ".join(
        f"{right.technique} {value:.4g}" if isinstance(value, float) else f"{right.technique} {value}"
        for right, value in values
    )
    return Found(case, asked, got, tuple(wrong))


def page(found: list[Found]) -> str:
    """The table of docs/cases.md."""
    right = sum(not one.wrong for one in found)
    lines = [
        "# What people really bring",
        "",
        "Written by `make cases`; do not edit. Each case stands for a kind of problem that users of other tools reported in",
        "public, rebuilt as a small input (`tests/cases/inputs/`). The right values were computed without the lab. A question",
        "counts as right where nobody could know the answer.",
        "",
        f"**{right} of {len(found)} cases are right.**",
        "",
        "| Kind | Problem | Files | Right | The lab | |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in found:
        values = ", ".join(
            f"{r.technique} {r.value:g} ± {r.tolerance:g}" if isinstance(r.value, float) else f"{r.technique} {r.value}"
            for r in one.case.right
        )
        lab = "; ".join(part for part in (one.asked, one.got) if part)
        verdict = "right" if not one.wrong else f"**wrong**: {' '.join(one.wrong)}".replace("|", "/")
        lines.append(f"| {one.case.kind} | {one.case.problem} | `{one.case.name}` | {values} | {lab} | {verdict} |")
    return "\n".join(lines) + "\n"


def main(words: list[str]) -> int:
    """Run, print, write the page if all were run; 1 if something is wrong."""
    chosen = [
        case for case in CASES if not words or any(word in f"{case.kind} {case.problem} {case.name}" for word in words)
    ]
    found = []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for one in pool.map(run, chosen):
            found.append(one)
            verdict = "WRONG" if one.wrong else "right"
            print(verdict, one.case.kind, f"{one.case.name}:", one.asked, one.got, *one.wrong, flush=True)
    if not words:
        DOCS.write_text(page(found), encoding="utf-8")
    print(f"{sum(not one.wrong for one in found)} of {len(found)} right")
    return 0 if all(not one.wrong for one in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
