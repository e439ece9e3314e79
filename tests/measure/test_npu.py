"""What the real Vela says of a file: an estimate, or a sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import wants
from tinyml_core.domain.outcome import Failure, NpuEstimate
from tinyml_core.engine import fingerprint
from tinyml_core.engine.call import Answer, Blob, Expected
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.store import Store
from tinyml_core.measure import npu
from tinyml_core.pipeline.graph import Want
from tinyml_core.pipeline.steps import NPU
from tinyml_core.pipeline.variant import ask_file, ask_npu

if TYPE_CHECKING:
    from tests.conftest import Lab

WITH_VELA = pytest.mark.skipif(
    fingerprint.version("ethos-u-vela") == "absent", reason="ethos-u-vela has a wheel for Linux on x86-64 only"
)


@dataclass(frozen=True, slots=True)
class Npu:
    """An NPU as a board states it."""

    accelerator: str = "ethos-u55-128"
    system_config: str = "Ethos_U55_High_End_Embedded"
    memory_mode: str = "Shared_Sram"
    clock_mhz: int | None = 400


def estimate(lab: Lab, content: bytes, npu: Npu | None = None) -> NpuEstimate | Failure:
    """What is said of a file on one NPU."""
    variant = ask_file(lab.desk, Blob.of(content), "a file")
    return ask_npu(variant, npu or Npu()).result(300)


def compiled(lab: Lab, model: str, technique: str, npu: Npu | None = None) -> NpuEstimate:
    """The estimate of a variant that must compile."""
    found = estimate(lab, lab.tflite(model, technique), npu)
    assert isinstance(found, NpuEstimate), found
    return found


@WITH_VELA
@pytest.mark.parametrize("model", ["digits", "mlperf_kws"])
def test_all_of_an_int8_model_runs_on_the_npu(model: str, lab: Lab) -> None:
    found = compiled(lab, model, "int8")
    measured = lab.measured(model, "int8")
    assert not isinstance(measured.inspection, Failure)
    assert found.cpu_operators == ()
    assert found.npu_operators == measured.inspection.operators
    assert found.npu_macs_share == 1.0
    assert 0 < found.cycles < (measured.inspection.macs or 0)  # 128 MACs a cycle at best
    assert found.sram_bytes > 0
    assert found.flash_bytes > 0
    assert found.known == f"compiler estimate (Vela {found.vela_version[:3]}), not a measurement"


@WITH_VELA
def test_milliseconds_follow_from_the_clock_of_the_board_or_are_not_known(lab: Lab) -> None:
    at_400, at_200, unknown = (compiled(lab, "digits", "int8", Npu(clock_mhz=clock)) for clock in (400, 200, None))
    assert at_400.milliseconds == at_400.cycles / 400_000
    assert at_200.milliseconds == at_200.cycles / 200_000
    assert unknown.milliseconds is None
    assert at_400.cycles == at_200.cycles == unknown.cycles


@WITH_VELA
def test_a_larger_npu_takes_fewer_cycles(lab: Lab) -> None:
    small, large = (compiled(lab, "mlperf_kws", "int8", Npu(f"ethos-u55-{size}")) for size in (32, 256))
    assert large.cycles < small.cycles


@WITH_VELA
@pytest.mark.parametrize(
    "npu",
    [
        Npu("ethos-u55-64", "Ethos_U55_Deep_Embedded", "Shared_Sram", None),
        Npu("ethos-u55-256", "Ethos_U55_High_End_Embedded", "Sram_Only", None),
        Npu("ethos-u65-256", "Ethos_U65_High_End", "Dedicated_Sram", None),
        Npu("ethos-u85-256", "Ethos_U85_SYS_Flash_High", "Sram_Only", None),
    ],
)
def test_the_generations_of_ethos_u_are_known(npu: Npu, lab: Lab) -> None:
    found = compiled(lab, "digits", "int8", npu)
    assert (found.accelerator, found.system_config) == (npu.accelerator, npu.system_config)
    assert found.cycles > 0
    assert (found.dram_bytes > 0) == (npu.memory_mode == "Dedicated_Sram")


@WITH_VELA
def test_operators_that_fall_back_to_the_cpu_are_named(lab: Lab) -> None:
    found = compiled(lab, "digits", "int8_float_io")
    assert set(found.cpu_operators) == {"QUANTIZE", "DEQUANTIZE"}
    assert not set(found.cpu_operators) & set(found.npu_operators)
    assert found.npu_macs_share == 1.0


@WITH_VELA
@pytest.mark.parametrize(("technique", "kind"), [("float32", "float32"), ("dynamic", "hybrid"), ("float16", "float16")])
def test_a_file_that_computes_in_floats_is_refused_in_a_sentence(technique: str, kind: str, lab: Lab) -> None:
    found = estimate(lab, lab.tflite("digits", technique))
    assert isinstance(found, Failure)
    assert found.reason.startswith("The NPU runs integer operators only")
    assert kind in found.reason
    assert "int8" in found.advice
    assert found.lasting


def on_npu(content: bytes, npu: Npu, title: str = "a file") -> Want[Any]:
    """What an NPU makes of a file."""
    told = {"accelerator": npu.accelerator, "system_config": npu.system_config, "memory_mode": npu.memory_mode}
    return wants.on_file(NPU, content, title, **told)


def answer(lab: Lab, content: bytes, npu: Npu | None = None) -> Answer | Failure:
    """What a worker answers for a file that was not looked at before."""
    return wants.ask(lab.desk, on_npu(content, npu or Npu()))


@WITH_VELA
@pytest.mark.parametrize("keep", [0.0, 0.05, 0.3, 0.6, 0.95])
def test_a_damaged_file_is_a_sentence_and_the_worker_lives_on(keep: float, lab: Lab) -> None:
    content = lab.tflite("digits", "int8")
    reply = answer(lab, content[: int(keep * len(content))])
    assert isinstance(reply, Failure)
    assert reply.reason.endswith(".")
    assert reply.lasting
    assert isinstance(answer(lab, content), Answer)


@WITH_VELA
def test_a_crash_of_vela_is_a_sentence(monkeypatch: pytest.MonkeyPatch, lab: Lab) -> None:
    content = lab.tflite("digits", "int8")
    for code, words in (
        ("import os; os.abort()", r"crashed on this file \(signal 6\)"),
        ("import sys; print('no such thing'); sys.exit(3)", "could not compile this file: no such thing"),
        ("pass", "ended without the files"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "was ended"),
    ):
        monkeypatch.setattr(npu, "VELA", code)
        with pytest.raises(Expected, match=words):
            npu.npu(content, "ethos-u55-128", "Ethos_U55_High_End_Embedded", "Shared_Sram")


@WITH_VELA
def test_a_configuration_that_vela_does_not_know_is_told_in_its_own_words(lab: Lab) -> None:
    reply = answer(lab, lab.tflite("digits", "int8"), Npu(system_config="Nonsense"))
    assert isinstance(reply, Failure)
    assert "Nonsense" in reply.reason
    assert "not found in Vela config file" in reply.detail


def test_without_vela_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npu, "version", lambda package: "absent")
    with pytest.raises(Expected, match="not installed") as raised:
        npu.npu(b"", "ethos-u55-128", "Ethos_U55_High_End_Embedded", "Shared_Sram")
    assert raised.value.failure.stage == "compiling for the NPU"


@WITH_VELA
def test_the_same_call_is_answered_by_the_store(lab: Lab, tmp_path: Path) -> None:
    content = lab.tflite("digits", "int8")
    desk = Desk(lab.desk.executors, lab.desk.slots, Store(tmp_path), lab.desk.progress)
    first = wants.ask(desk, on_npu(content, Npu()))
    later = Desk({}, {}, Store(tmp_path), lab.desk.progress)  # nobody to do it
    assert wants.ask(later, on_npu(content, Npu(clock_mhz=100), "another title")) == first


def test_another_vela_is_another_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    before = wants.fingerprint(on_npu(b"a", Npu()))
    version = fingerprint.version
    monkeypatch.setattr(fingerprint, "version", lambda name: "0.0" if name == "ethos-u-vela" else version(name))
    fingerprint.libraries.cache_clear()
    try:
        assert wants.fingerprint(on_npu(b"a", Npu())) != before
    finally:
        fingerprint.libraries.cache_clear()
    assert wants.fingerprint(on_npu(b"a", replace(Npu(), accelerator="ethos-u55-64"))) != before


def test_a_variant_that_failed_has_nothing_to_compile(lab: Lab) -> None:
    found = estimate(lab, b"no model")
    assert isinstance(found, Failure)
    assert found.reason == "There is no file to compile."
