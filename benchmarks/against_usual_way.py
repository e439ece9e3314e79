"""The lab against the usual way, in turn: script, lab with cold workers, lab with warm ones, known answers.

python -m benchmarks.against_usual_way --rounds 3
"""

from __future__ import annotations

import argparse
import compileall
import json
from statistics import median
from typing import Any

from benchmarks.running import ROOT, run

FIGURES = ("script", "cold", "warm", "known", "stored")
TWENTY_FIGURES = ("script", "cold", "warm")


def one_round() -> dict[str, Any]:
    """All ways once, each in a fresh process; seconds, and what they found."""
    script, rows = run("benchmarks.usual_way")
    # Timed from process start to process end, as the script is; the workers' end is in there too.
    cold, _ = run("benchmarks.lab_once", "seven", "cold")
    _, warm_found = run("benchmarks.lab_once", "seven", "warm")
    _, apart_found = run("benchmarks.lab_once", "seven", "apart")
    return {
        "script": script,
        "cold": cold,
        "warm": warm_found["asked_s"],
        "known": warm_found["known_s"],
        "stored": warm_found["stored_s"],
        "accounts": apart_found["accounts"],
        "script_rows": rows,
        "lab_rows": warm_found["rows"],
    }


def measure_twenty(rounds: int) -> dict[str, Any]:
    """The same for twenty techniques of `digits`, whose training can be shared: script, cold and warm lab, in turn.

    Returns:
        Seconds of each way in each round, their medians, how many times sooner than the script the lab is, and what each
        side found.
    """
    done, script_rows, lab_rows = [], {}, {}
    for number in range(rounds):
        script, script_rows = run("benchmarks.usual_way_twenty")
        cold, _ = run("benchmarks.lab_once", "twenty", "cold")
        _, warm_found = run("benchmarks.lab_once", "twenty", "warm")
        lab_rows = warm_found["rows"]
        done.append({"script": script, "cold": cold, "warm": warm_found["asked_s"]})
        print(
            f"  round {number + 1}: " + ", ".join(f"{name} {took:.1f} s" for name, took in done[-1].items()), flush=True
        )
    medians = {name: median(found[name] for found in done) for name in TWENTY_FIGURES}
    return {
        "seconds": {name: [found[name] for found in done] for name in TWENTY_FIGURES},
        "medians": medians,
        "sooner": {name: medians["script"] / medians[name] for name in TWENTY_FIGURES[1:]},
        "script_rows": script_rows,
        "lab_rows": lab_rows,
    }


def measure(rounds: int) -> dict[str, Any]:
    """Several rounds, one way after the other in each, so that a slow minute of the machine meets all of them.

    Returns:
        Seconds of each way in each round, their medians, how many times sooner than the script the lab is (ratios of
        medians), and the accounts of the round whose overhead is the median.
    """
    # Byte code on both sides, before anybody is timed; the first run of all also fills the disk cache.
    for folder in ("benchmarks", "tinyml_core"):
        compileall.compile_dir(str(ROOT / folder), quiet=2)
    run("benchmarks.usual_way")
    done = []
    for number in range(rounds):
        done.append(one_round())
        print(f"  round {number + 1}: " + ", ".join(f"{name} {done[-1][name]:.3f} s" for name in FIGURES), flush=True)
    medians = {name: median(found[name] for found in done) for name in FIGURES}
    typical = sorted(done, key=lambda found: found["accounts"]["overhead"])[(rounds - 1) // 2]
    return {
        "rounds": rounds,
        "seconds": {name: [found[name] for found in done] for name in FIGURES},
        "medians": medians,
        "sooner": {name: medians["script"] / medians[name] for name in FIGURES[1:]},
        "overhead": median(found["accounts"]["overhead"] for found in done),
        "accounts": typical["accounts"],
        "script_rows": typical["script_rows"],
        "lab_rows": typical["lab_rows"],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    print(json.dumps(measure(parser.parse_args().rounds), indent=1))
