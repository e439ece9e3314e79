"""A worker process as its parent sees it: how to start it, talk to it, watch it and end it."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading

import psutil

from tinyml_core.call import Reply
from tinyml_core.workers.perform import ENVIRONMENT
from tinyml_core.workers.spool import VARIABLE


class Child:
    """One worker process and the thread that reads its answers."""

    def __init__(self, niceness: int, spool: str) -> None:
        """Start the process, that much nicer than this one; it loads libraries only when a call needs them.

        Args:
            niceness: Added to this process's.
            spool: Folder for its large answers.
        """
        environment = {**os.environ, **ENVIRONMENT, VARIABLE: spool}
        # Without byte code every import of TensorFlow is three times slower.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._start([sys.executable, "-m", "tinyml_core.workers.child", str(niceness)], environment, None)
        self._listen()

    def _start(self, command: list[str], environment: dict[str, str], folder: str | None) -> None:
        self.noise = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the child)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.noise,
            env=environment,
            cwd=folder,
            start_new_session=folder is not None,
        )

    def _listen(self) -> None:
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
