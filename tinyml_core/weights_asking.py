"""Asks for the weights of a variant beside those of float32."""

from __future__ import annotations

from concurrent.futures import Future

import cattrs

from tinyml_core import plan
from tinyml_core.call import Blob, Reply
from tinyml_core.chain import done, then
from tinyml_core.desk import Desk
from tinyml_core.outcome import Failure
from tinyml_core.weights import Weights


def ask_weights(desk: Desk, tflite: Blob, reference: Blob, title: str) -> Future[Weights | Failure]:
    """Ask for a file's weights against those of float32's file; returns at once."""

    def read(reply: Reply) -> Future[Weights | Failure]:
        return done(reply if isinstance(reply, Failure) else cattrs.structure(reply.body, Weights))

    return then(desk.ask(plan.weights_call(tflite, reference, f"weights of {title}")), read)
