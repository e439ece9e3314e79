"""Fingerprints cover all that can change an outcome, and nothing else."""

from __future__ import annotations

import dataclasses
import inspect
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tinyml_core
from tests import wants
from tests.uploads.keras_files_made import dense, keras_file, sequential
from tinyml_core import catalog
from tinyml_core.analysis.try_one import Given
from tinyml_core.compress import techniques
from tinyml_core.domain.brought import ModelFacts, Port
from tinyml_core.domain.technique import Job, Settings
from tinyml_core.engine import fingerprint, wire
from tinyml_core.engine.call import Blob, named
from tinyml_core.pipeline import analyses, steps
from tinyml_core.pipeline.bringing import DataChoices, Upload, data_want, model_want, upload_of
from tinyml_core.pipeline.files import Made, arrays, fetched, inputs, samples_of, trained
from tinyml_core.pipeline.graph import ALWAYS, Step, Want, recipe
from tinyml_core.zoo import identity

if TYPE_CHECKING:
    from tests.conftest import Lab

CORE = Path(tinyml_core.__file__).parent
FILE = Blob.of(b"a model")
PLAIN = Settings()
NAMES = {id(value): name for name, value in vars(steps).items() if isinstance(value, Step)}

# ---- the table of steps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", steps.STEPS, ids=lambda step: NAMES[id(step)])
def test_every_steps_function_and_answer_exist(step: Step) -> None:
    function = named(step.function)
    assert callable(function)
    assert function.__module__ == step.module
    if step.gives:
        assert dataclasses.is_dataclass(named(step.gives)) or named(step.gives).__origin__ is tuple
    assert set(step.hands_on.values()) <= set(inspect.signature(function).parameters)
    assert step.pool in ("tensorflow", "light", "quiet", "network")


def test_measuring_knows_neither_the_npu_nor_charts_nor_what_there_is() -> None:
    for step in (steps.SCORE, steps.SCORE_ON_TFLM, steps.MICRO, steps.INSPECT):
        found = {module.removeprefix("tinyml_core.") for module in fingerprint.closure(step.module)}
        assert "measure.npu" not in found
        assert "catalog" not in found
        assert not {module for module in found if module.partition(".")[0] in ("charts", "boards", "pipeline", "cli")}


# ---- what a step runs stands in its fingerprint -------------------------------------------------------------------

# Files whose code runs while a step does, but which cannot change what it answers: each with its reason.
HARMLESS = {
    "engine/*.py": "carries the call to the function and its answer back",
    "catalog.py": "finds a member by its name; the code of the member that is used counts",
    "compress/presets.py": "a technique is the names of its stages, and those stand in the fingerprint",
    "compress/techniques.py": "finds a technique by its name",
    "zoo/models/*.py": "all are discovered, one is used: its own file stands in the model's identity",
    "zoo/datasets/*.py": "the same, of data sets",
    "zoo/data_files.py": "names the files of data sets that are discovered; of the one that is used it stands in the identity",
    "*/__init__.py": "one sentence each",
    "__init__.py": "offers names",
}
# Do a call as a worker does, and tell which of the core's files ran code meanwhile in any function; what is only imported
# by the catalog, and never called, cannot change anything. The libraries are loaded before: tracing them takes minutes.
TRACED = """
import importlib, json, os, sys, threading
from tinyml_core.engine.perform import ENVIRONMENT, perform
from tinyml_core.engine import wire
os.environ.update(ENVIRONMENT)
for name in sys.argv[2:]:
    importlib.import_module(name)
core, ran = sys.argv[1], set()
def note(frame, event, argument):
    code = frame.f_code
    if event == "call" and code.co_filename.startswith(core) and code.co_flags & 2:  # 2: of a function
        ran.add(code.co_filename)
call = wire.read_call(sys.stdin.buffer.readline())
threading.setprofile(note)
sys.setprofile(note)
reply = perform(call)
sys.setprofile(None)
print(json.dumps({"ran": sorted(ran), "failure": repr(reply) if not hasattr(reply, "body") else None}))
"""
HEAVY = ("tensorflow", "tf_keras", "tensorflow_model_optimization")
QUICK = Settings(fine_tuning_epochs=1, calibration_samples=10)


@dataclass(frozen=True, slots=True)
class Npu:
    """An NPU as a board states it."""

    accelerator: str = "ethos-u55-128"
    system_config: str = "Ethos_U55_High_End_Embedded"
    memory_mode: str = "Shared_Sram"


def of(technique: str, model: str = "digits") -> Job:
    """A job with quick settings."""
    return Job(model, catalog.models()[model].default_dataset, technique, QUICK)


def brought(content: bytes, name: str) -> Upload:
    """A file as an upload."""
    found = upload_of(name, content)
    assert isinstance(found, Upload)
    return found


def analysed(want: Any) -> Want[Any]:
    """What can be asked."""
    assert isinstance(want, Want), want
    return want


def samples_file() -> bytes:
    """Samples for a model of one input and two classes."""
    packed = io.BytesIO()
    np.savez(packed, x=np.random.RandomState(1).rand(20, 4).astype(np.float32), y=np.arange(20) % 2)
    return packed.getvalue()


TWO_CLASSES = ModelFacts(
    "tflite", (Port("x", (4,), "float32"),), (Port("y", (2,), "float32"),), 10, "one layer", last_activation="softmax"
)
DIGITS = catalog.datasets()["digits"]
EXAMPLES: dict[str, Callable[[bytes], Want[Any]]] = {
    "FETCH": lambda file: fetched(catalog.datasets()["mnist_full"]),
    "LOAD": lambda file: wants.loaded("digits"),
    "LOAD motion": lambda file: wants.loaded("motion"),
    "SAMPLES": lambda file: analysed(samples_of(DIGITS)),
    "READ_TFLITE": lambda file: model_want(brought(file, "mine.tflite")),
    "READ_MODEL": lambda file: model_want(brought(keras_file(sequential(dense())), "mine.keras")),
    "READ_DATA": lambda file: data_want(brought(samples_file(), "mine.npz"), TWO_CLASSES, (4,), DataChoices()),
    "TRAIN": lambda file: trained(catalog.models()["motion_anomaly"], catalog.datasets()["motion_anomaly"]),
    "EXPORT": lambda file: wants.need(wants.made(of("int8")), "saved_model"),
    "EXPORT random": lambda file: wants.need(wants.made(of("int8", "mlperf_kws")), "saved_model"),
    "TRAIN_ON": lambda file: wants.need(wants.made(of("pqat_int8")), "saved_model"),
    "CONVERT": lambda file: wants.made(of("int8")),
    "CONVERT made up": lambda file: wants.made(of("int8", "mlperf_kws")),
    "REQUANTIZE": lambda file: wants.made(of("lq_mixed")),
    "PACK": lambda file: wants.made(of("cluster16_int8_lut")),
    "INSPECT": lambda file: wants.on_file(steps.INSPECT, file),
    "SCORE": lambda file: on_data(steps.SCORE, file),
    "SCORE_ON_TFLM": lambda file: on_data(steps.SCORE_ON_TFLM, file),
    "MICRO": lambda file: on_data(steps.MICRO, file, output_step=0.1, saving_bytes=100, tolerance=None),
    "LATENCY": lambda file: wants.on_file(steps.LATENCY, file),
    "NPU": lambda file: compiled(file),
    "SIMILARITY": lambda file: alike(file),
    "ANATOMY": lambda file: analysed(analyses.anatomy(of("int8"))),
    "WEIGHTS": lambda file: analysed(analyses.weights(of("int8"))),
    "LAYER_ERRORS": lambda file: analysed(analyses.layer_errors(of("int8"))),
    "LAYER_ERRORS made up": lambda file: analysed(analyses.layer_errors(of("int8", "mlperf_kws"))),
    "PREDICTIONS": lambda file: analysed(analyses.predictions(of("int8"))),
    "TRY_ONE": lambda file: analysed(analyses.try_one(of("int8"), Given("sample"))),
    "FEW_BITS": lambda file: analysed(analyses.few_bits(of("int8"))),
    "RANK_LAYERS": lambda file: analysed(analyses.layer_ranking(of("int8"))),
    "WARM_UP": lambda file: Want(steps.WARM_UP, "TensorFlow"),
    "LOAD_RUNTIMES": lambda file: Want(steps.LOAD_RUNTIMES, "LiteRT"),
}
"""One want of each step, by the step's name; more of some, with a word."""

EXCUSED = {"TRAIN_HERE": "trains as TRAIN does, in the same module, and then writes to the person's own folder"}
FAILS = {"FETCH": "its addresses lead nowhere here"}
ALIKE = ("LOAD motion", "EXPORT random", "CONVERT made up", "LAYER_ERRORS made up", "NPU", "TRAIN", "RANK_LAYERS")
"""Traced only in the long run: another of their kind stands for them in the usual one, or they take long."""


def on_data(step: Step, file: bytes | Blob, dataset: str = "digits", **given: Any) -> Want[Any]:
    """A step on a file and a data set."""
    member = catalog.datasets()[dataset]
    want = wants.on_file(step, file, **{"task": str(member.task), **given})
    return replace(want, needs={**want.needs, **arrays(member)})


def compiled(file: bytes | Blob, npu: Npu | None = None) -> Want[Any]:
    """A file on an NPU."""
    return wants.on_file(steps.NPU, file, **dataclasses.asdict(npu or Npu()))


def alike(file: bytes) -> Want[Any]:
    """A file beside itself on made-up inputs."""
    made = replace(Made.of(of("int8")), dataset=None)
    taken = inputs(made, 20)
    plain = wants.on_file(steps.SIMILARITY, file, task=str(made.model.task), **taken["given"])
    return replace(plain, needs={**plain.needs, "reference": plain.needs["content"]}, identity=taken["identity"])


def declared(want: Want[Any]) -> set[Path]:
    """The files that stand in a want's fingerprint: of its step, and of each member whose code its identity holds."""
    given, members = dict(want.given), []
    if given.get("model"):
        members.append(catalog.model(given["model"]).build)
    if given.get("dataset"):
        members.append(catalog.dataset(given["dataset"]).load)
    if given.get("stage"):
        members.append(techniques.stages()[given["stage"]].apply)
    if given.get("packing"):
        members.append(techniques.packings()[given["packing"]].pack)
    if given.get("number_format"):
        written = techniques.number_formats()[given["number_format"]]
        members.append(written.configure or written.requantize)  # type: ignore[arg-type]
    known = json.dumps(dict(want.identity))
    modules = [fingerprint.module_of(function) for function in members] + ["tinyml_core.domain.model"]
    held = [module for module in modules if fingerprint.sources(module) in known]
    return {file_of(module) for module in fingerprint.closure(want.step.module, *held).union(ALWAYS)}


def file_of(module: str) -> Path:
    """Where a module of the core lies."""
    bare = CORE.joinpath(*module.split(".")[1:])
    return bare / "__init__.py" if bare.is_dir() else bare.with_suffix(".py")


def matching(patterns: set[str]) -> set[Path]:
    """The core's files that match."""
    return {path for pattern in patterns for path in CORE.glob(pattern)}


def test_every_step_has_an_example_or_a_reason_for_none() -> None:
    shown = {name.split()[0] for name in EXAMPLES}
    assert shown | set(EXCUSED) == set(NAMES.values())
    assert not shown & set(EXCUSED)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.every if name in ALIKE else ()) for name in EXAMPLES]
)
def test_every_file_of_the_core_that_a_step_runs_stands_in_its_fingerprint(
    name: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "NPU" and fingerprint.version("ethos-u-vela") == "absent":
        pytest.skip("Vela is not installed here")
    want = EXAMPLES[name](lab.tflite("digits", "int8"))
    assert NAMES[id(want.step)] == name.split()[0]
    call = wants.whole(lab.desk, want)
    monkeypatch.setenv("TINYML_MIRROR", "http://127.0.0.1:9")
    heavy = HEAVY if want.step.pool == "tensorflow" and name != "WARM_UP" else ()
    done = subprocess.run(
        [sys.executable, "-c", TRACED, str(CORE), *heavy], input=wire.call_line(call), capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["failure"] is not None) == (name in FAILS), told["failure"]
    assert told["ran"]
    missing = {Path(path) for path in told["ran"]} - declared(want) - matching(set(HARMLESS))
    assert {str(path.relative_to(CORE)) for path in missing} == set()


def test_every_excuse_is_about_files_that_exist() -> None:
    for pattern in HARMLESS:
        assert matching({pattern}), pattern


# ---- sources follow from imports -----------------------------------------------------------------------------------

ASKED = """
import json, sys
from dataclasses import replace
from tests.pipeline import test_fingerprints as there
from tests import wants
from tinyml_core import catalog
from tinyml_core.engine import fingerprint
from tinyml_core.zoo import identity
from tinyml_core.pipeline import steps
from tinyml_core.domain.brought import BroughtData
read = there.data_want(there.brought(b"x", "mine.npz"), there.TWO_CLASSES, (4,), there.DataChoices())
print(json.dumps({
    "reading data": read.fingerprint,
    "brought data": identity._of_brought(there.card(), identity.DATA_READERS)["source"],
    "zoo data": wants.loaded("digits").fingerprint,
    "score": wants.fingerprint(there.on_data(steps.SCORE, b"a model")),
    "score without data": wants.fingerprint(wants.on_file(steps.SCORE, b"a model")),
    "micro": wants.fingerprint(wants.on_file(steps.MICRO, b"a model")),
    "npu": wants.fingerprint(there.compiled(b"a model")),
    "int8": there.recipe(wants.made(there.of("int8"))),
    "lq_int8": there.recipe(wants.made(there.of("lq_int8"))),
    "int8 of sine": there.recipe(wants.made(there.of("int8", "sine"))),
    "prune50_int8": there.recipe(wants.made(there.of("prune50_int8"))),
    "layer errors": wants.fingerprint(wants.on_file(steps.LAYER_ERRORS, b"a model")),
}))
"""
ALL = frozenset(
    {"reading data", "brought data", "zoo data", "score", "score without data", "micro", "npu", "int8", "lq_int8",
     "int8 of sine", "prune50_int8", "layer errors"}
)  # fmt: skip


def card() -> Any:
    """Something that stands for the card of brought data."""
    from tinyml_core.domain.brought import BroughtData, DataFacts

    facts = DataFacts("npz", 20, (4,), "float32", 0.0, 1.0, "classes", 14, 6, "drawn")
    return BroughtData("data-0123456789abcdef", "mine", facts, "classification", "0" * 64, {})


@cache
def copied(folder: Path) -> Path:
    """The core's sources and weights in a folder, beside the tests."""
    import shutil

    shutil.copytree(CORE, folder / "tinyml_core", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tests").symlink_to(Path(__file__).parents[1])
    return folder


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree that a test may change."""
    return copied(tmp_path_factory.mktemp("copy"))


def fingerprints(tree: Path) -> dict[str, str]:
    """All that are asked of a copy, in a process of its own."""
    import os

    done = subprocess.run(
        [sys.executable, "-c", ASKED], capture_output=True, text=True, cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    assert set(found) == ALL
    return found


@pytest.fixture(scope="module")
def before(copy: Path) -> dict[str, str]:
    """What they are before anything is changed."""
    return fingerprints(copy)


def changed(copy: Path, before: dict[str, str], file: str, old: str, new: str) -> set[str]:
    """What another text in a file makes stale; the file is put back."""
    path = copy / "tinyml_core" / file
    text = path.read_text()
    assert old in text, (file, old)
    path.write_text(text.replace(old, new, 1))
    try:
        after = fingerprints(copy)
    finally:
        path.write_text(text)
    return {name for name in ALL if after[name] != before[name]}


@dataclass(frozen=True, slots=True)
class Change:
    """Another text in a file, and what it must make stale and what not."""

    file: str
    old: str
    new: str
    stale: frozenset[str]
    fresh: frozenset[str]


ON_DIGITS = frozenset({"zoo data", "score", "int8", "lq_int8", "prune50_int8"})
CHANGES = {
    "how data are divided": Change(
        "domain/splits.py", "RandomState(seed)", "RandomState(seed + 1)",
        ON_DIGITS | {"reading data", "brought data"}, frozenset({"micro", "npu", "score without data"}),
    ),
    "the Vela step": Change(
        "measure/npu.py", "PATIENCE_S = 120", "PATIENCE_S = 121", frozenset({"npu"}), ALL - {"npu"}
    ),
    "a data set": Change("zoo/datasets/digits.py", "test_samples=450", "test_samples=449", ON_DIGITS, ALL - ON_DIGITS),
    "a model": Change(
        "zoo/models/sine.py", "def build", "UNUSED = 1\n\n\ndef build", frozenset({"int8 of sine"}), ALL - {"int8 of sine"}
    ),
    "the way to a function": Change(
        "pipeline/work.py", "if body[\"says\"]:", "if body.get(\"says\"):", ALL - {"brought data"}, frozenset({"brought data"})
    ),
    "a measure": Change(
        "analysis/layer_errors.py", "MOST_SAMPLES = 64", "MOST_SAMPLES = 65", frozenset({"layer errors"}),
        ALL - {"layer errors"},
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("what", CHANGES)
def test_another_code_makes_stale_what_it_can_change_and_nothing_else(
    what: str, copy: Path, before: dict[str, str]
) -> None:
    change = CHANGES[what]
    stale = changed(copy, before, change.file, change.old, change.new)
    assert change.stale <= stale
    assert not change.fresh & stale


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import numpy as np\n", "import numpy as np  # a remark\n"),
        ('"""How unusual', '"""Whatever: how unusual'),
        ('    """Score whatever answers', '    """Another sentence, score whatever answers'),
        ("    if task is Task.ANOMALY:", "\n    # a remark\n\n    if (task is Task.ANOMALY):"),
    ],
    ids=["a comment", "the file's docstring", "a function's docstring", "layout"],
)
def test_words_make_nothing_stale(old: str, new: str, copy: Path, before: dict[str, str]) -> None:
    assert changed(copy, before, "measure/score.py", old, new) == set()


def test_a_module_that_does_not_exist_is_an_error() -> None:
    for function in (fingerprint.sources, fingerprint.closure, fingerprint.imports, fingerprint.code_digest):
        with pytest.raises(FileNotFoundError, match=r"no_such_file"):
            function("tinyml_core.no_such_file")
    with pytest.raises(FileNotFoundError, match=r"no_such_file"):
        fingerprint.sources("tinyml_core.measure.score", alone=("tinyml_core.no_such_file",))
    with pytest.raises(FileNotFoundError, match=r"numpy"):
        fingerprint.sources("numpy")


def test_imports_are_followed_wherever_they_stand() -> None:
    found = fingerprint.closure("tinyml_core.zoo.datasets.digits")
    assert "tinyml_core.domain.dataset" in found  # inside a function
    assert "tinyml_core.domain.brought" in found  # through others
    assert "tinyml_core.domain.model" not in fingerprint.closure("tinyml_core.domain.dataset")
    assert "tinyml_core.measure" not in fingerprint.closure("tinyml_core.measure.score")


def parsed(pycache: Path) -> tuple[int, int, str]:
    """By a new process that asks for the sources of all steps, twice: times that it parsed, files, and what came out."""
    command = (
        "import ast; from tinyml_core.engine import fingerprint; from tinyml_core.pipeline.steps import STEPS;"
        "parse, parsed = ast.parse, [];"
        "ast.parse = lambda text, *more, **named: (parsed.append(text), parse(text, *more, **named))[1];"
        "found = [fingerprint.sources(step.module) for step in STEPS for _ in range(2)];"
        "print(len(parsed), len(set(parsed)), fingerprint.of(found))"
    )
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", command],
        capture_output=True,
        text=True,
        check=True,
        env=given | {"PYTHONPYCACHEPREFIX": str(pycache)},
    )
    times, files, found = done.stdout.split()
    return int(times), int(files), found


def test_sources_are_parsed_once_and_the_next_process_reads_what_was_noted_of_them(tmp_path: Path) -> None:
    """A new server waits for it; and what is noted never outlives the source that it was noted of."""
    times, files, found = parsed(tmp_path)
    assert files > 50 and times == files
    assert parsed(tmp_path) == (0, 0, found)
    notes = sorted(tmp_path.rglob("*.json"))
    assert len(notes) == files
    notes[0].write_text("half of a li")
    notes[1].write_text("[]")
    source, imported, _ = json.loads(notes[2].read_text())
    notes[2].write_text(json.dumps([source[::-1], imported, "a digest of other code"]))
    assert parsed(tmp_path) == (3, 3, found)
    assert parsed(tmp_path) == (0, 0, found)


# ---- settings ----------------------------------------------------------------------------------------------------

SETTINGS: dict[str, dict[str, Any]] = {
    "calibration_samples": {"calibration_samples": 50},
    "fine_tuning_epochs": {"fine_tuning_epochs": 5},
    "policy": {"policy": "OPTIMIZE_FOR_SIZE"},
    "seed": {"seed": 7},
    "temperature": {"temperature": 8.0},
    "soft_weight": {"soft_weight": 0.9},
    "kept_layers": {"kept_layers": 2},
}


def conversion(technique: str, model: str = "digits", dataset: str = "digits", **settings: Any) -> str:
    """What identifies a variant's file before it is made."""
    from tinyml_core.pipeline.files import tflite

    return recipe(tflite(Made.of(Job(model, dataset, technique, replace(PLAIN, **settings)))))


def relevant(technique: str) -> set[str]:
    """The settings that can change a technique's bytes, told from its stages."""
    member = techniques.technique(technique)
    number_format, stage = techniques.number_formats()[member.number_format], techniques.stages()[member.training]
    names = {*number_format.settings, *(["calibration_samples"] if number_format.needs_calibration else [])}
    while stage.name != "none":
        names |= {*stage.settings}
        stage = techniques.stages()[stage.after]
    return names


@pytest.mark.parametrize("setting", list(SETTINGS))
@pytest.mark.parametrize("technique", list(techniques.techniques()))
def test_a_setting_makes_a_new_conversion_only_where_it_can_change_the_file(technique: str, setting: str) -> None:
    changed = conversion(technique, **SETTINGS[setting]) != conversion(technique)
    assert changed == (setting in relevant(technique))


def test_every_setting_is_tried() -> None:
    assert set(SETTINGS) == set(PLAIN.__dataclass_fields__)


def test_a_setting_that_is_left_out_indeed_leaves_the_bytes_alone(lab: Lab) -> None:
    plain = lab.measured("digits", "int8").file_sha256
    assert lab.measured("digits", "int8", **SETTINGS["policy"], **SETTINGS["seed"]).file_sha256 == plain


# ---- what else is told apart -------------------------------------------------------------------------------------


def test_every_technique_model_and_step_has_a_fingerprint_of_its_own() -> None:
    made = [
        conversion(technique, model.name, model.default_dataset)
        for model in catalog.models().values()
        for technique in techniques.techniques()
        if model.datasets or techniques.technique(technique).packing == "none"
    ]
    made += [wants.loaded(dataset).fingerprint for dataset in catalog.datasets()]
    made += [
        wants.fingerprint(want)
        for want in (
            wants.on_file(steps.INSPECT, FILE),
            wants.on_file(steps.LATENCY, FILE),
            *(on_data(step, FILE, name) for name in catalog.datasets() for step in (steps.SCORE, steps.MICRO)),
            wants.on_file(steps.MICRO, FILE),
            compiled(FILE),
            compiled(FILE, Npu("ethos-u55-64")),
            compiled(FILE, Npu(memory_mode="Sram_Only")),
            Want(steps.WARM_UP, "", identity={"number": 0}),
            Want(steps.WARM_UP, "", identity={"number": 1}),
        )
    ]
    assert len(set(made)) == len(made)


def test_another_file_is_another_measurement() -> None:
    for step in (steps.INSPECT, steps.LATENCY, steps.SCORE):
        assert wants.fingerprint(wants.on_file(step, FILE)) != wants.fingerprint(wants.on_file(step, b"another"))


def test_what_tflm_is_told_of_the_file_stands_in_the_fingerprint() -> None:
    told = wants.on_file(steps.MICRO, FILE, output_step=0.1, saving_bytes=100)
    assert wants.fingerprint(told) != wants.fingerprint(wants.on_file(steps.MICRO, FILE))


def test_a_title_is_not_part_of_the_outcome() -> None:
    mine, yours = (wants.on_file(steps.INSPECT, FILE, title) for title in ("mine", "yours"))
    assert wants.fingerprint(mine) == wants.fingerprint(yours)


def test_the_bytes_of_a_blob_may_lie_anywhere(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a model")
    there = wants.on_file(steps.INSPECT, Blob(FILE.sha256, path=str(tmp_path / "a")))
    assert wants.fingerprint(there) == wants.fingerprint(wants.on_file(steps.INSPECT, FILE))


def test_the_data_cannot_change_a_file_that_was_made_without_data() -> None:
    assert conversion("float16", "mnist", "mnist") == conversion("float16", "mnist", "mnist_full")
    assert conversion("int8", "mnist", "mnist") != conversion("int8", "mnist", "mnist_full")


def with_version(library: str, monkeypatch: pytest.MonkeyPatch, asked: Callable[[], Any]) -> Any:
    """What is answered where a library has another version."""
    version = fingerprint.version
    with monkeypatch.context() as patch:
        patch.setattr(fingerprint, "version", lambda package: "0.0" if package == library else version(package))
        fingerprint.libraries.cache_clear()
        try:
            return asked()
        finally:
            fingerprint.libraries.cache_clear()


@pytest.mark.parametrize("library", ["tensorflow", "tf_keras", "tensorflow-model-optimization", "numpy"])
def test_another_version_of_a_library_is_another_conversion(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert with_version(library, monkeypatch, lambda: conversion("int8")) != conversion("int8")


@pytest.mark.parametrize("library", ["ai-edge-litert", "tflite-micro"])
def test_another_version_of_an_interpreter_is_another_measurement_and_no_new_conversion(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def both() -> tuple[str, str]:
        return conversion("int8"), wants.fingerprint(on_data(steps.MICRO, FILE))

    now, then = both(), with_version(library, monkeypatch, both)
    assert then[0] == now[0]
    assert then[1] != now[1]


def test_the_order_of_keys_does_not_matter_but_every_value_does() -> None:
    assert fingerprint.of({"a": 1, "b": [2]}) == fingerprint.of({"b": [2], "a": 1})
    assert fingerprint.of({"a": 1}) != fingerprint.of({"a": 2})
    assert fingerprint.of({"a": None}) != fingerprint.of({})


def test_a_package_that_is_not_there_is_an_error_and_its_version_is_absent() -> None:
    assert fingerprint.version("no-such-package") == "absent"
    with pytest.raises(FileNotFoundError, match="not installed"):
        fingerprint.package_file("no_such_package", "data.csv")
    with pytest.raises(FileNotFoundError, match="lacks"):
        fingerprint.package_file("numpy", "no_such_file.csv")


def test_every_member_is_written_in_the_module_that_its_identity_names() -> None:
    for package, constant, function in (("models", "MODEL", "build"), ("datasets", "DATASET", "load")):
        for name, member in catalog.discover(f"tinyml_core.zoo.{package}", constant).items():
            module = sys.modules[fingerprint.module_of(getattr(member, function))]
            found = (getattr(module, constant, None), *getattr(module, f"{constant}S", ()))
            assert any(one is member for one in found), name
    assert identity.of_model(catalog.models()["digits"])["name"] == "digits"
