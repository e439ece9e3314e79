"""A worker process as its parent sees it: how to start it, talk to it, watch it and end it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psutil

from tinyml_core.domain.outcome import Failure, was_stopped
from tinyml_core.engine import wire
from tinyml_core.engine.call import Answer, Call, Reply
from tinyml_core.engine.perform import ENVIRONMENT, perform
from tinyml_core.engine.progress import LocalProgress
from tinyml_core.engine.wire import VARIABLE


class Child:
    """One worker process and the thread that reads its answers."""

    def __init__(self, niceness: int, spool: str) -> None:
        """Start the process, that much nicer than this one, with a folder for its large answers (`spool`).

        It loads libraries only when a call needs them.
        """
        environment = {**os.environ, **ENVIRONMENT, VARIABLE: spool}
        # Without byte code every import of TensorFlow is three times slower.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._start([sys.executable, "-m", "tinyml_core.engine.child", str(niceness)], environment, None)

    def _start(self, command: list[str], environment: dict[str, str], folder: str | None) -> None:
        self.noise = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the child)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.noise, env=environment, cwd=folder,
            start_new_session=folder is not None,
        )  # fmt: skip
        self.lines: queue.Queue[bytes] = queue.Queue()
        self.busy = False
        self.used = 0.0
        """When it last answered; 0 before its first answer."""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(b"")

    def send(self, line: bytes) -> None:
        """Hand a line to the child.

        Raises:
            OSError: The child has ended.
        """
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def alive(self) -> bool:
        """True if it takes calls: it runs and its input was not closed."""
        assert self.process.stdin is not None
        return self.process.poll() is None and not self.process.stdin.closed

    def resident_bytes(self) -> int:
        """Memory the child holds now; 0 if it has ended."""
        try:
            return int(psutil.Process(self.process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def trouble(self) -> str:
        """What it does that it may not, in one sentence; empty if nothing."""
        return ""

    def take(self, reply: Reply) -> Reply:
        """The reply with its files where nobody but the pool's owner writes."""
        return reply

    def _kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()

    def last_words(self) -> str:
        """The end of what the child wrote to standard error."""
        end = self.noise.seek(0, os.SEEK_END)
        self.noise.seek(max(0, end - 4000))
        return self.noise.read().decode(errors="replace").strip()

    def end(self) -> int:
        """Kill the child if it lives; gives its exit code."""
        self._kill()
        code = self.process.wait()
        self.reader.join(timeout=5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self.noise.close()
        return code


# ---- Workers on this machine: warm child processes behind the standard `Executor` interface ------------------------

log = logging.getLogger("tinyml")

CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
"""Signals that a library's own fault sends; any other may come from a person, or from a system out of memory."""

WATCH_EVERY_S = 0.1
IDLE_LIMIT_S = 900.0


class WorkerProcesses(ThreadPoolExecutor):
    """A pool of worker processes: each thread owns one child and replaces it when it dies.

    Only `perform` can be submitted: what travels to a child is data, not code.
    """

    def __init__(self, count: int, progress: LocalProgress, name: str = "worker", niceness: int = 15) -> None:
        """A pool of `count` workers; children start with their first call, behind what is less nice than they."""
        super().__init__(count, thread_name_prefix=f"tinyml-{name}")
        self.count, self.progress, self.niceness = count, progress, niceness
        self.children: dict[int, Child] = {}
        self.deaths: Counter[str] = Counter()
        """How often a worker died over a call, by fingerprint."""
        self.spool = tempfile.TemporaryDirectory(prefix=wire.PREFIX, ignore_cleanup_errors=True)
        self._guard = threading.Lock()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do `perform(call)` in a child; the future gives its reply."""
        if fn is not perform or len(args) != 1 or kwargs:
            raise TypeError("workers take submit(perform, call) only")
        return super().submit(self._in_child, args[0])

    def _in_child(self, call: Call) -> Reply:
        child = self._child(call)
        self.progress.report(call.fingerprint, "starting")
        try:
            child.send(wire.call_line(call))
            return self._watch(call, child)
        except OSError:
            return self._died(call, child)
        finally:
            child.busy = False

    def _child(self, call: Call) -> Child:
        """This thread's child, which nobody else uses; a new one if it has ended."""
        me = threading.get_ident()
        with self._guard:
            child = self.children.get(me)
            if child is not None and self._serves(child, call):
                child.busy = True
                return child
        if child is not None:
            child.end()
        child = self._fresh(call)
        with self._guard:
            child.busy = True
            self.children[me] = child
        return child

    def _serves(self, child: Child, call: Call) -> bool:
        return child.alive()

    def _fresh(self, call: Call) -> Child:
        return Child(self.niceness, self.spool.name)

    def time_limit_s(self, call: Call) -> float:
        """How long a call may take here."""
        return call.time_limit_s

    def _watch(self, call: Call, child: Child) -> Reply:
        """Wait for the reply; kill the child when time or memory run out or the call is cancelled."""
        limit_s = self.time_limit_s(call)
        deadline = time.monotonic() + limit_s
        while True:
            try:
                line = child.lines.get(timeout=WATCH_EVERY_S)
            except queue.Empty:
                line = None
            if line == b"":
                return self._died(call, child)
            if line is not None:
                message = self._parse(line)
                if message is None:
                    return self._broken_off(call, child, "The worker answered with something unreadable.")
                if "stage" in message:
                    self.progress.report(call.fingerprint, str(message["stage"])[:200])
                else:
                    child.used = time.monotonic()
                    return self._reply(call, message, child.take)
            if time.monotonic() > deadline:
                return self._broken_off(call, child, f"It took longer than its limit of {limit_s:.0f} seconds.")
            if self.progress.cancelled(call.fingerprint):
                stage = self._kill(call, child, "A person stopped it.")
                return was_stopped(stage, f"while {stage}")
            if trouble := child.trouble():
                return self._broken_off(call, child, trouble)
            resident = child.resident_bytes()
            if resident > call.memory_limit_bytes:
                limit, took = call.memory_limit_bytes / 2**20, resident / 2**20
                return self._broken_off(call, child, f"It took {took:.0f} MB of memory; the limit is {limit:.0f} MB.")

    @staticmethod
    def _parse(line: bytes) -> dict[str, Any] | None:
        with contextlib.suppress(ValueError):
            message = json.loads(line)
            return message if isinstance(message, dict) else None
        return None

    def _reply(
        self, call: Call, message: dict[str, Any], take: Callable[[Reply], Reply] = lambda reply: reply
    ) -> Reply:
        if "traceback" in message:
            words = message["traceback"]
            log.error("%s failed unexpectedly:\n%s", call.title, words)
            reason = f"An unexpected error: {str(words).strip().splitlines()[-1][:200]}"
            return Failure(call.step, reason, "The log has the details.", detail=words)
        try:
            reply = take(wire.read_reply(message))
            if isinstance(reply, Answer) and not wire.are_inside(reply.blobs, self.spool.name):
                raise ValueError("it names a file that is none of its own")
            return reply
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return Failure(call.step, f"The worker's answer was not understood ({error}).", "Ask again.")

    def _died(self, call: Call, child: Child) -> Reply:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(timeout=5)  # its output ends a moment before it does
        words = child.last_words()
        code = child.end()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        stage = self.progress.stage(call.fingerprint) or call.step
        log.warning("%s: worker %s while %s\n%s", call.title, how, stage, words)
        self.deaths[call.fingerprint] += 1
        if -code in CRASHES and self.deaths[call.fingerprint] > 1:
            reason = f"The worker process {how} while {stage}, again: a library crashes on this."
            return Failure(stage, reason, "Choose another technique or another model.", lasting=True, detail=words)
        return Failure(stage, f"The worker process {how} while {stage}.", "Ask again.", detail=words)

    def _kill(self, call: Call, child: Child, reason: str) -> str:
        """End the child; gives what it was doing."""
        stage = self.progress.stage(call.fingerprint) or call.step
        child.end()
        log.warning("%s: killed while %s: %s", call.title, stage, reason)
        return stage

    def _broken_off(self, call: Call, child: Child, reason: str) -> Failure:
        stage = self._kill(call, child, reason)
        advice = "Choose a smaller model or fewer samples, or ask again."
        return Failure(stage, f"Stopped while {stage}. {reason}", advice)

    def end_idle(self, limit_s: float = IDLE_LIMIT_S) -> int:
        """End children that nobody used for that long (TensorFlow holds 600 MB); gives how many."""
        ended = 0
        with self._guard:
            for child in self.children.values():
                if child.alive() and not child.busy and time.monotonic() - child.used > limit_s:
                    assert child.process.stdin is not None
                    child.process.stdin.close()
                    ended += 1
        return ended

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all children; a call that runs is lost."""
        with self._guard:
            children = list(self.children.values())
        super().shutdown(wait=False, cancel_futures=cancel_futures)
        for child in children:
            if child.process.poll() is None:
                child.process.kill()
        super().shutdown(wait=wait)
        for child in children:
            if not child.busy:  # a thread that still watches its child ends it itself
                child.end()
        self.spool.cleanup()
