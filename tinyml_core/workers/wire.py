"""Calls and replies as lines of JSON: data only, so that a child that opened a stranger's file cannot send code."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tinyml_core import fingerprint
from tinyml_core.call import Answer, Blob, Call, Reply
from tinyml_core.outcome import Failure


def call_line(call: Call) -> bytes:
    """A call as one line; bytes in memory travel with it, bytes in files by their path."""
    message = {
        "step": call.step,
        "body": dict(call.body),
        "title": call.title,
        "fingerprint": call.fingerprint,
        "lane": call.lane,
        "blobs": _blobs(call.blobs),
        "function": call.function,
    }
    return json.dumps(message).encode() + b"\n"


def read_call(line: bytes) -> Call:
    """The call of a line."""
    message = json.loads(line)
    return Call(
        step=message["step"],
        body=message["body"],
        fingerprint=message["fingerprint"],
        title=message["title"],
        lane=message["lane"],
        blobs=_read_blobs(message["blobs"]),
        function=message["function"],
    )


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
