"""What an isolated worker may use, where it runs, and what of it this system really grants."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tinyml_core.workers.perform import ENVIRONMENT

SCRIPT = Path(__file__).parent / "isolated_child.py"
GIGABYTE = 1024**3
FOLDER_LIMIT_BYTES = 1 * GIGABYTE
"""What a worker may leave in its temporary folder; its parent looks every second."""
LONGEST_S = {"tensorflow": 600.0, "light": 180.0, "quiet": 180.0, "network": 0.0}
"""A call on what was brought may take no longer, by lane."""
LIMITS = {
    # TensorFlow takes 2.2 GB of address space before it does anything; the parent watches the memory that is really held.
    "tensorflow": {"RLIMIT_AS": 8 * GIGABYTE, "RLIMIT_CPU": 1800},
    "light": {"RLIMIT_AS": 4 * GIGABYTE, "RLIMIT_CPU": 900},
}
FOR_ALL = {"RLIMIT_FSIZE": GIGABYTE // 2, "RLIMIT_NOFILE": 256, "RLIMIT_CORE": 0}


def limits_for(lane: str) -> dict[str, int]:
    """Resource limits of a worker: address space, processor seconds of its life, size of a file, open files, no core dumps."""
    return {**LIMITS["tensorflow" if lane == "tensorflow" else "light"], **FOR_ALL}


def environment_for(folder: str, spool_variable: str) -> dict[str, str]:
    """All that a worker sees of the environment: nothing of the server's but where programs and time zone are."""
    kept = {name: os.environ[name] for name in ("PATH", "TZ", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        **ENVIRONMENT,
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        spool_variable: folder,
        "PYTHONNOUSERSITE": "1",
    }


@dataclass(frozen=True, slots=True)
class Protections:
    """What this system grants to workers that open a stranger's file.

    Attributes:
        network: True if they have none.
        privileges: True if they can gain none.
        limits: Names of the resource limits that hold.
    """

    network: bool
    privileges: bool
    limits: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """True if nothing is missing."""
        return self.network and self.privileges and set(self.limits) == set(limits_for("light"))

    @property
    def text(self) -> str:
        """The same in a sentence."""
        network = "no network" if self.network else "THE NETWORK, which this system does not let them leave"
        missing = sorted(set(limits_for("light")) - set(self.limits))
        limits = f"limits on {', '.join(_WORDS[name] for name in self.limits)}" if self.limits else "no limits"
        lack = f"; not limited here: {', '.join(_WORDS[name] for name in missing)}" if missing else ""
        return f"Files that people bring are opened in processes of their own with {network}, and {limits}{lack}."


_WORDS = {
    "RLIMIT_AS": "memory",
    "RLIMIT_CPU": "processor time",
    "RLIMIT_FSIZE": "file size",
    "RLIMIT_NOFILE": "open files",
    "RLIMIT_CORE": "core dumps",
}


@cache
def protections() -> Protections:
    """Try it, once in the life of this process: a child isolates itself and says what worked."""
    command = [sys.executable, "-P", str(SCRIPT), "--probe", json.dumps(limits_for("light"))]
    try:
        found = json.loads(subprocess.run(command, capture_output=True, timeout=30, check=True).stdout)
        return Protections(bool(found["network"]), bool(found["privileges"]), tuple(found["limits"]))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return Protections(False, False, ())
