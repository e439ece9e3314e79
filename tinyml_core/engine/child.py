"""The loop of a worker process: read a call, do it, answer; ends when its standard input does."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback


def main() -> None:
    """Serve calls until standard input ends; first do what the third argument names, if there is one, `module:function`.

    Answers leave through a duplicate of standard output that nobody else knows; descriptor 1 itself is pointed at
    standard error first, because TensorFlow prints to standard output whenever it likes.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(int(sys.argv[1]))  # page server and browser go first
    from tinyml_core.engine import wire
    from tinyml_core.engine.call import named
    from tinyml_core.engine.perform import perform

    if len(sys.argv) > 3:
        with contextlib.suppress(Exception):  # the call that needs it will say it better
            named(sys.argv[3])()

    def send(line: bytes) -> None:
        answers.write(line)
        answers.flush()

    def report(stage: str) -> None:
        send(json.dumps({"stage": stage}).encode() + b"\n")

    for line in sys.stdin.buffer:
        try:
            reply = wire.reply_line(wire.to_files(perform(wire.read_call(line), report)))
        except Exception:
            reply = json.dumps({"traceback": traceback.format_exc()}).encode() + b"\n"
        send(reply)


if __name__ == "__main__":
    main()
