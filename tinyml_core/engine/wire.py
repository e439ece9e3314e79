"""Large answers of a worker travel as files: as text in a line they would take six times their size in memory."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tinyml_core.domain.outcome import Failure
from tinyml_core.engine import fingerprint
from tinyml_core.engine.call import Answer, Blob, Call, Reply

LARGE_BYTES = 16 * 1024**2

VARIABLE = "TINYML_SPOOL"
"""Names the folder to a worker; the pool of workers owns it and removes it."""

PREFIX = "tinyml-spool-"
TRAVELS = ("step", "title", "fingerprint", "pool", "function")
"""What a worker is told of a call beside its arguments; limits and priority are its parent's concern."""


def is_spooled(path: str) -> bool:
    """True for a file that a worker wrote for whoever asked, and for nobody else."""
    return Path(path).parent.name.startswith(PREFIX)


def to_files(reply: Reply) -> Reply:
    """The reply with its large blobs as files of the spool; unchanged where there is no spool.

    Raises:
        OSError: The disk is full.
    """
    folder = os.environ.get(VARIABLE)
    if not isinstance(reply, Answer) or not folder:
        return reply
    return Answer(reply.body, {name: _to_file(blob, folder) for name, blob in reply.blobs.items()}, reply.laps)


def _to_file(blob: Blob, folder: str) -> Blob:
    if blob.data is None or len(blob.data) < LARGE_BYTES:
        return blob
    descriptor, path = tempfile.mkstemp(dir=folder)
    with os.fdopen(descriptor, "wb") as file:
        file.write(blob.data)
    return Blob(blob.sha256, path=path)


def are_inside(blobs: Mapping[str, Blob], folder: str) -> bool:
    """True if every file that a reply names lies in the spool: a worker that opened a stranger's file may name no other."""
    paths = [Path(blob.path) for blob in blobs.values() if blob.path is not None]
    return all(path.parent == Path(folder) and path.is_file() and not path.is_symlink() for path in paths)


def call_line(call: Call) -> bytes:
    """A call as one line; bytes in memory travel with it, bytes in files by their path."""
    message = {name: getattr(call, name) for name in TRAVELS}
    return json.dumps(message | {"body": dict(call.body), "blobs": _blobs(call.blobs)}).encode() + b"\n"


def read_call(line: bytes) -> Call:
    """The call of a line."""
    message = json.loads(line)
    return Call(**message | {"blobs": _read_blobs(message["blobs"])})


def reply_line(reply: Reply) -> bytes:
    """A reply as one line."""
    if isinstance(reply, Failure):
        message: dict[str, Any] = {"failure": asdict(reply)}
    else:
        message = {"body": reply.body, "blobs": _blobs(reply.blobs), "laps": dict(reply.laps)}
    return json.dumps(message).encode() + b"\n"


def read_reply(message: Mapping[str, Any]) -> Reply:
    """The reply of a parsed line.

    Raises:
        ValueError, KeyError, TypeError: The message is not a reply.
    """
    if "failure" in message:
        return Failure(**message["failure"])
    return Answer(body=message["body"], blobs=_read_blobs(message["blobs"]), laps=message["laps"])


def _blobs(blobs: Mapping[str, Blob]) -> dict[str, dict[str, str | None]]:
    return {
        name: {
            "sha256": blob.sha256,
            "path": blob.path,
            "origin": blob.origin,
            "base64": base64.b64encode(blob.data).decode() if blob.data is not None and blob.path is None else None,
        }
        for name, blob in blobs.items()
    }


def _read_blobs(blobs: Mapping[str, Mapping[str, str | None]]) -> dict[str, Blob]:
    read = {}
    for name, blob in blobs.items():
        text = blob["base64"]
        data = base64.b64decode(text) if text is not None else None
        if data is not None and fingerprint.sha256(data) != blob["sha256"]:
            raise ValueError(f"the bytes of {name} are not what their address says")
        read[name] = Blob(str(blob["sha256"]), data=data, path=blob["path"], origin=blob.get("origin") or "")
    return read
