"""All boards for twelve variants, as the page server works them out: sums, verdicts, times, energies.

python -m benchmarks.all_boards
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from statistics import median

from tinyml_core.boards.board import boards
from tinyml_core.boards.placing import on_boards
from tinyml_core.compare.comparison import Row
from tinyml_core.compare.question import question_of
from tinyml_core.compress import techniques
from tinyml_core.engine.store import Store
from tinyml_core.lab import open_desk
from tinyml_core.pipeline.run import ComparisonRun

VARIANTS = 12
REPEATS = 20


def measured_rows() -> list[Row]:
    """Twelve measured variants, those with the most operators first."""
    with tempfile.TemporaryDirectory(prefix="tinyml-bench-") as folder:
        desk = open_desk(Store(Path(folder)))
        rows: list[Row] = []
        for model in ("mlperf_vww", "mnist", "digits"):
            question, _ = question_of(model, tuple(techniques.techniques()))
            assert question is not None
            rows += ComparisonRun(desk, question, latency=False).wait().rows
        desk.close()
    measured = [row for row in rows if row.measured]
    return sorted(measured, key=lambda row: -len(row.measured.inspection.operators))[:VARIANTS]  # type: ignore[union-attr]


def main() -> None:
    """Work all boards out again and again; print the median."""
    rows, known = measured_rows(), tuple(boards().values())
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for row in rows:
            assert row.measured is not None
            on_boards(row.measured, known)
        seconds.append(time.perf_counter() - start)
    operators = sum(len(row.measured.inspection.operators) for row in rows)  # type: ignore[union-attr]
    print(
        json.dumps(
            {
                "boards": len(known),
                "variants": len(rows),
                "operators": operators,
                "first_s": seconds[0],
                "median_s": median(seconds[1:]),
            }
        )
    )


if __name__ == "__main__":
    main()
