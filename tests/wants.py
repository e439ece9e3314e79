"""Short ways to say what is wanted of a file or of a data set, and to ask for it."""

from __future__ import annotations

from typing import Any

from tinyml_core import catalog
from tinyml_core.domain.technique import Job
from tinyml_core.engine.call import Answer, Blob, Call, Reply
from tinyml_core.engine.desk import Desk
from tinyml_core.pipeline.files import Made, data, tflite
from tinyml_core.pipeline.graph import Asker, Need, Step, Want

PATIENCE_S = 500


def on_file(step: Step, content: bytes | Blob, title: str = "a file", **given: Any) -> Want[Any]:
    """A step on the bytes of one `.tflite`."""
    blob = Blob.of(content) if isinstance(content, bytes) else content
    return Want(step, title, given, {"content": Need(blob, "tflite", by_content=True)})


def loaded(dataset: str) -> Want[Any]:
    """The arrays of a data set of the lab."""
    wanted = data(catalog.dataset(dataset))
    assert isinstance(wanted, Want)
    return wanted


def made(job: Job) -> Want[Any]:
    """The file of a job that has to be made."""
    wanted = tflite(Made.of(job))
    assert isinstance(wanted, Want), wanted
    return wanted


def need(want: Want[Any], name: str) -> Want[Any]:
    """What a want needs under that name, where that is to be made too."""
    wanted = want.needs[name].of
    assert isinstance(wanted, Want), wanted
    return wanted


def ask(desk: Desk, want: Want[Any]) -> Reply:
    """The reply to a want, and to all that it needs before."""
    return Asker(desk).ask(want).result(PATIENCE_S)


def whole(desk: Desk, want: Want[Any]) -> Call:
    """The call of a want with all its bytes, as a worker gets it; what it needs is made before."""
    asker, blobs, told = Asker(desk), {}, {}
    for name, one in want.needs.items():
        reply = asker.source(one.of, one.name).result(PATIENCE_S)
        assert isinstance(reply, Answer), reply
        blobs[name] = reply.blobs[one.name]
        if name in want.step.hands_on and reply.body:
            told[want.step.hands_on[name]] = reply.body
    return want.call(blobs, told)


def fingerprint(want: Want[Any]) -> str:
    """The fingerprint of a want whose needs by content are bytes that are there."""
    return want.call({name: one.of for name, one in want.needs.items() if isinstance(one.of, Blob)}).fingerprint
