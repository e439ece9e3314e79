"""Time of one inference on this computer: for explaining, never for ranking microcontroller variants."""

from __future__ import annotations

import time

import numpy as np
import psutil

from tinyml_core.domain.outcome import Latency
from tinyml_core.measure import litert

WARM_UP_S = 0.05


MEASURE_S = 0.25


MOST_RUNS = 2000


FEWEST_RUNS = 20


PATIENCE_S = 2.0


def wait_for_quiet() -> bool:
    """Wait until other programs leave the processor alone; False if they do not within two seconds."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if psutil.cpu_percent(interval=0.1) * (psutil.cpu_count() or 1) < 35:
            return True
    return False


def host_latency(content: bytes) -> Latency:
    """p50 and p90 of many runs after warm-up: LiteRT, default kernels, one thread, one sample, invocation only.

    Raises:
        Expected: LiteRT refuses the file.
    """
    quiet = wait_for_quiet()
    ready = litert.interpreter(content)
    try:
        ready.allocate_tensors()
        random = np.random.default_rng(1)
        for details in ready.get_input_details():
            ready.set_tensor(details["index"], litert.made_up(random, details["shape"], np.dtype(details["dtype"])))
        end = time.perf_counter() + WARM_UP_S
        ready.invoke()
        while time.perf_counter() < end:
            ready.invoke()
        runs: list[float] = []
        end = time.perf_counter() + MEASURE_S
        while len(runs) < FEWEST_RUNS or (len(runs) < MOST_RUNS and time.perf_counter() < end):
            start = time.perf_counter()
            ready.invoke()
            runs.append((time.perf_counter() - start) * 1000)
    except (ValueError, RuntimeError) as error:
        raise litert.refused(error) from error
    p50, p90 = np.percentile(runs, [50, 90])
    return Latency(p50_ms=float(p50), p90_ms=float(p90), runs_ms=tuple(round(run, 6) for run in runs), busy=not quiet)
