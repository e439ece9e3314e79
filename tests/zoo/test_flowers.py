"""Flowers and MobileNetV2: read and built as declared; on a few made-up photographs, with random weights."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from tinyml_core import catalog
from tinyml_core.compress import techniques
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Expected
from tinyml_core.pipeline.preparing import next_step
from tinyml_core.zoo import fetch
from tinyml_core.zoo.architectures import BASE_WEIGHTS, mobilenet_v2
from tinyml_core.zoo.datasets import flowers

if TYPE_CHECKING:
    from tests.conftest import Lab

SIDE = 32
MODEL = catalog.models()["flowers"]
DATASET = catalog.datasets()["flowers"]


def jpeg(grey: int, size: tuple[int, int] = (40, 30)) -> bytes:
    """A photograph of one grey."""
    content = io.BytesIO()
    Image.new("RGB", size, (grey, grey, grey)).save(content, "JPEG", quality=95)
    return content.getvalue()


def archive(path: Path, photos: dict[str, bytes], *others: tarfile.TarInfo) -> Path:
    """A compressed archive of those files, and of entries without content."""
    with tarfile.open(path, "w:gz") as packed:
        for entry in others:
            packed.addfile(entry)
        for name, content in photos.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    return path


def fifty() -> dict[str, bytes]:
    """Ten photographs of each class, all different."""
    return {
        f"flower_photos/{name}/{number}.jpg": jpeg(40 * place + 3 * number)
        for place, name in enumerate(flowers.CLASSES)
        for number in range(10)
    }


# ---- The archive


def test_photographs_are_read_resized_and_split_by_class(tmp_path: Path) -> None:
    arrays = flowers.read_archive(archive(tmp_path / "a.tgz", fifty()), 32, 100, held_out=10)
    assert arrays.x.shape == (50, 32, 32, 3)
    assert arrays.x.dtype == np.int8
    assert np.bincount(arrays.y).tolist() == [10] * 5
    assert np.bincount(arrays.y[arrays.test]).tolist() == [2] * 5
    assert sorted([*arrays.train, *arrays.test]) == list(range(50))


def test_a_pixel_stands_for_its_distance_from_the_middle(tmp_path: Path) -> None:
    photos = {f"flower_photos/roses/{grey}.jpg": jpeg(grey) for grey in (0, 128, 255)}
    arrays = flowers.read_archive(archive(tmp_path / "a.tgz", photos), 32, 10, held_out=1)
    real = arrays.x[:, 16, 16, 0] * arrays.x_scale
    assert real == pytest.approx([-1, 0, 127 / 128], abs=0.01)
    # What MobileNetV2 was trained on is p / 127.5 - 1.
    grey = np.arange(256)
    assert np.abs((grey - 128) * arrays.x_scale - (grey / 127.5 - 1)).max() <= 1 / 127


def test_only_ordinary_photographs_of_known_classes_are_read(tmp_path: Path) -> None:
    link = tarfile.TarInfo("flower_photos/roses/link.jpg")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
    photos = {
        "flower_photos/roses/1.jpg": jpeg(10),
        "flower_photos/tulips/2.jpg": jpeg(20),
        "flower_photos/LICENSE.txt": b"CC BY",
        "flower_photos/weeds/3.jpg": jpeg(30),
        "../roses/4.png": b"",
        "/etc/roses/5/6.jpg": jpeg(40),
    }
    arrays = flowers.read_archive(archive(tmp_path / "a.tgz", photos, link), 32, 10, held_out=1)
    assert [flowers.CLASSES[label] for label in arrays.y] == ["roses", "tulips"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.tgz"]


def test_more_photographs_than_published_are_not_read(tmp_path: Path) -> None:
    arrays = flowers.read_archive(archive(tmp_path / "a.tgz", fifty()), 32, 20, held_out=4)
    assert len(arrays.x) == 20


def test_a_photograph_that_was_trained_on_is_never_held_out_as_a_copy(tmp_path: Path) -> None:
    photos = fifty()
    for name in flowers.CLASSES:
        for number in range(4):
            photos[f"flower_photos/{name}/copy{number}.jpg"] = photos[f"flower_photos/{name}/{number}.jpg"]
    arrays = flowers.read_archive(archive(tmp_path / "a.tgz", photos), 32, 100, held_out=15)
    trained = {arrays.x[index].tobytes() for index in arrays.train}
    assert all(arrays.x[index].tobytes() not in trained for index in arrays.test)
    assert np.bincount(arrays.y[arrays.test]).tolist() == [3] * 5
    assert sorted([*arrays.train, *arrays.test]) == list(range(70))


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00broken"])
def test_a_damaged_archive_is_a_sentence(content: bytes, tmp_path: Path) -> None:
    from tinyml_core.zoo.fetch import load

    (tmp_path / flowers.ARCHIVE.name).write_bytes(content)
    with pytest.raises(Expected) as raised:
        load(DATASET, str(tmp_path))
    assert "tinyml fetch flowers" in raised.value.failure.advice


# ---- What is needed, step by step


def test_a_model_says_what_it_needs_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYML_DATA", str(tmp_path))
    actions = []
    places = (
        fetch.fetched_folder(DATASET) / flowers.ARCHIVE.name,
        fetch.base_weights_folder() / BASE_WEIGHTS.name,
        fetch.weights_path(MODEL),
    )
    for place in places:
        step = next_step(MODEL, DATASET)
        assert step is not None
        actions.append((step.action, step.want.step.name))
        assert isinstance(fetch.not_ready(MODEL, DATASET), Failure)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"")
    assert actions == [
        ("Fetch it (218.2 MB)", "fetch"),
        ("Fetch them (9.0 MB)", "fetch"),
        ("Train it here", "train_here"),
    ]
    assert next_step(MODEL, DATASET) is None
    assert fetch.not_ready(MODEL, DATASET) is None
    assert fetch.state_words(MODEL, DATASET) == ""


def test_both_models_start_from_the_same_file_and_keep_weights_of_their_own() -> None:
    frozen = catalog.models()["flowers_frozen"]
    assert MODEL.base_weights is frozen.base_weights
    assert fetch.weights_path(MODEL) != fetch.weights_path(frozen)


# ---- The network, in a process of its own that may load TensorFlow


def few_photographs(count: int = 40) -> Arrays:
    """Noise with a tint by class."""
    random = np.random.RandomState(1)
    y = np.arange(count) % 5
    x = random.randint(-128, 128, size=(count, SIDE, SIDE, 3)) // 2 + (25 * (y - 2))[:, None, None, None]
    indices = random.permutation(count)
    return Arrays(x.astype(np.int8), y.astype(np.int64), indices[10:], indices[:10], 1 / 128)


@pytest.fixture(scope="module")
def tensorflow() -> Any:
    """TensorFlow with the older Keras, as in a worker."""
    from tinyml_core.compress.making import load_tensorflow
    from tinyml_core.engine.perform import ENVIRONMENT

    os.environ.update(ENVIRONMENT)
    load_tensorflow(lambda sentence: None, training=True)
    import tensorflow as tf

    return tf


@pytest.mark.every
def test_it_is_flat_and_as_large_as_its_card_says(tensorflow: Any) -> None:
    import tf_keras

    keras_model = MODEL.build()
    assert keras_model.count_params() == MODEL.parameters
    assert not any(isinstance(layer, tf_keras.Model) for layer in keras_model.layers)
    assert [layer.rate for layer in keras_model.layers if isinstance(layer, tf_keras.layers.Dropout)] == [0.5]
    frozen = catalog.models()["flowers_frozen"].build()
    assert sum(int(np.prod(weight.shape)) for weight in frozen.trainable_weights) == 1280 * 512 + 512 + 512 * 5 + 5


@pytest.mark.every
def test_every_layer_of_the_base_takes_its_weights_from_the_file(
    tensorflow: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tf_keras

    from tinyml_core.compress import converter

    monkeypatch.setenv("TINYML_DATA", str(tmp_path))
    fetch.base_weights_folder().mkdir(parents=True)
    base = tf_keras.applications.MobileNetV2(input_shape=(SIDE, SIDE, 3), include_top=False, weights=None)
    base.set_weights([np.random.RandomState(2).rand(*weight.shape) for weight in base.get_weights()])
    base.save_weights(fetch.base_weights_folder() / BASE_WEIGHTS.name)
    keras_model = mobilenet_v2(SIDE, 5)
    converter.start_from_base(keras_model, BASE_WEIGHTS)
    taken = keras_model.get_weights()[: len(base.get_weights())]
    assert all(np.array_equal(a, b) for a, b in zip(taken, base.get_weights(), strict=True))

    other = tf_keras.Sequential([tf_keras.layers.Input((4,)), tf_keras.layers.Dense(2, name="strange")])
    other.save_weights(fetch.base_weights_folder() / BASE_WEIGHTS.name, overwrite=True)
    with pytest.raises(ValueError, match="does not fit the model: strange"):
        converter.start_from_base(keras_model, BASE_WEIGHTS)


@pytest.mark.every
@pytest.mark.parametrize("technique", ["float32", "float16", "dynamic", "int8"])
def test_it_can_be_written_in_every_usual_format(
    technique: str, tensorflow: Any, written: Callable[..., bytes]
) -> None:
    from tinyml_core.measure.score import score

    content = written(technique)
    found = score(content, few_photographs(), MODEL.task)
    assert found.samples == 10
    assert len(content) < len(written("float32")) or technique == "float32"


@pytest.mark.every
def test_dropout_is_not_in_the_file(tensorflow: Any, written: Callable[..., bytes]) -> None:
    from tinyml_core.measure import litert
    from tinyml_core.measure.inspect_file import inspect_file

    content, arrays = written("float32"), few_photographs()
    assert not any("RANDOM" in name or "DROP" in name for name in inspect_file(content).operators)
    first, _, _ = litert.run(content, arrays.x, arrays.x_scale)
    second, _, _ = litert.run(content, arrays.x, arrays.x_scale)
    assert np.array_equal(first, second)


@pytest.mark.every
def test_an_int8_file_takes_the_bytes_as_they_are(tensorflow: Any, written: Callable[..., bytes]) -> None:
    from tinyml_core.measure.inspect_file import inspect_file

    taken = inspect_file(written("int8")).inputs[0]
    # The noise reaches nearly, not quite, to both ends.
    assert taken.scale == pytest.approx(1 / 128, rel=0.3)
    assert taken.dtype == "int8"


@pytest.fixture(scope="module")
def written(tensorflow: Any) -> Callable[..., bytes]:
    """A narrow MobileNetV2, trained for one epoch on few photographs, written in a number format."""
    from tinyml_core.compress import converter
    from tinyml_core.compress.training.fit import clean_state, fit
    from tinyml_core.domain.technique import Settings

    clean_state(1)
    arrays, keras_model = few_photographs(), mobilenet_v2(SIDE, 5, width=0.35)
    assert MODEL.training is not None
    fit(keras_model, MODEL.training, arrays, 1, 1, lambda sentence: None)
    saved_model = converter.export(keras_model)
    made: dict[str, bytes] = {}

    def write(technique: str) -> bytes:
        if technique not in made:
            number_format = techniques.number_formats()[techniques.technique(technique).number_format]
            samples = converter.calibration(arrays, 20)
            made[technique] = converter.to_tflite(saved_model, number_format, samples, Settings())
        return made[technique]

    return write


@pytest.mark.every
@pytest.mark.parametrize("frozen", [False, True], ids=["all layers", "only the head"])
def test_it_can_be_trained_with_quantization_simulated(frozen: bool, tensorflow: Any) -> None:
    from tinyml_core.compress import converter
    from tinyml_core.compress.training.fit import clean_state
    from tinyml_core.domain.technique import Settings
    from tinyml_core.measure.score import score

    clean_state(1)
    arrays, settings = few_photographs(), Settings(fine_tuning_epochs=1)
    stage = techniques.stages()["qat"]
    trained = stage.apply(mobilenet_v2(SIDE, 5, 0.35, frozen), MODEL, arrays, settings, lambda sentence: None)
    samples = converter.calibration(arrays, 20)
    content = converter.to_tflite(
        converter.export(trained.keras_model), techniques.number_formats()["int8"], samples, settings
    )
    assert score(content, arrays, MODEL.task).samples == 10


@pytest.mark.every
def test_training_here_keeps_weights_file_and_record(
    tensorflow: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tf_keras

    from tinyml_core.compress.zoo_training import train_here
    from tinyml_core.zoo.weights import kept_float32, training_record

    monkeypatch.setenv("TINYML_DATA", str(tmp_path))
    assert MODEL.training is not None
    small = replace(MODEL, build=lambda: mobilenet_v2(SIDE, 5, width=0.35), training=replace(MODEL.training, epochs=1))
    base = tf_keras.applications.MobileNetV2(input_shape=(SIDE, SIDE, 3), alpha=0.35, include_top=False, weights=None)
    fetch.base_weights_folder().mkdir(parents=True)
    base.save_weights(fetch.base_weights_folder() / BASE_WEIGHTS.name)
    told: list[str] = []
    facts = train_here(small, few_photographs(), techniques.number_formats()["float32"], told.append)
    assert "training epoch 1 of 1" in told
    assert fetch.is_trained(small)
    record = training_record(small)
    assert record is not None
    assert record["score"] == facts["score"]
    assert kept_float32(small) is not None
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == [
        "flowers.json",
        "flowers.npz",
        "flowers.tflite",
    ]


@pytest.mark.slow
def test_a_large_answer_travels_as_a_file_and_into_the_store(lab: Lab, tmp_path: Path) -> None:
    from tinyml_core.engine import wire
    from tinyml_core.engine.call import Answer, Blob
    from tinyml_core.engine.store import Store

    folder = tmp_path / f"{wire.PREFIX}x"
    folder.mkdir()
    content = bytes(wire.LARGE_BYTES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(wire.VARIABLE, str(folder))
        reply = wire.to_files(Answer({}, {"arrays": Blob.of(content), "small": Blob.of(b"x")}))
    assert isinstance(reply, Answer)
    assert reply.blobs["small"].data == b"x"
    assert reply.blobs["arrays"].data is None
    assert wire.are_inside(reply.blobs, str(folder))
    assert not wire.are_inside({"x": Blob("0" * 64, path="/etc/hostname")}, str(folder))
    store = Store(tmp_path / "store")
    kept = store.put("f" * 64, reply)
    assert isinstance(kept, Answer)
    assert kept.blobs["arrays"].read() == content
    assert list(folder.iterdir()) == []  # moved, not copied
    assert store.get("f" * 64) == kept
