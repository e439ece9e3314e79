"""Fingerprints cover all that can change an outcome, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tinyml_core
from tinyml_core import catalog, fingerprint, plan, plan_inspecting, plan_making, plan_studying
from tinyml_core.ask_made import made_fingerprint
from tinyml_core.call import Answer, Blob, Call
from tinyml_core.compress import techniques
from tinyml_core.try_one import Given
from tinyml_core.values import Job, Settings
from tinyml_core.workers import wire

if TYPE_CHECKING:
    from tests.conftest import Lab

CORE = Path(tinyml_core.__file__).parent
FILE = Blob.of(b"a model")


@dataclass(frozen=True, slots=True)
class Npu:
    """An NPU as a board states it."""

    accelerator: str
    system_config: str
    memory_mode: str
    clock_mhz: int | None


PLAIN = Settings()

# Files whose code runs while a step does, but which cannot change what it answers: each with its reason.
HARMLESS = {
    "workers/perform.py": "calls the step and carries its answer",
    "compress/presets.py": "a technique is the names of its stages, and those stand in the fingerprint",
    "datasets/*.py": "all are discovered, one is used: its own file stands in the data set's identity",
    "fetched.py": "says where files lie; what lies in them stands in the identity of the data set or the model",
    "mobilenet_v2.py": "all models are discovered, one is used: it stands in the models' identity",
    "idx_files.py": "all data sets are discovered, one is used: it stands in the data sets' identity",
    "models/*.py": "all are discovered, one is used: its own file stands in the model's identity",
    "**/__init__.py": "one sentence each",
}
# Run a call as a worker does, and tell which of the core's files ran code meanwhile: in any function, or by import.
# The libraries are loaded before, because tracing them would take minutes.
TRACED = """
import importlib, json, os, sys, threading
from tinyml_core.workers.perform import ENVIRONMENT, perform
from tinyml_core.workers import wire
from tinyml_core import steps
os.environ.update(ENVIRONMENT)
for name in sys.argv[2:]:
    importlib.import_module(name)
core, ran = sys.argv[1], set()
def note(frame, event, argument):
    if event == "call" and frame.f_code.co_filename.startswith(core):
        ran.add(frame.f_code.co_filename)
call = wire.read_call(sys.stdin.buffer.readline())
threading.setprofile(note)
sys.setprofile(note)
reply = perform(call)
sys.setprofile(None)
print(json.dumps({"ran": sorted(ran), "failure": repr(reply) if not hasattr(reply, "body") else None}))
"""
HEAVY = ("tensorflow", "tf_keras", "tensorflow_model_optimization")


def calls(lab: Lab) -> dict[str, Call]:
    """One call of each kind, with all it needs."""
    arrays = lab.desk.ask(plan.dataset_call("digits")).result(300)
    exported = lab.desk.ask(plan_making.export_call("digits")).result(300)
    assert isinstance(arrays, Answer)
    assert isinstance(exported, Answer)
    random = lab.desk.ask(plan_making.export_call("mlperf_kws")).result(300)
    assert isinstance(random, Answer)
    blobs = {"arrays": arrays.blobs["arrays"], "saved_model": exported.blobs["saved_model"]}
    tflite = Blob.of(lab.tflite("digits", "int8"))
    facts = {"output_step": 0.1, "arena_saving_bytes": 100}
    float32 = Blob.of(lab.tflite("digits", "float32"))
    with_data = {"tflite": float32, "arrays": blobs["arrays"]}
    return {
        "load_dataset": plan.dataset_call("digits"),
        "load_mnist": plan.dataset_call("mnist"),
        "export": plan_making.export_call("digits"),
        "convert": plan_making.convert_call(Job("digits", "digits", "int8"), "int8", blobs),
        "train": plan_making.train_on_call(TRAINED_ON, "qat", {"arrays": blobs["arrays"]}),
        "export_random": plan_making.export_call("mlperf_kws"),
        "convert_made_up": plan_making.convert_call(Job("mlperf_kws", "", "int8"), "int8", random.blobs),
        "inspect": plan.inspect_call(tflite, "x"),
        "weight_values": plan.weights_call(tflite, float32, "x"),
        "score": plan.score_call(tflite, "digits", blobs["arrays"], "x"),
        "micro": plan.micro_call(tflite, "digits", blobs["arrays"], facts, "x"),
        "latency": plan.latency_call(tflite, "x"),
        "requantize": plan_making.requantize_call(MIXED, "lq_mixed", float32.sha256, with_data),
        "few_bits": plan_studying.few_bits_call(float32, "digits", blobs["arrays"]),
        "rank_layers": plan_studying.rank_layers_call(float32, "digits", "digits", 10, blobs["arrays"]),
        "anatomy": plan_inspecting.anatomy_call(tflite, "x"),
        "layer_errors": plan_inspecting.layer_errors_call(
            tflite, float32, None, "digits", "digits", blobs["arrays"], "x"
        ),
        "layer_errors_made_up": plan_inspecting.layer_errors_call(tflite, float32, None, "digits", "", None, "x"),
        "predictions": plan_inspecting.predictions_call(tflite, float32, "digits", "digits", blobs["arrays"], "x"),
        "try_one": plan_inspecting.try_one_call(
            tflite, float32, Given("sample"), "digits", "digits", blobs["arrays"], "x"
        ),
        **({"npu": plan.npu_call(tflite, NPU, "x")} if "npu" in KINDS else {}),
    }


TRAINED_ON = Job("digits", "digits", "qat_int8", Settings(fine_tuning_epochs=1))
MIXED = Job("digits", "digits", "lq_mixed")
KINDS = (
    "load_dataset", "load_mnist", "export", "convert", "train", "export_random", "convert_made_up", "inspect",
    "weight_values", "score", "micro", "latency", "requantize", "few_bits", "rank_layers",
    "anatomy", "layer_errors", "layer_errors_made_up", "predictions", "try_one",
    *(("npu",) if fingerprint.version("ethos-u-vela") != "absent" else ()),
)  # fmt: skip
ALIKE = ("load_mnist", "export_random", "convert_made_up", "rank_layers", "layer_errors_made_up", "npu")
"""Traced only in the long run: another of their kind stands for them in the usual one."""
NPU = Npu("ethos-u55-128", "Ethos_U55_High_End_Embedded", "Shared_Sram", 400)


def matching(patterns: set[str]) -> set[Path]:
    """The core's files that match."""
    return {path for pattern in patterns for path in CORE.glob(pattern)}


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.every if kind in ALIKE else ()) for kind in KINDS]
)
def test_every_file_of_the_core_that_a_step_runs_stands_in_its_fingerprint(
    kind: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.tflite("digits", "int8")
    declared: set[str] = set()
    sources = fingerprint.sources

    def noting(*patterns: str) -> str:
        declared.update(patterns)
        return sources(*patterns)

    monkeypatch.setattr(fingerprint, "sources", noting)
    everything = calls(lab)
    declared.clear()
    asked = rebuilt(kind, everything[kind])
    heavy = HEAVY if asked.lane == "tensorflow" else ()
    done = subprocess.run(
        [sys.executable, "-c", TRACED, str(CORE), *heavy], input=wire.call_line(asked), capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["failure"] is None
    assert told["ran"]
    missing = {Path(path) for path in told["ran"]} - matching(declared) - matching(set(HARMLESS))
    assert {str(path.relative_to(CORE)) for path in missing} == set()


def rebuilt(kind: str, made: Call) -> Call:
    """The call made again by itself, so that what it declares is noted alone."""
    again = {
        "load_dataset": lambda: plan.dataset_call("digits"),
        "load_mnist": lambda: plan.dataset_call("mnist"),
        "export": lambda: plan_making.export_call("digits"),
        "convert": lambda: plan_making.convert_call(Job("digits", "digits", "int8"), "int8", made.blobs),
        "train": lambda: plan_making.train_on_call(TRAINED_ON, "qat", made.blobs),
        "export_random": lambda: plan_making.export_call("mlperf_kws"),
        "convert_made_up": lambda: plan_making.convert_call(Job("mlperf_kws", "", "int8"), "int8", made.blobs),
        "inspect": lambda: plan.inspect_call(made.blobs["tflite"], "x"),
        "score": lambda: plan.score_call(made.blobs["tflite"], "digits", made.blobs["arrays"], "x"),
        "micro": lambda: plan.micro_call(
            made.blobs["tflite"], "digits", made.blobs["arrays"], {"output_step": 0.1, "arena_saving_bytes": 100}, "x"
        ),
        "latency": lambda: plan.latency_call(made.blobs["tflite"], "x"),
        "weight_values": lambda: plan.weights_call(made.blobs["tflite"], made.blobs["reference"], "x"),
        "requantize": lambda: plan_making.requantize_call(MIXED, "lq_mixed", made.blobs["tflite"].sha256, made.blobs),
        "few_bits": lambda: plan_studying.few_bits_call(made.blobs["tflite"], "digits", made.blobs["arrays"]),
        "rank_layers": lambda: plan_studying.rank_layers_call(
            made.blobs["tflite"], "digits", "digits", 10, made.blobs["arrays"]
        ),
        "layer_errors": lambda: plan_inspecting.layer_errors_call(
            made.blobs["tflite"], made.blobs["own"], None, "digits", "digits", made.blobs["arrays"], "x"
        ),
        "layer_errors_made_up": lambda: plan_inspecting.layer_errors_call(
            made.blobs["tflite"], made.blobs["own"], None, "digits", "", None, "x"
        ),
        "predictions": lambda: plan_inspecting.predictions_call(
            made.blobs["tflite"], made.blobs["reference"], "digits", "digits", made.blobs["arrays"], "x"
        ),
        "try_one": lambda: plan_inspecting.try_one_call(
            made.blobs["tflite"],
            made.blobs["reference"],
            Given("sample"),
            "digits",
            "digits",
            made.blobs["arrays"],
            "x",
        ),
        "anatomy": lambda: plan_inspecting.anatomy_call(made.blobs["tflite"], "x"),
        "npu": lambda: plan.npu_call(made.blobs["tflite"], NPU, "x"),
    }[kind]()
    assert again.fingerprint == made.fingerprint
    return again


def test_every_excuse_is_about_files_that_exist() -> None:
    for pattern in HARMLESS:
        assert matching({pattern}), pattern


# ---- settings ----------------------------------------------------------------------------------------------------

CHANGES: dict[str, dict[str, Any]] = {
    "calibration_samples": {"calibration_samples": 50},
    "fine_tuning_epochs": {"fine_tuning_epochs": 5},
    "policy": {"policy": "OPTIMIZE_FOR_SIZE"},
    "seed": {"seed": 7},
    "temperature": {"temperature": 8.0},
    "soft_weight": {"soft_weight": 0.9},
    "kept_layers": {"kept_layers": 2},
}


def conversion(technique: str, **settings: Any) -> str:
    """The fingerprint of a conversion of digits."""
    return made_fingerprint(Job("digits", "digits", technique, replace(PLAIN, **settings)))


def relevant(technique: str) -> set[str]:
    """The settings that can change a technique's bytes, told from its stages."""
    member = techniques.technique(technique)
    number_format, stage = techniques.number_formats()[member.number_format], techniques.stages()[member.training]
    names = {*number_format.settings, *(["calibration_samples"] if number_format.needs_calibration else [])}
    while stage.name != "none":
        names |= {*stage.settings}
        stage = techniques.stages()[stage.after]
    return names


@pytest.mark.parametrize("setting", list(CHANGES))
@pytest.mark.parametrize("technique", list(techniques.techniques()))
def test_a_setting_makes_a_new_conversion_only_where_it_can_change_the_file(technique: str, setting: str) -> None:
    changed = conversion(technique, **CHANGES[setting]) != conversion(technique)
    assert changed == (setting in relevant(technique))


def test_every_setting_is_tried() -> None:
    assert set(CHANGES) == set(PLAIN.__dataclass_fields__)


def test_a_setting_that_is_left_out_indeed_leaves_the_bytes_alone(lab: Lab) -> None:
    plain = lab.measured("digits", "int8").file_sha256
    assert lab.measured("digits", "int8", **CHANGES["policy"], **CHANGES["seed"]).file_sha256 == plain


# ---- what else is told apart -------------------------------------------------------------------------------------


def test_every_technique_model_and_step_has_a_fingerprint_of_its_own() -> None:
    made = [
        made_fingerprint(Job(model.name, model.default_dataset, technique))
        for model in catalog.models().values()
        for technique in techniques.techniques()
    ]
    made += [plan_making.export_call(model).fingerprint for model in catalog.models()]
    made += [plan.dataset_call(dataset).fingerprint for dataset in catalog.datasets()]
    made += [
        plan.inspect_call(FILE, "").fingerprint,
        plan.latency_call(FILE, "").fingerprint,
        *(plan.score_call(FILE, dataset, None, "").fingerprint for dataset in catalog.datasets()),
        *(plan.micro_call(FILE, dataset, None, {}, "").fingerprint for dataset in [*catalog.datasets(), None]),
        plan.npu_call(FILE, NPU, "").fingerprint,
        plan.npu_call(FILE, replace(NPU, accelerator="ethos-u55-64"), "").fingerprint,
        plan.npu_call(FILE, replace(NPU, memory_mode="Sram_Only"), "").fingerprint,
        plan_making.warm_up_call(0).fingerprint,
        plan_making.warm_up_call(1).fingerprint,
    ]
    assert len(set(made)) == len(made)


def test_another_file_is_another_measurement() -> None:
    other = Blob.of(b"another model")
    for make in (plan.inspect_call, plan.latency_call):
        assert make(FILE, "").fingerprint != make(other, "").fingerprint
    assert plan.score_call(FILE, "sine", None, "").fingerprint != plan.score_call(other, "sine", None, "").fingerprint


def test_what_tflm_is_told_of_the_file_stands_in_the_fingerprint() -> None:
    # If reading the file failed for the moment, nothing is known of it; that answer must not stand for the full one.
    full = {"output_step": 0.1, "arena_saving_bytes": 100}
    assert (
        plan.micro_call(FILE, "digits", None, full, "").fingerprint
        != plan.micro_call(FILE, "digits", None, {}, "").fingerprint
    )


def test_a_title_is_not_part_of_the_outcome() -> None:
    assert plan.inspect_call(FILE, "mine").fingerprint == plan.inspect_call(FILE, "yours").fingerprint


def test_the_bytes_of_a_blob_may_lie_anywhere(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a model")
    there = Blob(FILE.sha256, path=str(tmp_path / "a"))
    assert plan.inspect_call(there, "").fingerprint == plan.inspect_call(FILE, "").fingerprint


def test_the_data_cannot_change_a_file_that_was_made_without_data() -> None:
    def on(dataset: str, technique: str) -> str:
        return made_fingerprint(Job("mnist", dataset, technique))

    assert on("mnist", "float16") == on("mnist_full", "float16")
    assert on("mnist", "int8") != on("mnist_full", "int8")


@pytest.mark.parametrize("library", ["tensorflow", "tf_keras", "tensorflow-model-optimization", "numpy"])
def test_another_version_of_a_library_is_another_conversion(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = conversion("int8")
    version = fingerprint.version
    monkeypatch.setattr(fingerprint, "version", lambda package: "0.0" if package == library else version(package))
    fingerprint.libraries.cache_clear()
    try:
        assert conversion("int8") != before
    finally:
        fingerprint.libraries.cache_clear()


@pytest.mark.parametrize("library", ["ai-edge-litert", "tflite-micro"])
def test_another_version_of_an_interpreter_is_another_measurement_and_no_new_conversion(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def both() -> tuple[str, str]:
        return conversion("int8"), plan.micro_call(FILE, "digits", None, {}, "").fingerprint

    before = both()
    version = fingerprint.version
    monkeypatch.setattr(fingerprint, "version", lambda package: "0.0" if package == library else version(package))
    fingerprint.libraries.cache_clear()
    try:
        after = both()
    finally:
        fingerprint.libraries.cache_clear()
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_the_order_of_keys_does_not_matter_but_every_value_does() -> None:
    assert fingerprint.of({"a": 1, "b": [2]}) == fingerprint.of({"b": [2], "a": 1})
    assert fingerprint.of({"a": 1}) != fingerprint.of({"a": 2})
    assert fingerprint.of({"a": None}) != fingerprint.of({})


def test_a_pattern_that_matches_no_source_is_an_error() -> None:
    with pytest.raises(FileNotFoundError, match=r"no_such_file\.py"):
        fingerprint.sources("no_such_file.py")


def test_a_package_that_is_not_there_is_an_error_and_its_version_is_absent() -> None:
    assert fingerprint.version("no-such-package") == "absent"
    with pytest.raises(FileNotFoundError, match="not installed"):
        fingerprint.package_file("no_such_package", "data.csv")
    with pytest.raises(FileNotFoundError, match="lacks"):
        fingerprint.package_file("numpy", "no_such_file.csv")
