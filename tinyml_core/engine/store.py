"""Finished answers on disk: content-addressed, written atomically, never believed when damaged."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import platformdirs

from tinyml_core.engine import fingerprint, wire
from tinyml_core.engine.call import Answer, Blob, Reply
from tinyml_core.engine.wire import is_spooled

log = logging.getLogger("tinyml")
LIMIT_BYTES = 2 * 1024**3
EVICT_EVERY_BYTES = 64 * 1024**2
SMALLEST_BYTES = 64 * 1024**2  # less could not hold what one comparison needs


def default_folder() -> Path:
    """`TINYML_STORE`, or a folder in the user's cache."""
    return Path(os.environ.get("TINYML_STORE") or platformdirs.user_cache_path("tinyml-lab"))


class Store:
    """Answers by fingerprint, and the bytes they refer to by content.

    Several processes, and machines, may share one folder: a file appears whole or not at all, and its name says its content.
    If two of them give different bytes for one question (processors differ in last digits), both lie there and the later
    answer counts; they are never compared.
    """

    def __init__(self, folder: Path | None = None, limit_bytes: int | None = None) -> None:
        """Open a store; the folder, `default_folder()` if None, is made with the first write.

        Above `limit_bytes` the least recently used entries go (`TINYML_STORE_LIMIT_MB`, or 2 GB).
        """
        self.folder = folder or default_folder()
        megabytes = os.environ.get("TINYML_STORE_LIMIT_MB", "")
        if megabytes and not megabytes.isdigit():
            log.warning("TINYML_STORE_LIMIT_MB is %r; it must be a whole number of MB. 2048 are used.", megabytes[:40])
        configured = max(SMALLEST_BYTES, int(megabytes) * 1024**2) if megabytes.isdigit() else LIMIT_BYTES
        self.limit_bytes = configured if limit_bytes is None else limit_bytes
        self._written = EVICT_EVERY_BYTES
        self._lock = threading.Lock()

    def get(self, key: str) -> Reply | None:
        """The answer of a fingerprint, or None if it is unknown, damaged, or a file it needs is."""
        path = self._answer_path(key)
        try:
            wrapped = json.loads(path.read_bytes())
            if fingerprint.of(wrapped["reply"]) != wrapped["sha256"]:
                raise ValueError("checksum differs")
            reply = wire.read_reply(wrapped["reply"])
            if isinstance(reply, Answer):
                reply = Answer(reply.body, {name: self._find(blob) for name, blob in reply.blobs.items()}, reply.laps)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        self._touch(path)
        return reply

    def put(self, key: str, reply: Reply) -> Reply:
        """Keep an answer; gives it back with its bytes as files.

        Raises:
            OSError: The folder cannot be written or the disk is full.
        """
        bare = reply
        if isinstance(reply, Answer):
            reply = replace(reply, blobs={name: self._keep(blob) for name, blob in reply.blobs.items()})
            # Paths are left out, so that a store can be moved.
            bare = replace(reply, blobs={name: replace(blob, path=None) for name, blob in reply.blobs.items()})
        message = json.loads(wire.reply_line(bare))
        content = json.dumps({"sha256": fingerprint.of(message), "reply": message}).encode()
        self._count(write_whole(self._answer_path(key), content))
        return reply

    def _find(self, blob: Blob) -> Blob:
        path = self._file_path(blob.sha256)
        found = replace(blob, data=None, path=str(path))
        found.check()
        self._touch(path)
        return found

    def _keep(self, blob: Blob) -> Blob:
        path = self._file_path(blob.sha256)
        if blob.data is None and blob.path is not None and blob.path != str(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            # Large: it must not pass through memory. What a worker left for us is moved, anything else stays where it is.
            (shutil.move if is_spooled(blob.path) else shutil.copyfile)(blob.path, self._part(path))
            os.replace(self._part(path), path)
            self._count(path.stat().st_size)
        else:
            self._count(write_whole(path, blob.read()))
        return replace(blob, data=None, path=str(path))

    @staticmethod
    def _part(path: Path) -> Path:
        return path.with_name(f".part-{path.name}-{os.getpid()}-{threading.get_ident()}")

    def _answer_path(self, key: str) -> Path:
        return self.folder / "answers" / key[:2] / f"{key}.json"

    def _file_path(self, key: str) -> Path:
        return self.folder / "files" / key[:2] / key

    def _count(self, size_bytes: int) -> None:
        with self._lock:
            self._written += size_bytes
            due = self._written >= min(EVICT_EVERY_BYTES, self.limit_bytes)
            self._written = 0 if due else self._written
        if due:
            self.evict()

    @staticmethod
    def _touch(path: Path) -> None:
        with contextlib.suppress(OSError):
            os.utime(path)

    def entries(self) -> list[tuple[float, int, Path]]:
        """All files of the store: `(last use, size in bytes, path)`, least recently used first."""
        found = []
        for path in self.folder.glob("*/*/*"):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        return sorted(found)

    def evict(self) -> int:
        """Remove the least recently used files until the store is within its limit; gives bytes freed."""
        entries = self.entries()
        excess, freed = sum(size for _, size, _ in entries) - self.limit_bytes, 0
        for used, size, path in entries:
            if path.name.startswith(".part-"):
                if time.time() - used <= 3600:
                    continue  # another process is writing it
            elif freed >= excess:
                continue
            with contextlib.suppress(OSError):
                path.unlink()
                freed += size
        return freed


class NoStore(Store):
    """Neither reads nor writes: every answer is made anew and lives in memory."""

    def get(self, key: str) -> Reply | None:
        """Nothing is known."""
        return None

    def put(self, key: str, reply: Reply) -> Reply:
        """Nothing is kept."""
        return reply


def write_whole(path: Path, data: bytes, mode: int | None = None) -> int:
    """Write beside the place and move there at the end; folders are made. Gives the bytes written.

    `mode` says who may read it; its owner alone if None.

    Raises:
        OSError: The disk is full, or the folder cannot be written; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return len(data)
