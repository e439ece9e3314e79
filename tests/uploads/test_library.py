"""The library of what people bring: by content, whole or not at all, removed when unused, never outside its folder."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tinyml_core.domain.brought import BroughtModel, ModelFacts, Port
from tinyml_core.engine.call import Blob
from tinyml_core.uploads.library import Library, named

CONTENT = Blob.of(b"a model")
FACTS = ModelFacts("tflite", (Port("x", (8,), "float32"),), (Port("y", (2,), "float32"),), 18, "Dense")
CARD = BroughtModel(
    named("my-", {"sha256": CONTENT.sha256}), "a.tflite", FACTS, "classification", (8,), 7, CONTENT.sha256,
    {"tflite": CONTENT.sha256},
)  # fmt: skip


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library(tmp_path / "uploads")
    made.keep(CARD, {"tflite": CONTENT})
    return made


def test_what_is_kept_comes_back_equal_with_its_bytes_and_its_origin(library: Library) -> None:
    assert library.model(CARD.name) == CARD
    blob = library.blob(CARD, "tflite")
    assert blob is not None
    assert (blob.read(), blob.origin) == (b"a model", CARD.name)


def test_the_same_thing_brought_twice_lies_there_once(library: Library) -> None:
    library.keep(CARD, {"tflite": CONTENT})
    assert [path.name for path in library.folder.iterdir()] == [CARD.name]


def test_another_processor_may_make_other_bytes_of_the_same_upload_and_both_cards_keep_theirs(library: Library) -> None:
    theirs = Blob.of(b"a model, its last digits differ")
    card = replace(CARD, blobs={"tflite": theirs.sha256})
    library.keep(card, {"tflite": theirs})
    assert library.model(CARD.name) == card  # the last one counts
    for each, content in ((CARD, b"a model"), (card, theirs.read())):
        blob = library.blob(each, "tflite")
        assert blob is not None and blob.read() == content


def test_what_is_forgotten_is_gone_with_all_its_bytes(library: Library) -> None:
    library.forget(CARD.name)
    assert library.model(CARD.name) is None
    assert library.blob(CARD, "tflite") is None
    assert list(library.folder.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["", "my-", "my-../../etc", "my-0123456789abcdeg", "data-0123456789abcdef", "my-0123456789abcdef/..", "digits"],
)
def test_a_name_that_is_no_hash_finds_nothing_and_removes_nothing(library: Library, name: str) -> None:
    assert library.model(name) is None
    library.forget(name)
    assert library.model(CARD.name) == CARD


def test_a_damaged_card_is_as_if_it_were_not_there(library: Library) -> None:
    for text in ("", "[]", "{}", '{"name": 1}', "\udcff".encode("utf-8", "surrogateescape").decode("latin-1")):
        (library.folder / CARD.name / "card.json").write_text(text)
        assert library.model(CARD.name) is None


def test_a_full_disk_leaves_no_half_entry(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, mode: str) -> object:
        os.close(descriptor)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tinyml_core.engine.store.os.fdopen", full)
    other = replace(CARD, name="my-" + "0" * 16)
    with pytest.raises(OSError, match="No space"):
        library.keep(other, {"tflite": CONTENT})
    assert library.model(other.name) is None
    assert not list((library.folder / other.name).iterdir())


def test_what_nobody_uses_for_long_is_removed_and_looking_at_it_is_use(library: Library) -> None:
    week = 7 * 86400
    assert library.tidy(time.time() + week - 60) == []
    os.utime(library.folder / CARD.name / "card.json", (1, 1))
    assert library.model(CARD.name) == CARD  # a look
    assert library.tidy(time.time() + 60) == []
    assert library.tidy(time.time() + week + 60) == [CARD.name]
    assert library.model(CARD.name) is None


def test_when_all_together_is_too_large_the_oldest_goes_first(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYML_UPLOADS_LIMIT_MB", "2")
    content = Blob.of(bytes(900 * 1024))
    cards = []
    for number in range(3):
        card = replace(CARD, name=f"my-{number:016x}", blobs={"tflite": content.sha256})
        library.keep(card, {"tflite": content})
        os.utime(library.folder / card.name / "card.json", (1000 + number, 1000 + number) if number < 2 else None)
        cards.append(card.name)
    monkeypatch.setenv("TINYML_UPLOADS_DAYS", "99999999")
    library.tidy()
    assert library.model(cards[0]) is None
    assert library.model(cards[2]) is not None
