"""Functions that a call of a test names, to be done by an isolated worker: they try to break the isolation."""

from __future__ import annotations

import os


def connect(body, blobs, report):
    import socket

    try:
        socket.create_connection(("127.0.0.1", body["port"]), timeout=5).close()
    except OSError as error:
        return {"error": type(error).__name__, "text": str(error)}, {}
    return {"error": "", "text": "reached"}, {}


def environment(body, blobs, report):
    import tempfile

    return {
        "names": sorted(os.environ),
        "home": os.environ["HOME"],
        "folder": os.getcwd(),
        "temporary": tempfile.gettempdir(),
    }, {}


def large_file(body, blobs, report):
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with open("large", "wb") as file:
            for _ in range(body["megabytes"]):
                file.write(bytes(2**20))
    except OSError as error:
        return {"error": type(error).__name__}, {}
    return {"error": ""}, {}


def many_files(body, blobs, report):
    import time

    for number in range(body["megabytes"]):
        with open(f"file{number}", "wb") as file:
            file.write(bytes(2**20))
    time.sleep(15)
    return {}, {}


def open_files(body, blobs, report):
    held = []
    try:
        for _ in range(body["count"]):
            held.append(open(os.devnull, "rb"))  # noqa: PERF401, SIM115  (an error must not lose those before)
    except OSError:
        pass
    count = len(held)
    for file in held:
        file.close()
    return {"opened": count}, {}


def start_another(body, blobs, report):
    import subprocess

    return {"pid": subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).pid}, {}


def forever(body, blobs, report):
    import os
    import signal

    for wish in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(wish, signal.SIG_IGN)
    report(f"pid {os.getpid()}")
    while True:
        pass


TIMES = []


def remember(body, blobs, report):
    TIMES.append(1)
    return {"times": len(TIMES), "pid": os.getpid()}, {}


def name_a_file(body, blobs, report):
    from tinyml_core.engine import wire
    from tinyml_core.engine.call import Answer, Blob

    wire.to_files = lambda reply: Answer({}, {"content": Blob("0" * 64, path=body["path"])}, {})
    return {}, {}


def large_answer(body, blobs, report):
    return {}, {"content": bytes(body["megabytes"] * 2**20)}
