"""On what a number was measured: a number without its environment is not a result."""

from __future__ import annotations

import contextlib
import platform
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from tinyml_core.engine import fingerprint

LIBRARIES = (
    "tensorflow", "tf_keras", "tensorflow-model-optimization", "ai-edge-litert", "litert-quantizer", "tflite-micro",
    "ethos-u-vela", "numpy", "streamlit",
)  # fmt: skip


@cache
def processor() -> str:
    """The processor's name, as the system states it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def environment() -> dict[str, Any]:
    """Versions and machine, JSON-able; nothing heavy is imported."""
    return {
        "tinyml_lab": fingerprint.version("tinyml-lab"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": psutil.cpu_count() or 1,
        "libraries": {name: fingerprint.version(name) for name in LIBRARIES},
    }
