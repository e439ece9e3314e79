"""Opens a desk with workers suited to this machine."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Executor
from typing import get_args

from tinyml_core.engine.call import Pool
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.isolation import IsolatedProcesses, protections
from tinyml_core.engine.perform import Inline
from tinyml_core.engine.processes import WorkerProcesses
from tinyml_core.engine.progress import LocalProgress
from tinyml_core.engine.store import Store
from tinyml_core.pipeline import steps
from tinyml_core.pipeline.graph import Asker, Step, Want
from tinyml_core.uploads.library import Library


def open_desk(store: Store | None = None) -> Desk:
    """A desk with worker processes: those with TensorFlow apart from those that execute and score.

    Executing and scoring a `.tflite` thus never waits for TensorFlow (seconds, 600 MB a process).
    """
    cores = os.cpu_count() or 1
    progress = LocalProgress()
    tensorflow_workers = 2 if cores >= 2 else 1
    # Light ones are small (100 MB); a second one keeps the other core busy when the last conversions are done.
    light_workers = min(4, max(2, cores // 2)) if cores >= 2 else 1
    # Rows wait longest for training and conversion: where cores are few, these go before executing and scoring.
    heavy = WorkerProcesses(tensorflow_workers, progress, "tensorflow", niceness=10)
    light = WorkerProcesses(light_workers, progress, "light", niceness=19)
    # A download takes minutes and hardly any processor time: it must not take the place of what measures.
    network = WorkerProcesses(1, progress, "network", niceness=19)
    executors: dict[Pool, Executor] = {"tensorflow": heavy, "light": light, "quiet": light, "network": network}
    slots: dict[Pool, int] = {"tensorflow": tensorflow_workers, "light": light_workers, "quiet": 1, "network": 1}
    # A file that somebody brought is opened behind all else, one at a time where cores are few.
    strangers = IsolatedProcesses(max(1, light_workers - 1), progress, "light", first=steps.LOAD_RUNTIMES.function)
    heavy_strangers = IsolatedProcesses(max(1, tensorflow_workers - 1), progress, "tensorflow")
    isolated: dict[Pool, Executor] = {"tensorflow": heavy_strangers, "light": strangers, "quiet": strangers}
    return Desk(executors, slots, store or Store(), progress, isolated)


def open_inline_desk(store: Store | None = None) -> Desk:
    """A desk that does everything in this process, one call after the other: for tests and for debugging."""
    progress = LocalProgress()
    inline = Inline(progress)
    pools: tuple[Pool, ...] = get_args(Pool)
    return Desk(dict.fromkeys(pools, inline), dict.fromkeys(pools, 1), store or Store(), progress)


def warm_up(desk: Desk) -> None:
    """Load TensorFlow in every worker that will need it, behind whatever was asked first; asked again it does nothing."""
    _ask_each(desk, "tensorflow", steps.WARM_UP, "TensorFlow")


def load_runtimes(desk: Desk) -> None:
    """Load LiteRT, its quantizer and TFLM in every worker that will need them: a second that no row then waits for."""
    _ask_each(desk, "light", steps.LOAD_RUNTIMES, "LiteRT and TFLM")


def _ask_each(desk: Desk, pool: Pool, step: Step, title: str) -> None:
    """Ask for what each worker of a pool does once; nothing is gained where work is done here, or on other machines."""
    if isinstance(desk.executors[pool], WorkerProcesses):
        for number in range(desk.slots[pool]):  # the number tells one's call from another's
            Asker(desk).ask(Want(step, title, identity={"number": number}))


def keep_tidy(desk: Desk, every_s: float = 60.0) -> None:
    """End workers that nobody has used for a quarter of an hour, for as long as the desk lives; remove uploads nobody uses."""

    def tidy() -> None:
        while not desk.closed.wait(every_s):
            protections()  # tried once, so that no visitor waits for it; not at once, when the first page is being drawn
            Library().tidy()
            for executor in {*desk.executors.values(), *desk.isolated.values()}:
                if isinstance(executor, WorkerProcesses):
                    executor.end_idle()

    threading.Thread(target=tidy, name="tinyml-tidy", daemon=True).start()
