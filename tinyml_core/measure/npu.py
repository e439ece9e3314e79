"""Compiles a `.tflite` for an Arm Ethos-U NPU with Vela, Arm's own compiler, and reads its estimate.

Vela runs in a process of its own, because damaged files crash it. Its numbers, as its source makes them: `cycles_total` of
its summary are NPU clock cycles of all that it put on the NPU, the waits for memory of the named system configuration
included; `sram_memory_used` is the peak of the memory plan in SRAM, in KiB. What it left to the CPU is not in them: these
operators stand in the compiled file under their own names, beside the operator `ethos-u` that holds all others.
"""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tinyml_core.domain.outcome import Failure, NpuEstimate
from tinyml_core.engine.call import Expected
from tinyml_core.engine.fingerprint import version
from tinyml_core.engine.progress import timed
from tinyml_core.measure.inspect_file import flash_bytes, macs, work
from tinyml_core.measure.tflite import operator_names, parse

PACKAGE = "ethos-u-vela"
NPU_OPERATOR = "ethos-u"
STAGE = "compiling for the NPU"
PATIENCE_S = 120

# The limits hold even if the worker is ended meanwhile: then nobody is left to end Vela.
VELA = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({PATIENCE_S}, {PATIENCE_S}))
resource.setrlimit(resource.RLIMIT_AS, (4 * 1024**3, 4 * 1024**3))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from ethosu.vela.vela import main
sys.exit(main())
"""


def npu(content: bytes, accelerator: str, system_config: str, memory_mode: str) -> NpuEstimate:
    """What Vela makes of a `.tflite`: cycles, memory, and which operators the NPU executes.

    The accelerator is named as Vela does, with the MACs per cycle: `ethos-u55-128`; configuration and memory mode are
    sections of Vela's own `Arm/vela.ini`: `Ethos_U55_High_End_Embedded`, `Shared_Sram`.

    Raises:
        Expected: Vela is not here, refuses the file or the configuration, crashes, or leaves everything to the CPU.
    """
    if version(PACKAGE) == "absent":
        reason = f"The compiler Vela is not installed: {PACKAGE} has no wheel for this kind of machine."
        raise Expected(Failure(STAGE, reason, "Run the lab on Linux x86-64, or in a container.", lasting=True))
    model = parse(content)
    with tempfile.TemporaryDirectory(prefix="tinyml-") as name:
        folder = Path(name)
        (folder / "model.tflite").write_bytes(content)
        words = _vela(folder, accelerator, system_config, memory_mode)
        try:
            compiled = (folder / "output" / "model_vela.tflite").read_bytes()
            (summary,) = (folder / "output").glob("model_summary_*.csv")
            (told,) = csv.DictReader(summary.read_text().splitlines())
            cycles = int(float(told["cycles_total"]))
            sram, dram = (round(1024 * float(told[f"{area}_memory_used"])) for area in ("sram", "dram"))
        except (OSError, ValueError, KeyError) as error:
            raise _failed("Vela ended without the files it should have written.", words) from error
    left = parse(compiled)
    names = operator_names(left)[0]
    if NPU_OPERATOR not in names:
        raise _nothing_compiled(model, accelerator, words)
    cpu = tuple(name for name in names if name != NPU_OPERATOR)
    # Share of the file's MACs that the NPU does, 0 to 1; None where they cannot be counted.
    whole, on_cpu = macs(work(model)), macs(one for one in work(left) if one.operator != NPU_OPERATOR)
    return NpuEstimate(
        accelerator, system_config, memory_mode, cycles, sram, flash_bytes(compiled),
        npu_operators=_without(operator_names(model)[0], cpu), cpu_operators=cpu,
        npu_macs_share=None if not whole or on_cpu is None else 1 - on_cpu / whole,
        milliseconds=None, vela_version=version(PACKAGE), dram_bytes=dram,
    )  # fmt: skip


def _vela(folder: Path, accelerator: str, system_config: str, memory_mode: str) -> str:
    """Run Vela in a folder; gives its words."""
    command = [
        *(sys.executable, "-c", VELA, "model.tflite", "--output-dir", "output", "--config", "Arm/vela.ini"),
        *("--accelerator-config", accelerator, "--system-config", system_config, "--memory-mode", memory_mode),
    ]
    try:
        with timed("compile_s"):
            done = subprocess.run(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=2 * PATIENCE_S,
            )  # fmt: skip
    except subprocess.TimeoutExpired as expired:
        raise _failed(f"Vela took longer than {2 * PATIENCE_S} seconds.", "", lasting=False) from expired
    words = done.stdout.decode(errors="replace").strip()
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _failed(f"Vela was ended: it may use {PATIENCE_S} seconds of processor time.", words, lasting=False)
    if done.returncode < 0:
        raise _failed(f"Vela crashed on this file (signal {-done.returncode}).", words)
    if done.returncode:
        last = words.splitlines()[-1] if words else "it did not say why"
        raise _failed(f"Vela could not compile this file: {last[:300]}", words)
    return words


def _failed(reason: str, words: str, lasting: bool = True) -> Expected:
    advice = "Look at Vela's own words; a full integer (int8) file of usual operators should compile."
    return Expected(Failure(STAGE, reason, advice, lasting=lasting, detail=words[-4000:]))


def _nothing_compiled(model: Any, accelerator: str, words: str) -> Expected:
    """Why there is nothing on the NPU: mostly because the file computes in floats."""
    kinds = sorted({one.dtype for one in work(model) if one.macs and one.dtype in ("float32", "float16", "hybrid")})
    if not kinds:
        return _failed(f"Vela puts none of the operators on the {accelerator}.", words)
    reason = f"The NPU runs integer operators only, and this file computes in floats ({', '.join(kinds)})."
    return Expected(Failure(STAGE, reason, "Use full integer (int8).", lasting=True, detail=words[-4000:]))


def _without(names: list[str], left: tuple[str, ...]) -> tuple[str, ...]:
    """The names that are not left, in order; the last of several equal ones count as left."""
    remaining, kept = Counter(left), []
    for name in reversed(names):
        if remaining[name]:
            remaining[name] -= 1
        else:
            kept.append(name)
    return tuple(reversed(kept))
