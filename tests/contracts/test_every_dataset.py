"""What every data set must keep: it is as it declares, and what is held out stays held out."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import tinyml_core.datasets
from tinyml_core import catalog, fetched, fingerprint, plan
from tinyml_core.call import Answer
from tinyml_core.convert import calibration
from tinyml_core.datasets import mnist_full
from tinyml_core.outcome import Failure
from tinyml_core.steps import unpack
from tinyml_core.values import Dataset, Job, Task
from tinyml_core.variants import ask_variant

if TYPE_CHECKING:
    from tests.conftest import Lab

DATASETS = catalog.datasets()
PRESENT = {name: dataset for name, dataset in DATASETS.items() if not dataset.fetched_files}
FETCHED = {name: dataset for name, dataset in DATASETS.items() if dataset.fetched_files}
each = pytest.mark.parametrize("dataset", DATASETS.values(), ids=list(DATASETS))
each_present = pytest.mark.parametrize("dataset", PRESENT.values(), ids=list(PRESENT))
each_fetched = pytest.mark.parametrize("dataset", FETCHED.values(), ids=list(FETCHED))


def test_every_file_is_a_data_set_under_its_own_name() -> None:
    folder = Path(tinyml_core.datasets.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(DATASETS)


@each
def test_says_where_it_comes_from_and_under_which_licence(dataset: Dataset) -> None:
    assert dataset.title
    assert dataset.licence
    assert dataset.source
    assert dataset.source_url.startswith("https://")
    assert dataset.split.endswith(".")


@each
def test_its_task_has_what_its_score_needs(dataset: Dataset) -> None:
    if dataset.task is Task.CLASSIFICATION:
        assert dataset.classes is not None
        assert dataset.classes >= 2
        assert dataset.answer_tolerance is None
    else:
        assert dataset.classes is None
        assert dataset.answer_tolerance is not None
        assert dataset.answer_tolerance > 0


@each
def test_is_identified_by_its_content(dataset: Dataset) -> None:
    identity = fingerprint.of_dataset(dataset)
    if dataset.package:
        assert dataset.package_files
        assert identity["package"] not in (None, "absent")
    assert set(identity["files"]) == {*dataset.package_files, *(file.name for file in dataset.fetched_files)}
    assert all(len(digest) == 64 for digest in identity["files"].values())


@each_fetched
def test_what_is_fetched_is_named_with_address_size_and_hash(dataset: Dataset) -> None:
    for file in dataset.fetched_files:
        assert file.address.startswith("http")
        assert file.size_bytes > 0
        assert file.sha256 is not None
        assert int(file.sha256, 16) >= 0
        assert file.published_by


@each_present
def test_loads_with_the_shapes_and_counts_it_declares(dataset: Dataset, lab: Lab) -> None:
    arrays = lab.arrays(dataset.name)
    samples = dataset.samples_train + dataset.samples_test
    assert arrays.x.shape == (samples, *dataset.input_shape)
    assert arrays.x.dtype in (np.uint8, np.float32)
    assert (len(arrays.train), len(arrays.test)) == (dataset.samples_train, dataset.samples_test)
    if dataset.task is Task.CLASSIFICATION:
        assert arrays.y.shape == (samples,)
        assert arrays.y.dtype == np.int64
    else:
        assert arrays.y.shape == (samples, 1)
        assert arrays.y.dtype == np.float32


@each_present
def test_pixels_are_scaled_into_0_to_1(dataset: Dataset, lab: Lab) -> None:
    arrays = lab.arrays(dataset.name)
    real = arrays.x.astype(np.float64) * arrays.x_scale
    assert np.isfinite(real).all()
    if arrays.x.dtype == np.uint8:
        assert (real.min(), real.max()) == pytest.approx((0, 1))


@each_present
def test_train_and_test_are_disjoint_and_together_everything(dataset: Dataset, lab: Lab) -> None:
    arrays = lab.arrays(dataset.name)
    both = np.concatenate([arrays.train, arrays.test])
    assert np.array_equal(np.sort(both), np.arange(len(arrays.x)))


@each_present
def test_no_held_out_sample_stands_in_the_training_part_under_another_number(dataset: Dataset, lab: Lab) -> None:
    arrays = lab.arrays(dataset.name)
    trained, held_out = ({arrays.x[index].tobytes() for index in part} for part in (arrays.train, arrays.test))
    assert trained & held_out == set()


@each_present
def test_both_parts_hold_every_class_in_its_share(dataset: Dataset, lab: Lab) -> None:
    arrays = lab.arrays(dataset.name)
    if dataset.classes is None:
        # A regression's parts cover the same range instead.
        low, high = arrays.x[arrays.train].min(), arrays.x[arrays.train].max()
        span = high - low
        assert arrays.x[arrays.test].min() < low + span / 20
        assert arrays.x[arrays.test].max() > high - span / 20
        return
    shares = [
        np.bincount(arrays.y[part], minlength=dataset.classes) / len(part) for part in (arrays.train, arrays.test)
    ]
    assert all(share.shape == (dataset.classes,) and share.min() > 0 for share in shares)
    assert shares[0] == pytest.approx(shares[1], abs=1 / dataset.samples_test)


@each_present
def test_calibration_shows_training_samples_only(dataset: Dataset, lab: Lab) -> None:
    arrays = lab.arrays(dataset.name)
    shown = [sample for (sample,) in calibration(arrays, 100)()]
    assert len(shown) == 100
    assert all(sample.shape == (1, *dataset.input_shape) and sample.dtype == np.float32 for sample in shown)
    scale = np.float32(arrays.x_scale)
    trained, held_out = (
        {(arrays.x[index].astype(np.float32) * scale).tobytes() for index in part}
        for part in (arrays.train, arrays.test)
    )
    content = {sample.tobytes() for sample in shown}
    assert content <= trained
    assert content & held_out == set()


@each_present
def test_calibration_never_runs_out_into_the_held_out_samples(dataset: Dataset, lab: Lab) -> None:
    arrays = lab.arrays(dataset.name)
    asked_for_more = sum(1 for _ in calibration(arrays, len(arrays.x) + 10)())
    assert asked_for_more == dataset.samples_train


@each_present
def test_loading_twice_gives_the_same_split(dataset: Dataset, lab: Lab) -> None:
    first = lab.arrays(dataset.name)
    reply = lab.forgetful().ask(plan.dataset_call(dataset.name)).result(300)
    assert isinstance(reply, Answer), reply
    second = unpack(reply.blobs["arrays"].read())
    for name in ("x", "y", "train", "test"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


@each_fetched
def test_a_data_set_that_was_not_fetched_is_a_sentence(dataset: Dataset, lab: Lab) -> None:
    model = next(model for model in catalog.models().values() if dataset.name in model.datasets)
    assert not fetched.is_present(dataset)
    outcome = ask_variant(lab.desk, Job(model.name, dataset.name, "int8")).outcome.result(300)
    assert isinstance(outcome, Failure)
    assert dataset.title in outcome.reason
    assert f"tinyml fetch {dataset.name}" in outcome.advice
    assert not outcome.lasting


@each_fetched
def test_loading_files_that_are_missing_is_a_failure_and_not_an_exception(dataset: Dataset, lab: Lab) -> None:
    reply = lab.desk.ask(plan.dataset_call(dataset.name)).result(300)
    assert isinstance(reply, Failure)
    assert reply.reason.endswith(".")
    assert not reply.lasting


def _write_official_files(folder: Path, train: int, test: int) -> None:
    """The four compressed IDX files; every picture of class `n` is of the grey value `n`."""
    for file in mnist_full.FILES:
        samples = train if file.name.startswith("train") else test
        if "images" in file.name:
            pixels = b"".join(bytes([index]) * 784 for index in range(samples))
            content = struct.pack(">IIII", 2051, samples, 28, 28) + pixels
        else:
            content = struct.pack(">II", 2049, samples) + bytes(range(samples))
        (folder / file.name).write_bytes(gzip.compress(content))


@pytest.mark.parametrize("name", ["mnist_full", "fashion"])
def test_official_files_are_read_in_their_official_split(name: str, tmp_path: Path) -> None:
    _write_official_files(tmp_path, train=5, test=3)
    arrays = DATASETS[name].load(str(tmp_path))
    assert arrays.x.shape == (8, 28, 28, 1)
    assert arrays.y.tolist() == [0, 1, 2, 3, 4, 0, 1, 2]
    assert arrays.x[:, 0, 0, 0].tolist() == arrays.y.tolist()
    assert sorted(arrays.train) == [0, 1, 2, 3, 4]
    assert arrays.test.tolist() == [5, 6, 7]


@pytest.mark.parametrize("damage", ["cut off", "no gzip"])
def test_damaged_files_are_a_sentence(damage: str, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYML_DATA", str(tmp_path))
    folder = tmp_path / "datasets" / "mnist_full"
    folder.mkdir(parents=True)
    _write_official_files(folder, train=5, test=3)
    broken = folder / mnist_full.FILES[0].name
    broken.write_bytes(broken.read_bytes()[:100] if damage == "cut off" else b"pixels")
    reply = lab.forgetful().ask(plan.dataset_call("mnist_full")).result(300)
    assert isinstance(reply, Failure)
    assert "cannot be read" in reply.reason
    assert "tinyml fetch mnist_full" in reply.advice


FASHION = fetched.fetched_folder(DATASETS["fashion"])
"""Found before the run's own folders hide what is installed here."""


@pytest.mark.skipif(
    not all((FASHION / file.name).is_file() for file in DATASETS["fashion"].fetched_files),
    reason="neither Debian's package dataset-fashion-mnist nor a fetched Fashion-MNIST is on this computer",
)
def test_fashion_is_the_published_data() -> None:
    arrays = DATASETS["fashion"].load(str(FASHION))
    assert np.bincount(arrays.y[arrays.train]).tolist() == [6000] * 10
    assert np.bincount(arrays.y[arrays.test]).tolist() == [1000] * 10
    # Of the content of the four published files, whatever the headers of their compression say.
    digest = hashlib.sha256(arrays.x.tobytes() + arrays.y.astype(np.uint8).tobytes()).hexdigest()
    assert digest == "2cbc59191665e1ba3f2494648f17edac5974f748ab89fb2ae05597d658161f54"
