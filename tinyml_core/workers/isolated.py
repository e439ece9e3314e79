"""Workers for what strangers bring: each process serves one upload, shut off from the network and from the others' uploads."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil

from tinyml_core.call import Answer, Blob, Call, Reply
from tinyml_core.workers import spool
from tinyml_core.workers.child_process import Child
from tinyml_core.workers.isolation import FOLDER_LIMIT_BYTES, LONGEST_S, SCRIPT, environment_for, limits_for
from tinyml_core.workers.processes import WorkerProcesses
from tinyml_core.workers.progress import Progress

LOOK_EVERY_S = 1.0


class IsolatedChild(Child):
    """One worker process in its own folder, session and network namespace, with limits; see `isolated_child.py`."""

    def __init__(self, niceness: int, shared_spool: str, lane: str, first: str = "") -> None:
        """Start it.

        Args:
            niceness: Added to this process's.
            shared_spool: Where the files of its answers are moved to, out of its reach.
            lane: Which limits it gets.
            first: What it does before the first call comes, `module:function`; nothing if empty.
        """
        self.served = ""
        """What it was asked about: name of something brought; empty while it waits for its first call."""
        self.folder = tempfile.mkdtemp(prefix=f"{spool.PREFIX}isolated-")
        self.shared_spool = shared_spool
        self._looked = 0.0
        command = [sys.executable, "-P", str(SCRIPT), str(niceness), json.dumps(limits_for(lane))]
        self._start([*command, first] if first else command, environment_for(self.folder, spool.VARIABLE), self.folder)
        self._listen()

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
                try:
                    size_bytes += os.lstat(os.path.join(folder, name)).st_size
                except OSError:
                    continue
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
        if not spool.are_inside(reply.blobs, self.folder):
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

    def __init__(self, count: int, progress: Progress, lane: str, niceness: int = 19, first: str = "") -> None:
        """A pool.

        Args:
            count: How many calls at once.
            progress: Where workers say how far they are.
            lane: Which limits they get.
            niceness: How far they stand behind everything else.
            first: What a worker does before its first call, `module:function`: once one was needed, another is kept
                waiting that has done it already.
        """
        super().__init__(count, progress, f"isolated-{lane}", niceness)
        self.lane = lane
        self._first = first
        self._spare: IsolatedChild | None = None

    def time_limit_s(self, call: Call) -> float:
        """How long a call may take here: never longer than what a stranger's file is given."""
        return min(call.time_limit_s, LONGEST_S[call.lane])

    def _child(self, call: Call) -> Child:
        """The child that has this upload, else one that has seen none."""
        me = threading.get_ident()
        with self._guard:
            child = self.children.get(me)
        if isinstance(child, IsolatedChild) and child.alive() and child.served == call.origin:
            with self._guard:
                child.busy = True
            return child
        if child is not None:
            child.end()
        fresh = self._take_spare() or IsolatedChild(self.niceness, self.spool.name, self.lane, self._first)
        with self._guard:
            fresh.served, fresh.busy = call.origin, True
            self.children[me] = fresh
        if self._first:
            self.prepare()
        return fresh

    def prepare(self) -> None:
        """Have a fresh child waiting, so that the next upload need not wait for the runtimes to load."""
        with self._guard:
            if self._spare is None or not self._spare.alive():
                self._spare = IsolatedChild(self.niceness, self.spool.name, self.lane, self._first)

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
