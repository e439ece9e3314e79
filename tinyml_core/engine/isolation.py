"""Workers for what strangers bring: each process serves one upload, shut off from the network and from the others' uploads."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import psutil

from tinyml_core.engine import wire
from tinyml_core.engine.call import Answer, Blob, Call, Reply
from tinyml_core.engine.perform import ENVIRONMENT
from tinyml_core.engine.processes import Child, WorkerProcesses
from tinyml_core.engine.progress import LocalProgress

LOOK_EVERY_S = 1.0


class IsolatedChild(Child):
    """One worker process in its own folder, session and network namespace, with limits; see `isolated_child.py`."""

    def __init__(self, niceness: int, shared_spool: str, pool: str, first: str = "") -> None:
        """Start it, that much nicer than this process, with the limits of a pool.

        The files of its answers are moved to `shared_spool`, out of its reach. Before the first call comes it does what
        `first` names, `module:function`, if anything.
        """
        self.served = ""
        """What it was asked about: name of something brought; empty while it waits for its first call."""
        self.folder = tempfile.mkdtemp(prefix=f"{wire.PREFIX}isolated-")
        self.shared_spool = shared_spool
        self._looked = 0.0
        command = [sys.executable, "-P", str(SCRIPT), str(niceness), json.dumps(limits_for(pool))]
        self._start([*command, first] if first else command, environment_for(self.folder, wire.VARIABLE), self.folder)

    def resident_bytes(self) -> int:
        """Memory that the child and its own children hold now."""
        try:
            process = psutil.Process(self.process.pid)
            return sum(int(one.memory_info().rss) for one in (process, *process.children(recursive=True)))
        except psutil.Error:
            return 0

    def trouble(self) -> str:
        """A sentence if its folder has grown too large."""
        if time.monotonic() - self._looked < LOOK_EVERY_S:
            return ""
        self._looked = time.monotonic()
        size_bytes = 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with contextlib.suppress(OSError):
                    size_bytes += os.lstat(os.path.join(folder, name)).st_size
        if size_bytes <= FOLDER_LIMIT_BYTES:
            return ""
        return f"It wrote {size_bytes / 2**20:.0f} MB to disk; the limit is {FOLDER_LIMIT_BYTES / 2**20:.0f} MB."

    def take(self, reply: Reply) -> Reply:
        """The reply with its files moved out of the child's folder.

        Raises:
            ValueError: It names a file that is none of its own.
        """
        if not isinstance(reply, Answer):
            return reply
        if not wire.are_inside(reply.blobs, self.folder):
            raise ValueError("it names a file that is none of its own")
        return replace(reply, blobs={name: self._moved(blob) for name, blob in reply.blobs.items()})

    def _moved(self, blob: Blob) -> Blob:
        if blob.path is None:
            return blob
        target = Path(self.shared_spool) / f"{blob.sha256[:16]}-{time.monotonic_ns()}"
        shutil.move(blob.path, target)
        return replace(blob, path=str(target))

    def _kill(self) -> None:
        # The whole group: whatever it started, too, and also when the first process has ended by itself.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            super()._kill()

    def end(self) -> int:
        """Kill all of it, and remove its folder."""
        code = super().end()
        shutil.rmtree(self.folder, ignore_errors=True)
        return code


class IsolatedProcesses(WorkerProcesses):
    """A pool of isolated workers. One that has seen an upload never sees another; a fresh one is kept waiting."""

    def __init__(self, count: int, progress: LocalProgress, pool: str, niceness: int = 19, first: str = "") -> None:
        """A pool of so many workers with the limits of `pool`, as far behind everything else as `niceness` says.

        Before its first call each does what `first` names, `module:function`: once one was needed, another is kept
        waiting that has done it already.
        """
        super().__init__(count, progress, f"isolated-{pool}", niceness)
        self.pool, self._first = pool, first
        self._spare: IsolatedChild | None = None

    def time_limit_s(self, call: Call) -> float:
        """How long a call may take here: never longer than what a stranger's file is given."""
        return min(call.time_limit_s, LONGEST_S[call.pool])

    def _serves(self, child: Child, call: Call) -> bool:
        """True for the child that has this upload."""
        return isinstance(child, IsolatedChild) and child.alive() and child.served == call.origin

    def _fresh(self, call: Call) -> Child:
        """A child that has seen no upload."""
        fresh = self._take_spare() or IsolatedChild(self.niceness, self.spool.name, self.pool, self._first)
        fresh.served = call.origin
        if self._first:
            self.prepare()
        return fresh

    def prepare(self) -> None:
        """Have a fresh child waiting, so that the next upload need not wait for the runtimes to load."""
        with self._guard:
            if self._spare is None or not self._spare.alive():
                self._spare = IsolatedChild(self.niceness, self.spool.name, self.pool, self._first)

    def _take_spare(self) -> IsolatedChild | None:
        with self._guard:
            spare, self._spare = self._spare, None
        if spare is not None and not spare.alive():
            spare.end()
            return None
        return spare

    def end_idle(self, limit_s: float = 300.0) -> int:
        """End children that nobody used for that long; gives how many."""
        return super().end_idle(min(limit_s, 300.0))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all children, the spare one too."""
        spare = self._take_spare()
        if spare is not None:
            spare.end()
        super().shutdown(wait, cancel_futures=cancel_futures)


# ---- What an isolated worker may use, where it runs, and what of it this system really grants ----------------------

SCRIPT = Path(__file__).parent / "isolated_child.py"
GIGABYTE = 1024**3

FOLDER_LIMIT_BYTES = 1 * GIGABYTE
"""What a worker may leave in its temporary folder; its parent looks every second."""

LONGEST_S = {"tensorflow": 600.0, "light": 180.0, "quiet": 180.0, "network": 0.0}
"""A call on what was brought may take no longer, by pool."""

LIMITS = {
    # TensorFlow takes 2.2 GB of address space before it does anything; the parent watches the memory that is really held.
    "tensorflow": {"RLIMIT_AS": 8 * GIGABYTE, "RLIMIT_CPU": 1800},
    "light": {"RLIMIT_AS": 4 * GIGABYTE, "RLIMIT_CPU": 900},
}

FOR_ALL = {"RLIMIT_FSIZE": GIGABYTE // 2, "RLIMIT_NOFILE": 256, "RLIMIT_CORE": 0}


def limits_for(pool: str) -> dict[str, int]:
    """Resource limits of a worker: address space, processor seconds of its life, size of a file, open files, no core dumps."""
    return {**LIMITS["tensorflow" if pool == "tensorflow" else "light"], **FOR_ALL}


def environment_for(folder: str, spool_variable: str) -> dict[str, str]:
    """All that a worker sees of the environment: nothing of the server's but where programs and time zone are."""
    kept = {name: os.environ[name] for name in ("PATH", "TZ", "LD_LIBRARY_PATH") if name in os.environ}
    own = {"LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder, spool_variable: folder, "PYTHONNOUSERSITE": "1"}
    return kept | ENVIRONMENT | own


@dataclass(frozen=True, slots=True)
class Protections:
    """What this system grants to workers that open a stranger's file.

    `network` is true if they have none, `privileges` if they can gain none; `limits` names the resource limits that
    hold.
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
    "RLIMIT_AS": "memory", "RLIMIT_CPU": "processor time", "RLIMIT_FSIZE": "file size", "RLIMIT_NOFILE": "open files",
    "RLIMIT_CORE": "core dumps",
}  # fmt: skip


@cache
def protections() -> Protections:
    """Try it, once in the life of this process: a child isolates itself and says what worked."""
    command = [sys.executable, "-P", str(SCRIPT), "--probe", json.dumps(limits_for("light"))]
    try:
        found = json.loads(subprocess.run(command, capture_output=True, timeout=30, check=True).stdout)
        return Protections(bool(found["network"]), bool(found["privileges"]), tuple(found["limits"]))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return Protections(False, False, ())
