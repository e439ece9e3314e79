"""Thousands of damaged files of each format: each is read, or refused in one sentence. Nothing else ever happens.

A format is a row of `FORMATS`. `make fuzz` runs more rounds: TINYML_FUZZ_ROUNDS says how many for each format.
"""

from __future__ import annotations

import io
import os
import tempfile
import traceback
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import tinyml_core
from tests import small_tflite, wants
from tests.uploads.mutations import mutated, mutated_inside
from tests.uploads.test_data_uploads import of_each_format
from tests.uploads.test_data_uploads import read as read_data
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Answer, Blob, Expected, Reply
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.store import NoStore
from tinyml_core.lab import open_desk
from tinyml_core.measure.forked import forked
from tinyml_core.measure.inspect_file import inspect_file
from tinyml_core.pipeline.bringing import Upload, model_want
from tinyml_core.pipeline.steps import INSPECT, LATENCY, MICRO
from tinyml_core.uploads.archives import open_archive
from tinyml_core.uploads.reading import reader_of
from tinyml_core.uploads.tflite.checks import checked
from tinyml_core.uploads.tflite.read import tflite_facts

MODELS = Path(tinyml_core.__file__).parent / "zoo" / "models"
ROUNDS = int(os.environ.get("TINYML_FUZZ_ROUNDS", "0"))
IN_CHILDREN = 30
"""Damaged files of each format that go through real workers; one for 400 of the rounds where these are given."""


@dataclass(frozen=True)
class Format:
    """A kind of file that people bring.

    Attributes:
        sound: Makes some sound files of it; called once.
        read: Reads one in this process: only what runs no code of a library that is not written in Python.
        rounds: Damaged files in a usual run, which takes a few seconds.
        damage: Makes a damaged file of a sound one, by number.
        in_forks: Whether a library in C reads it, which may crash: then a crash or a hang is an answer, as workers end it.
    """

    name: str
    sound: Callable[[], list[bytes]]
    read: Callable[[bytes], Any]
    rounds: int = 1500
    damage: Callable[[bytes, int], bytes] = mutated
    in_forks: bool = False


def tflite_files() -> list[bytes]:
    looping = small_tflite.fully_connected()
    looping.subgraphs.append(small_tflite.fully_connected().subgraphs[0])
    looping.subgraphs[0].operators.append(small_tflite.calling(1))
    made = [small_tflite.fully_connected(), small_tflite.sparse(), looping]
    return [*map(small_tflite.packed, made), (MODELS / "sine.tflite").read_bytes()]


def read_tflite(content: bytes) -> None:
    tflite_facts(checked(content))
    inspect_file(content)


def zips() -> list[bytes]:
    made = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", method) as archive:
            archive.writestr("config.json", "{}" * 50)
            archive.writestr("cats/1.png", b"\x89PNG" + bytes(100))
            archive.writestr("saved_model.pb", b"x" * 100)
        made.append(content.getvalue())
    return made


def read_zip(content: bytes) -> None:
    archive = open_archive(content)
    for name in archive.names:
        assert len(archive.read(name)) == archive.size_bytes(name)


def anything() -> list[bytes]:
    return [*tflite_files()[:1], *zips(), b"\x89HDF\r\n\x1a\n" + bytes(64), b"\x80\x04pickle"]


def saved_model_zips() -> list[bytes]:
    import tensorflow as tf

    module, content = tf.Module(), io.BytesIO()
    module.weights = tf.Variable(tf.ones([4, 2]))
    spec = tf.TensorSpec([None, 4])
    module.serve = tf.function(lambda x: x @ module.weights, input_signature=[spec], autograph=False)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(content, "w") as archive:
        tf.saved_model.save(module, folder, signatures=module.serve)
        for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
            archive.writestr(str(path.relative_to(folder)), path.read_bytes())
    return [content.getvalue()]


def graphs() -> list[bytes]:
    """The graph of a SavedModel alone; the zip around it is a format of its own."""
    return [open_archive(content).read("saved_model.pb") for content in saved_model_zips()]


def read_graph(content: bytes) -> None:
    from tinyml_core.uploads.savedmodel.scan import scanned

    scanned(content).SerializeToString()


def keras_files(ending: str) -> list[bytes]:
    import tf_keras

    layers = [
        tf_keras.Input((4, 4, 1)),
        tf_keras.layers.Conv2D(2, 3),
        tf_keras.layers.Flatten(),
        tf_keras.layers.Dense(2),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"small{ending}"
        tf_keras.Sequential(layers).save(path)
        return [path.read_bytes()]


def read_keras_parts(content: bytes) -> None:
    from tinyml_core.uploads.keras.parts import read_parts

    read_parts(content)


def of_data(name: str) -> Format:
    """A format of data; see `of_each_format` for which model it is read for."""
    content, model = of_each_format()[name]
    return Format(name, lambda: [content], lambda damaged: read_data(damaged, **model), 1000, mutated_inside)


FORMATS = (
    Format("tflite", tflite_files, read_tflite),
    Format("zip", zips, read_zip, 3000),
    Format("dispatch", anything, reader_of, 3000),
    Format("saved_model", graphs, read_graph, 300),
    Format(".keras", lambda: keras_files(".keras"), read_keras_parts, 1000, mutated_inside, in_forks=True),
    Format(".h5", lambda: keras_files(".h5"), read_keras_parts, 200, in_forks=True),
    *map(of_data, of_each_format()),
)


@cache
def sound_files(of: Format) -> list[bytes]:
    """Some sound files of a format."""
    return of.sound()


def answer(of: Format, content: bytes) -> str:
    """Nothing if the file was read; else the sentence, or how it is none."""
    try:
        of.read(content)
    except Expected as expected:
        return expected.failure.reason if is_a_sentence(expected.failure) else f"NO SENTENCE: {expected.failure}"
    except Exception:
        return f"NO SENTENCE: {traceback.format_exc()}"
    return ""


def answers(of: Format, seeds: range) -> list[str]:
    """One for each number, which alone makes the damaged file again."""
    files = sound_files(of)
    return [answer(of, of.damage(files[seed % len(files)], seed)) for seed in seeds]


BATCH = 50


def answers_of_forks(of: Format, seeds: range) -> list[str]:
    """The same, each fifty in a fork; where one crashes, each of the fifty in a fork of its own."""
    ended = forked(lambda tell: answers(of, seeds), 2 if len(seeds) == 1 else 10)
    if ended.how == "returned":
        return list(ended.value)
    if len(seeds) == 1:
        return [f"ENDED: {ended.how} {ended.words}"]
    return [found for seed in seeds for found in answers_of_forks(of, range(seed, seed + 1))]


@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("of", FORMATS, ids=lambda of: of.name)
def test_a_damaged_file_is_read_or_refused_in_a_sentence(of: Format) -> None:
    if of.name != "dispatch":
        assert not any(answer(of, content) for content in sound_files(of))
    rounds, found = ROUNDS or of.rounds, []
    for start in range(0, rounds, BATCH):
        seeds = range(start, min(start + BATCH, rounds))
        found += (answers_of_forks if of.in_forks else answers)(of, seeds)
    wrong = [(seed, text) for seed, text in enumerate(found) if text.startswith("NO SENTENCE")]
    assert not wrong, wrong[0]
    assert "" in found and any(found)


def is_a_sentence(failure: Failure) -> bool:
    """Whether a page can show it: words, not too many, nothing that cannot be seen, no trace of a program."""
    text = failure.reason
    return 10 < len(text) < 500 and text.isprintable() and text.rstrip("”").endswith(".") and "Traceback" not in text


# ---- through real workers ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """A desk of its own: its workers die often."""
    opened = open_desk(NoStore())
    yield opened
    opened.close()


def ask_all(desk: Desk, content: bytes, light: bool) -> list[Reply]:
    """What the lab asks about a file that was brought: to read it, then to look at and to execute what came of it."""
    blob = Blob.of(content)
    upload = replace(blob, origin=f"my-{blob.sha256[:16]}")
    replies = [wants.ask(desk, model_want(Upload("mine", upload, len(content))))]
    if isinstance(replies[0], Answer) and "tflite" in replies[0].blobs:
        tflite = replies[0].blobs["tflite"]
        replies.append(wants.ask(desk, wants.on_file(INSPECT, tflite)))
        if isinstance(replies[1], Answer):
            found = replies[1].body
            told = {"output_step": found["output_step"], "saving_bytes": found["arena_saving_bytes"], "tolerance": None}
            replies.append(wants.ask(desk, wants.on_file(MICRO, tflite, **told)))
            replies.append(wants.ask(desk, wants.on_file(LATENCY, tflite)))
    return replies


WHOLE: dict[str, tuple[Callable[[], list[bytes]], bool]] = {
    "tflite": (tflite_files, True),
    "saved_model": (saved_model_zips, False),
    ".keras": (lambda: keras_files(".keras"), False),
    ".h5": (lambda: keras_files(".h5"), False),
}
"""Sound files of each format as people bring them, and whether they are read without TensorFlow."""


@pytest.mark.every
@pytest.mark.timeout(7200)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WHOLE)
def test_workers_answer_a_damaged_file_and_live_on(desk: Desk, name: str) -> None:
    make, light = WHOLE[name]
    files = make()
    for seed in range(ROUNDS // 400 or IN_CHILDREN):
        for reply in ask_all(desk, mutated_inside(files[seed % len(files)], seed), light):
            assert isinstance(reply, Answer) or is_a_sentence(reply), (seed, reply)
    sound = ask_all(desk, files[0], light)
    assert all(isinstance(reply, Answer) for reply in sound), sound
