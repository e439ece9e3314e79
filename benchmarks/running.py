"""Runs a benchmark's process and times it from its start, with byte code on both sides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def clean_environment() -> dict[str, str]:
    """This process's environment, but byte code is written and read: without it imports take three times longer."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run(module: str, *arguments: str) -> tuple[float, dict[str, Any]]:
    """Run `python -m module` to its end.

    Returns:
        `(seconds from process start to process end, the JSON object of its last line)`.

    Raises:
        RuntimeError: It ended with an error; the message holds its last words.
    """
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, env=clean_environment(), capture_output=True, text=True
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    return seconds, json.loads(done.stdout.strip().splitlines()[-1])
