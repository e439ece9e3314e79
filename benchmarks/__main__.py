"""All benchmarks in one run: prints what was promised and what was measured, and writes `docs/benchmarks.md`.

    python -m benchmarks --rounds 3

Ends with code 1 if a promise was missed; the page is written all the same.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import against_usual_way, pages, report, second_quantizer
from benchmarks.running import ROOT, run


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is measured, in turn")
    rounds = max(1, parser.parse_args().rounds)
    print("against the usual way")
    ways = against_usual_way.measure(rounds)
    print("twenty techniques against the usual way")
    twenty = against_usual_way.measure_twenty(rounds)
    print("the score")
    _, scoring = run("benchmarks.scoring")
    print("the pages")
    drawn = pages.measure(rounds)
    print("the second quantizer")
    quantized = second_quantizer.measure(rounds)
    print("all boards")
    _, placed = run("benchmarks.all_boards")
    print("what is brought")
    _, brought = run("benchmarks.uploads")
    measured = report.Figures(ways, twenty, scoring, drawn, quantized, placed, brought)
    checked = report.requirements(measured)
    for item in checked:
        print(f"  {'ok    ' if item.kept else 'MISSED'}  {item.promise}: {item.figure}")
    text = (Path(__file__).parent / "page.md").read_text(encoding="utf-8")
    target = ROOT / "docs" / "benchmarks.md"
    target.write_text(report.page(measured, text), encoding="utf-8")
    print(f"written to {target.relative_to(ROOT)}")
    return 0 if all(item.kept for item in checked) else 1


if __name__ == "__main__":
    sys.exit(main())
