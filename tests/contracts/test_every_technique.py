"""What every technique must keep: it says what it is, it converts, and its file is what it says."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

import pytest

from tests import wants
from tinyml_core import catalog
from tinyml_core.compress import converter, mixed_precision, quantizer, techniques
from tinyml_core.compress.presets import PRESETS
from tinyml_core.compress.techniques import AS_TRAINED, name_of, title_of
from tinyml_core.compress.training import cluster, distil, prune, quantization_aware
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.outcome import Failure, Measurement, Score
from tinyml_core.domain.technique import Job, Needs, NumberFormat, Settings, Technique, TrainingStage
from tinyml_core.engine.call import Answer
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.processes import WorkerProcesses
from tinyml_core.engine.progress import LocalProgress
from tinyml_core.engine.store import NoStore
from tinyml_core.measure.tflite import parse, shape_of, weights
from tinyml_core.pipeline.files import Made, tflite
from tinyml_core.pipeline.graph import Asker
from tinyml_core.pipeline.steps import LATENCY
from tinyml_core.pipeline.variant import ask_variant

if TYPE_CHECKING:
    from tests.conftest import Lab

TECHNIQUES = techniques.techniques()
FORMATS: dict[str, NumberFormat] = techniques.number_formats()
STAGES: dict[str, TrainingStage] = techniques.stages()
HARDWARE = {"CPU", "GPU", "Edge TPU", "DSP", "microcontroller"}
WARM_SETTINGS = Settings(fine_tuning_epochs=1)

# What is true of a file in each number format: types of its weights, type at its ends. Formats that are not here are
# held to the general claim alone: some weight is small.
CENSUS = {
    "float32": ({"float32"}, "float32"),
    "sparse32": ({"float32"}, "float32"),
    "float16": ({"float16"}, "float32"),
    "dynamic": ({"int8", "float32"}, "float32"),  # the converter leaves weights below 1,024 elements alone
    "int8_float_io": ({"int8"}, "float32"),
    "int8": ({"int8"}, "int8"),
    "int16x8": ({"int8"}, "int16"),
    "lq_dynamic": ({"int8"}, "float32"),  # the second quantizer leaves none alone
    "lq_int8": ({"int8"}, "int8"),
    "lq_int8_average": ({"int8"}, "int8"),
    "lq_int16x8": ({"int8"}, "int16"),
    "lq_int8_conv4": ({"int8", "int4"}, "int8"),
    "lq_w8": ({"int8"}, "float32"),
    "lq_w4": ({"int4", "float32"}, "float32"),  # no depthwise convolution has a 4-bit form
    "lq_w4b32": ({"int4", "float32"}, "float32"),
    "lq_w2b32": ({"int2", "float32"}, "float32"),
}
SMALL = {"float16", "int16", "int8", "uint8", "int4", "int2"}
MAY_REFUSE = {name for name, technique in TECHNIQUES.items() if FORMATS[technique.number_format].blocks}
"""Techniques that some models do not suit, or whose files LiteRT may refuse; they must say why."""

REPEATED = {
    "prune50_float32", "prune50_int8", "prune90_int8", "cluster8_int8", "cluster32_int8", "pqat_int8", "cqat_int8",
    "cluster16_float32_lut",
}  # fmt: skip
"""Differ from another technique in a number alone, or are a part of one that is there."""

each = pytest.mark.parametrize("technique", TECHNIQUES.values(), ids=list(TECHNIQUES))
PAIRS = [
    pytest.param(
        model,
        technique,
        id=f"{technique}-{model}",
        marks=() if model == "digits" and technique not in REPEATED else (pytest.mark.every,),
    )
    for model, member in catalog.models().items()
    for technique, way in TECHNIQUES.items()
    if (member.datasets or way.training == "none")
    # What has to be fetched is not in the folders of this run.
    and not (member.datasets and catalog.datasets()[member.default_dataset].fetched_files)
]
SUITS_ALL = "digits"
"""The model that every technique must do, but for those that may refuse it."""
SMALLEST = "sine"
WITHOUT_DATA = "mlperf_kws"
each_pair = pytest.mark.parametrize(("model", "technique"), PAIRS)


def measured_or_explained(lab: Lab, model: str, technique: str) -> Measurement | None:
    """The measurement; None if the technique may refuse a model, did, and said why and what to do."""
    outcome = lab.outcome(model, technique)
    if isinstance(outcome, Failure) and (technique in MAY_REFUSE or model != SUITS_ALL):
        assert is_explained(outcome), outcome
        return None
    assert isinstance(outcome, Measurement), outcome
    return outcome


def is_explained(failure: Failure) -> bool:
    """True if it lasts, says why and what to do, and is not a library's own words for want of better ones."""
    whole = failure.reason.endswith(".") and failure.advice.endswith(".")
    return failure.lasting and whole and "could not do this" not in failure.reason


def inspected(measured: Measurement) -> Inspection:
    """The inspection of a variant that must be readable."""
    assert isinstance(measured.inspection, Inspection), measured.inspection
    return measured.inspection


def test_every_row_of_the_table_is_a_technique_in_the_order_of_their_places() -> None:
    assert [preset.order for preset in PRESETS] == [technique.order for technique in TECHNIQUES.values()]


def test_stages_have_names_and_places_of_their_own() -> None:
    for families, known in (
        ((prune.STAGES, cluster.STAGES, quantization_aware.STAGES, distil.STAGES, (AS_TRAINED,)), STAGES),
        ((converter.FORMATS, quantizer.FORMATS, mixed_precision.FORMATS), FORMATS),
    ):
        assert sum(map(len, families)) == len(known) == len({member.order for member in known.values()})  # type: ignore[attr-defined]


def test_a_format_stands_beside_one_of_the_converter() -> None:
    beside = {written.counterpart for written in FORMATS.values() if written.counterpart}
    assert all(FORMATS[name].configure is not None for name in beside)


def test_places_and_titles_are_unique() -> None:
    assert len({technique.order for technique in TECHNIQUES.values()}) == len(TECHNIQUES)
    assert len({technique.title for technique in TECHNIQUES.values()}) == len(TECHNIQUES)


def test_the_default_techniques_exist_and_hold_the_yardstick() -> None:
    assert set(techniques.DEFAULT_TECHNIQUES) <= set(TECHNIQUES)
    assert "float32" in techniques.DEFAULT_TECHNIQUES


@each
def test_says_what_it_is(technique: Technique) -> None:
    assert technique.title
    assert technique.idea.endswith(".")
    assert technique.promised
    assert technique.hardware
    assert set(technique.hardware) <= HARDWARE
    assert technique.link.startswith("https://")


@each
def test_is_made_of_stages_that_exist(technique: Technique) -> None:
    assert technique.training in STAGES
    assert technique.number_format in FORMATS
    assert technique.packing in ("none", *techniques.packings())


@each
def test_its_name_says_its_stages(technique: Technique) -> None:
    assert technique.name == name_of(technique.training, technique.number_format, technique.packing)
    assert technique.group != "Composed"


@each
def test_its_title_is_made_of_the_titles_of_its_stages(technique: Technique) -> None:
    assert technique.title == title_of(technique.training, technique.number_format, technique.packing)


@each
def test_asks_its_user_for_what_its_stages_need(technique: Technique) -> None:
    if technique.training != "none":
        needed = Needs.TRAINING_DATA
    elif FORMATS[technique.number_format].needs_calibration:
        needed = Needs.CALIBRATION
    else:
        needed = Needs.NOTHING
    assert technique.needs is needed


@each_pair
def test_converts_and_loads_in_litert(model: str, technique: str, lab: Lab) -> None:
    measured = measured_or_explained(lab, model, technique)
    if measured is None:
        return
    dataset = catalog.models()[model].default_dataset
    if not dataset:
        assert measured.score is None
        reply = wants.ask(lab.desk, wants.on_file(LATENCY, lab.tflite(model, technique)))
        refused = isinstance(reply, Failure) and reply.lasting and technique in MAY_REFUSE
        assert isinstance(reply, Answer) or refused, reply
        return
    if isinstance(measured.score, Failure) and technique in MAY_REFUSE:
        assert is_explained(measured.score), measured.score  # LiteRT has no kernel for 2 bits
        return
    assert isinstance(measured.score, Score), measured.score
    assert measured.score.samples == catalog.datasets()[dataset].samples_test


@pytest.mark.every
@pytest.mark.timeout(3000)
def test_every_combination_of_stages_ends_in_a_measurement_or_an_explained_failure(lab: Lab) -> None:
    packings = ["none", *techniques.packings()]
    names = [name_of(*parts) for parts in itertools.product(STAGES, FORMATS, packings)]
    assert len(names) > 400
    asked = {name: ask_variant(lab.desk, Job(SMALLEST, SMALLEST, name)) for name in names}
    outcomes = {name: variant.outcome.result(2500) for name, variant in asked.items()}
    wrong = {
        name: outcome
        for name, outcome in outcomes.items()
        if not isinstance(outcome, Measurement) and not is_explained(outcome)
    }
    assert not wrong
    assert sum(isinstance(outcome, Measurement) for outcome in outcomes.values()) > 100


@pytest.mark.parametrize(
    "technique", [technique for technique in TECHNIQUES.values() if technique.needs is Needs.TRAINING_DATA]
)
def test_a_technique_that_trains_says_that_a_model_has_no_data(technique: Technique, lab: Lab) -> None:
    outcome = lab.outcome(WITHOUT_DATA, technique.name)
    assert isinstance(outcome, Failure)
    assert "no data set comes with the model" in outcome.reason
    assert catalog.models()[WITHOUT_DATA].title in outcome.reason


@each_pair
def test_the_declared_number_format_is_true_of_the_file(model: str, technique: str, lab: Lab) -> None:
    measured = measured_or_explained(lab, model, technique)
    if measured is None:
        return
    inspection = inspected(measured)
    name = TECHNIQUES[technique].number_format
    types = set(inspection.weights_census)
    if name in CENSUS:
        allowed, ends = CENSUS[name]
        assert types <= allowed
        assert {tensor.dtype for tensor in (*inspection.inputs, *inspection.outputs)} == {ends}
    largest_weight = max(size for size in weight_sizes(lab.tflite(model, "float32")))
    if not FORMATS[name].keeps_float and largest_weight >= 1024:
        assert types & SMALL, f"{technique} of {model} has only {types}"


def weight_sizes(tflite: bytes) -> Iterator[int]:
    """Elements of each weight of two axes or more."""
    yield from (prod(shape_of(tensor)) for tensor in weights(parse(tflite)))


@each_pair
def test_a_file_that_is_not_smaller_than_float32_is_warned_of(model: str, technique: str, lab: Lab) -> None:
    if measured_or_explained(lab, model, technique) is None:
        return
    row = lab.comparison(model, technique).row(technique)
    assert row is not None
    assert row.smaller_factor is not None
    warned = {warning.code for warning in row.warnings}
    assert ("size_grew" in warned) == (row.smaller_factor < 1)


def flash(lab: Lab, model: str, technique: str) -> int:
    """Flash of a variant in bytes."""
    return inspected(lab.measured(model, technique)).sizes.flash_bytes


def test_int8_is_at_least_3_times_smaller_than_float32(lab: Lab) -> None:
    assert flash(lab, "digits", "int8") * 3 < flash(lab, "digits", "float32")


def test_float16_is_about_half_of_float32(lab: Lab) -> None:
    assert 0.48 < flash(lab, "digits", "float16") / flash(lab, "digits", "float32") < 0.58


def test_int8_with_float_ends_is_larger_than_full_int8(lab: Lab) -> None:
    assert flash(lab, "digits", "int8_float_io") > flash(lab, "digits", "int8")


# ---- same job, same bytes ----------------------------------------------------------------------------------------


def converted(desk: Desk, model: str, technique: str) -> str:
    """The content address of a variant's file; nothing is measured."""
    job = Job(model, catalog.models()[model].default_dataset, technique, WARM_SETTINGS)
    reply = Asker(desk).source(tflite(Made.of(job)), "tflite").result(500)
    assert isinstance(reply, Answer), reply
    return reply.blobs["tflite"].sha256


class OneWorker:
    """A single worker process behind desks that know nothing."""

    def __init__(self) -> None:
        self.progress = LocalProgress()
        self.pool = WorkerProcesses(1, self.progress)

    def forgetful(self) -> Desk:
        """A desk that does everything anew in this one worker."""
        pools = {"tensorflow": self.pool, "light": self.pool, "quiet": self.pool}
        return Desk(pools, dict.fromkeys(pools, 1), NoStore(), self.progress)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def story() -> Iterator[dict[str, list[str]]]:
    """Files made one after the other in one worker, another model in between: variant -> content addresses."""
    worker = OneWorker()
    made: dict[str, list[str]] = {}
    first, second = worker.forgetful(), worker.forgetful()
    for desk, model, technique in (
        (first, "digits", "qat_int8"),
        (first, "digits", "int8"),
        (first, "digits", "dynamic"),
        (first, "mnist", "int8"),
        (second, "digits", "dynamic"),
        (second, "digits", "qat_int8"),
        (second, "digits", "int8"),
        (second, "mnist", "int8"),
    ):
        made.setdefault(f"{technique} of {model}", []).append(converted(desk, model, technique))
    yield made
    worker.pool.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["qat_int8 of digits", "int8 of digits", "dynamic of digits", "int8 of mnist"])
def test_the_same_job_gives_the_same_bytes_after_other_work_in_the_same_worker(
    variant: str, story: dict[str, list[str]]
) -> None:
    assert len(story[variant]) == 2
    assert len(set(story[variant])) == 1


@pytest.mark.slow
@pytest.mark.parametrize("technique", ["int8", "dynamic"])
def test_the_same_job_gives_the_same_bytes_in_a_fresh_worker(technique: str, story: dict[str, list[str]]) -> None:
    # qat_int8 was the first of the story: what it gave stands for a fresh worker already.
    fresh = OneWorker()
    try:
        assert [converted(fresh.forgetful(), "digits", technique)] == story[f"{technique} of digits"][:1]
    finally:
        fresh.pool.shutdown()


@pytest.mark.slow
def test_the_shared_workers_gave_the_same_bytes_too(lab: Lab, story: dict[str, list[str]]) -> None:
    for technique in ("int8", "dynamic"):
        assert lab.measured("digits", technique).file_sha256 == story[f"{technique} of digits"][0]
    made = lab.measured("digits", "qat_int8", fine_tuning_epochs=1)
    assert made.file_sha256 == story["qat_int8 of digits"][0]


def test_another_seed_gives_other_bytes_where_something_is_trained(lab: Lab) -> None:
    assert (
        lab.measured("digits", "qat_int8", fine_tuning_epochs=1, seed=2).file_sha256
        != lab.measured("digits", "qat_int8", fine_tuning_epochs=1).file_sha256
    )


def test_more_calibration_samples_change_the_scales_of_int8(lab: Lab) -> None:
    few, many = (lab.measured("digits", "int8", calibration_samples=samples) for samples in (1, 100))
    assert few.file_sha256 != many.file_sha256


def test_a_file_name_without_its_technique_is_no_technique() -> None:
    assert re.search("near matches: int8", catalog.near("int-8", list(TECHNIQUES), "technique"))
