"""A `.tflite` of half a megabyte that somebody brings, checked by warm isolated workers: its own execution, and what is added.

python -m benchmarks.uploads
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from statistics import median

from tinyml_core.domain.technique import Job
from tinyml_core.engine.call import Answer, Reply
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.isolation import IsolatedProcesses
from tinyml_core.engine.store import NoStore
from tinyml_core.lab import open_desk
from tinyml_core.pipeline.checking import check_file
from tinyml_core.pipeline.variant import ask_variant

REPEATS = 5
MODEL = "mlperf_vww"
"""Its float32 file is the zoo's nearest above half a megabyte."""


def a_file(desk: Desk) -> bytes:
    """The file that is brought."""
    variant = ask_variant(desk, Job(MODEL, "", "float32"))
    variant.outcome.result()
    assert variant.tflite is not None
    return variant.tflite.read()


class Watching(NoStore):
    """Keeps nothing, but adds up how long executing took in the workers: on TFLM, and timing on LiteRT."""

    executed_s = 0.0

    def put(self, key: str, reply: Reply) -> Reply:
        """Count a reply."""
        if isinstance(reply, Answer) and ("arena_bytes" in reply.body or "p50_ms" in reply.body):
            self.executed_s += reply.laps["total_s"]
        return reply


def main() -> None:
    """Check the same bytes again and again as if they were new, each time by a worker that has seen nothing; print medians."""
    walls, executed = [], []
    store = Watching()
    desk = open_desk(store)
    content = a_file(desk)
    pool = desk.isolated["light"]
    assert isinstance(pool, IsolatedProcesses)
    with tempfile.TemporaryDirectory(prefix="tinyml-bench-") as folder:
        for number in range(REPEATS):
            pool.prepare()
            time.sleep(4.0)  # the spare worker loads the runtimes; a server has had the time
            path = Path(folder) / f"{number}.tflite"
            path.write_bytes(content + bytes(number + 1))  # other bytes, same model
            store.executed_s = 0.0
            start = time.perf_counter()
            row = check_file(desk, path)
            walls.append(time.perf_counter() - start)
            assert row.measured is not None, row.outcome
            executed.append(store.executed_s)
    desk.close()
    print(json.dumps({"bytes": len(content), "wall_s": median(walls), "executed_s": median(executed)}))


if __name__ == "__main__":
    main()
