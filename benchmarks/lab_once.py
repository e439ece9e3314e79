"""The lab asked once, in a process of its own: the same question as `benchmarks.usual_way` or `usual_way_twenty` answers.

    python -m benchmarks.lab_once seven cold    workers start with the question
    python -m benchmarks.lab_once seven warm    workers have served another model before; then the same is asked again
    python -m benchmarks.lab_once seven apart   the same work, workers warm, one variant at a time: where worker time goes
    python -m benchmarks.lab_once twenty cold   and so on

The last line it prints is a JSON object.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.twenty import SEVEN, TWENTY
from tinyml_core import catalog
from tinyml_core.compare.comparison import Comparison
from tinyml_core.compare.question import Question
from tinyml_core.domain.outcome import Measurement, Score
from tinyml_core.domain.technique import Settings
from tinyml_core.engine.call import Answer, Call
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.store import Store
from tinyml_core.lab import open_desk
from tinyml_core.pipeline.run import ComparisonRun

BARE = ("train_s", "convert_s", "invoke_s")


class Watched(Executor):
    """Hands calls on to workers and notes how long each kept its worker busy, wire included.

    The desk submits a call only when a worker is free, so the time from `submit` to the answer is a worker's time.
    """

    def __init__(self, inner: Executor, notes: list[tuple[str, float, Mapping[str, float]]]) -> None:
        """Watch `inner`; write `(step, seconds, laps)` to `notes`."""
        self.inner = inner
        self.notes = notes

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit and note."""
        call: Call = args[0]
        start = time.perf_counter()
        future: Future[Any] = self.inner.submit(fn, *args, **kwargs)

        def note(finished: Future[Any]) -> None:
            reply = finished.result()
            laps = reply.laps if isinstance(reply, Answer) else {}
            self.notes.append((call.step, time.perf_counter() - start, laps))

        future.add_done_callback(note)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Shut the workers down."""
        self.inner.shutdown(wait, cancel_futures=cancel_futures)


QUESTIONS = {"seven": ("mnist", SEVEN), "twenty": ("digits", tuple(TWENTY))}
"""Model and techniques of each question."""
OTHER = {"mnist": "digits", "digits": "mnist"}
"""On what the workers are warmed."""


def question(model: str, techniques: tuple[str, ...], settings: Settings | None = None) -> Question:
    """A question without boards: they are looked up afterwards and cost nothing."""
    return Question(model, catalog.models()[model].default_dataset, techniques, (), settings or Settings())


def timed_asking(desk: Desk, asked: Question) -> tuple[float, Comparison]:
    """Seconds until all rows are there."""
    start = time.perf_counter()
    comparison = ComparisonRun(desk, asked, latency=False).wait()
    return time.perf_counter() - start, comparison


def warm_workers(desk: Desk, model: str) -> None:
    """Have every library loaded in every worker by work on another model; nothing of the question is answered."""
    other = OTHER[model]
    ComparisonRun(desk, question(other, SEVEN), latency=False).wait()
    # Two trainings at once, so that both TensorFlow workers have loaded its model optimization.
    both = [ComparisonRun(desk, question(other, ("qat_int8",), Settings(seed=seed)), latency=False) for seed in (2, 3)]
    for asked in both:
        asked.wait()


def ask_one_at_a_time(desk: Desk, whole: Question) -> Comparison:
    """Ask one variant, wait, ask the next: hardly two workers at once, so none waits for a core and counts that as work."""
    for technique in whole.techniques:
        ComparisonRun(desk, replace(whole, techniques=(technique,)), latency=False).wait()
    return ComparisonRun(desk, whole, latency=False).wait()


def figures(comparison: Comparison) -> dict[str, Any]:
    """Score and size of each row, to be set beside the script's.

    Raises:
        RuntimeError: A row has no score; then its time means nothing.
    """
    found = {}
    for row in comparison.rows:
        if not isinstance(row.outcome, Measurement) or not isinstance(row.outcome.score, Score):
            raise RuntimeError(f"{row.technique.name} could not be measured: {row.outcome}")
        assert row.tflite is not None
        found[row.technique.name] = {"score": row.outcome.score.value, "bytes": len(row.tflite.read())}
    return found


def accounts(notes: list[tuple[str, float, Mapping[str, float]]]) -> dict[str, Any]:
    """Worker time by kind of work and by step."""
    steps: dict[str, dict[str, float]] = {}
    for step, seconds, laps in notes:
        sums = steps.setdefault(step, {"busy_s": 0.0, "import_s": 0.0, **dict.fromkeys(BARE, 0.0)})
        for name in sums:
            sums[name] += seconds if name == "busy_s" else laps.get(name, 0.0)
    total = {name: sum(sums[name] for sums in steps.values()) for name in ("busy_s", "import_s", *BARE)}
    bare = sum(total[name] for name in BARE)
    return {"total": total, "steps": steps, "overhead": (total["busy_s"] - total["import_s"] - bare) / bare}


def main() -> None:
    """Ask as the command line says, and print the figures."""
    asked = question(*QUESTIONS[sys.argv[1]])
    state = sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="tinyml-bench-") as folder:
        store = Store(Path(folder))
        desk = open_desk(store)
        notes: list[tuple[str, float, Mapping[str, float]]] = []
        desk.executors = {pool: Watched(executor, notes) for pool, executor in desk.executors.items()}
        result: dict[str, Any] = {}
        if state != "cold":
            warm_workers(desk, asked.model)
            notes.clear()
        if state == "apart":
            comparison = ask_one_at_a_time(desk, asked)
            result["accounts"] = accounts(notes)
        else:
            result["asked_s"], comparison = timed_asking(desk, asked)
        result["rows"] = figures(comparison)
        if state == "warm":
            result["known_s"], _ = timed_asking(desk, asked)
            # Another desk before the same store, as after a restart of the page server; it needs no workers.
            again = open_desk(Store(Path(folder)))
            result["stored_s"], _ = timed_asking(again, asked)
            again.close()
        print(json.dumps(result), flush=True)
        desk.close()


if __name__ == "__main__":
    main()
