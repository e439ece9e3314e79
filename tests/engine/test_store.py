"""The store gives back what it was given, or nothing: never something damaged, never half a file."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinyml_core.domain.outcome import Failure
from tinyml_core.engine import fingerprint
from tinyml_core.engine.call import Answer, Blob
from tinyml_core.engine.store import NoStore, Store

KEY = "ab" + "0" * 62
OTHER = "cd" + "0" * 62
CONTENT = b"a model" * 100


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store of its own."""
    return Store(tmp_path / "store")


def answer(content: bytes = CONTENT, **body: Any) -> Answer:
    """An answer with one file."""
    return Answer(body or {"score": 0.97}, {"tflite": Blob.of(content)}, {"total_s": 1.5})


def answer_file(store: Store, key: str = KEY) -> Path:
    """Where the answer of a key lies."""
    (path,) = store.folder.glob(f"answers/*/{key}.json")
    return path


def blob_file(store: Store) -> Path:
    """Where the one file of the store lies."""
    (path,) = store.folder.glob("files/*/*")
    return path


def parts(store: Store) -> list[Path]:
    """Files that were begun and not finished."""
    return [path for path in store.folder.rglob("*") if path.name.startswith(".part-")]


def test_gives_back_what_it_was_given(store: Store) -> None:
    store.put(KEY, answer())
    found = Store(store.folder).get(KEY)
    assert isinstance(found, Answer)
    assert found.body == {"score": 0.97}
    assert found.laps == {"total_s": 1.5}
    assert found.blobs["tflite"].read() == CONTENT


def test_put_gives_the_answer_back_with_its_bytes_as_files(store: Store) -> None:
    kept = store.put(KEY, answer())
    assert isinstance(kept, Answer)
    assert kept.blobs["tflite"].data is None
    assert kept.blobs["tflite"].path == str(blob_file(store))
    assert kept.blobs["tflite"].read() == CONTENT


def test_other_last_digits_of_another_processor_are_no_damage(store: Store) -> None:
    mine, theirs = CONTENT, CONTENT[:-1] + b"m"
    first = store.put(KEY, answer(mine))
    Store(store.folder).put(KEY, answer(theirs))
    found = store.get(KEY)
    assert isinstance(found, Answer) and isinstance(first, Answer)
    assert found.blobs["tflite"].read() == theirs  # the last one counts
    assert first.blobs["tflite"].read() == mine  # and what was given before is still there


def test_keeps_failures_too(store: Store) -> None:
    failure = Failure("converting", "It cannot.", "Choose another.", "https://example.org", True, "its own words")
    store.put(KEY, failure)
    assert Store(store.folder).get(KEY) == failure


def test_does_not_know_what_it_was_not_given(store: Store) -> None:
    assert store.get(KEY) is None
    store.put(KEY, answer())
    assert store.get(OTHER) is None


def test_equal_bytes_are_kept_once(store: Store) -> None:
    store.put(KEY, answer())
    store.put(OTHER, answer())
    assert blob_file(store).read_bytes() == CONTENT


def test_the_newer_answer_replaces_the_older(store: Store) -> None:
    store.put(KEY, answer(score=1))
    store.put(KEY, answer(score=2))
    found = store.get(KEY)
    assert isinstance(found, Answer)
    assert found.body == {"score": 2}


def test_can_be_moved(store: Store, tmp_path: Path) -> None:
    store.put(KEY, answer())
    shutil.move(store.folder, tmp_path / "elsewhere")
    found = Store(tmp_path / "elsewhere").get(KEY)
    assert isinstance(found, Answer)
    assert found.blobs["tflite"].read() == CONTENT


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: content.replace(b"0.97", b"0.99"),
        lambda content: b"\xff\xfe" + content,
        lambda content: b"{}",
        lambda content: b"[1, 2]",
        lambda content: b"null",
        lambda content: b'{"reply": 3, "sha256": 4}',
    ],
    ids=["emptied", "half", "last byte", "a digit", "no text", "no keys", "a list", "null", "foreign"],
)  # fmt: skip
def test_a_damaged_answer_is_not_believed(damage: Any, store: Store) -> None:
    store.put(KEY, answer())
    path = answer_file(store)
    path.write_bytes(damage(path.read_bytes()))
    assert store.get(KEY) is None
    store.put(KEY, answer())
    assert isinstance(store.get(KEY), Answer)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
REPLY = st.fixed_dictionaries({"body": JSON, "blobs": JSON, "laps": JSON}) | st.fixed_dictionaries({"failure": JSON})


@given(reply=JSON | REPLY)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_foreign_json_under_a_right_checksum_is_no_exception(reply: Any, store: Store) -> None:
    store.put(KEY, Failure("x", "y"))
    answer_file(store).write_text(json.dumps({"sha256": fingerprint.of(reply), "reply": reply}))
    found = store.get(KEY)
    assert found is None or isinstance(found, (Answer, Failure))


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT[:-1] + b"X"], ids=["emptied", "cut", "one byte"])
def test_an_answer_whose_file_is_damaged_is_not_believed(content: bytes, store: Store) -> None:
    store.put(KEY, answer())
    blob_file(store).write_bytes(content)
    assert store.get(KEY) is None
    store.put(KEY, answer())
    found = store.get(KEY)
    assert isinstance(found, Answer)
    assert found.blobs["tflite"].read() == CONTENT


def test_an_answer_whose_file_is_gone_is_not_believed(store: Store) -> None:
    store.put(KEY, answer())
    blob_file(store).unlink()
    assert store.get(KEY) is None


def test_a_file_that_is_damaged_after_it_was_found_is_noticed_when_it_is_read(store: Store) -> None:
    store.put(KEY, answer())
    found = store.get(KEY)
    assert isinstance(found, Answer)
    blob_file(store).write_bytes(b"something else")
    with pytest.raises(OSError, match="damaged"):
        found.blobs["tflite"].read()


def test_leaves_no_unfinished_files(store: Store) -> None:
    for number in range(20):
        store.put(fingerprint.of(number), answer(score=number))
    assert parts(store) == []


def test_a_full_disk_is_an_error_and_leaves_nothing_half(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(OSError, match="No space left"):
            store.put(KEY, answer())
    assert parts(store) == []
    assert store.get(KEY) is None
    store.put(KEY, answer())
    assert isinstance(store.get(KEY), Answer)


def test_an_answer_is_written_after_its_files(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    replace = os.replace

    def noting(source: str, target: Path) -> None:
        order.append(target.parent.parent.name)
        replace(source, target)

    monkeypatch.setattr(os, "replace", noting)
    store.put(KEY, answer())
    assert order == ["files", "answers"]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    store = Store(tmp_path / "taken")
    assert store.get(KEY) is None
    with pytest.raises(OSError, match="taken"):
        store.put(KEY, answer())


def sized(number: int) -> Answer:
    """An answer with a file of 10,000 bytes of its own."""
    return answer(number.to_bytes(2, "big") * 5000, number=number)


def test_evicts_the_least_recently_used_and_keeps_the_limit(tmp_path: Path) -> None:
    roomy = Store(tmp_path / "store")
    keys = [fingerprint.of(number) for number in range(10)]
    for number, key in enumerate(keys):
        roomy.put(key, sized(number))
    for place, (_, _, path) in enumerate(roomy.entries()):
        os.utime(path, (1000 + place, 1000 + place))
    used = keys[2]
    assert isinstance(roomy.get(used), Answer)  # reading is using
    small = Store(tmp_path / "store", limit_bytes=35_000)
    assert small.evict() > 0
    assert sum(size for _, size, _ in small.entries()) <= 35_000
    assert isinstance(small.get(used), Answer)
    assert sum(small.get(key) is not None for key in keys) in (2, 3)


def test_evicts_by_itself_while_it_is_written(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", limit_bytes=50_000)
    for number in range(30):
        store.put(fingerprint.of(number), sized(number))
    assert sum(size for _, size, _ in store.entries()) <= 2 * 50_000
    assert isinstance(store.get(fingerprint.of(29)), Answer)


def test_evicts_nothing_within_the_limit(store: Store) -> None:
    store.put(KEY, answer())
    assert store.evict() == 0
    assert isinstance(store.get(KEY), Answer)


def test_clears_away_unfinished_files_of_a_process_that_died_long_ago(store: Store) -> None:
    store.put(KEY, answer())
    stale, young = (blob_file(store).parent / name for name in (".part-old", ".part-new"))
    stale.write_bytes(b"half")
    young.write_bytes(b"half")
    os.utime(stale, (1000, 1000))
    store.evict()
    assert not stale.exists()
    assert young.exists()
    assert isinstance(store.get(KEY), Answer)


def test_eviction_leaves_alone_what_another_process_is_writing(tmp_path: Path) -> None:
    Store(tmp_path / "store").put(KEY, answer())
    full = Store(tmp_path / "store", limit_bytes=0)
    begun = blob_file(full).parent / ".part-of-another"
    begun.write_bytes(b"half")
    full.evict()
    assert [path for _, _, path in full.entries()] == [begun]


WRITER = """
import sys
from pathlib import Path
from tinyml_core.engine import fingerprint
from tinyml_core.engine.call import Answer, Blob
from tinyml_core.engine.store import Store
store = Store(Path(sys.argv[1]), limit_bytes=int(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
wrong = 0
for _ in range(5):
    for number in range(20):
        key, file = fingerprint.of(number), Blob.of(bytes([number]) * 5000)
        store.put(key, Answer({"number": number}, {"file": file}))
        found = store.get(key)
        if found is not None:
            wrong += found.body != {"number": number} or found.blobs["file"].sha256 != file.sha256
print(wrong)
"""


@pytest.mark.parametrize("limit_bytes", [10_000_000, 40_000], ids=["roomy", "evicting"])
def test_several_processes_writing_the_same_keys_leave_a_readable_store(limit_bytes: int, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    start = [sys.executable, "-c", WRITER, str(folder), str(limit_bytes)]
    with contextlib.ExitStack() as running:
        writers = [
            running.enter_context(
                subprocess.Popen(
                    start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
                )
            )
            for _ in range(3)
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        told = [(*writer.communicate(timeout=300), writer.returncode) for writer in writers]
    assert [(printed.strip(), code) for printed, _, code in told] == [("0", 0)] * 3, told
    store = Store(folder)
    assert parts(store) == []
    found = [store.get(fingerprint.of(number)) for number in range(20)]
    if limit_bytes > 1_000_000:
        assert all(isinstance(reply, Answer) for reply in found)
    for number, reply in enumerate(found):
        if isinstance(reply, Answer):
            assert reply.blobs["file"].read() == bytes([number]) * 5000


def test_lies_where_tinyml_store_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYML_STORE", str(tmp_path / "named"))
    Store().put(KEY, answer())
    assert answer_file(Store()).is_relative_to(tmp_path / "named")


def test_lies_in_the_users_cache_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINYML_STORE")
    assert Store().folder.name == "tinyml-lab"


@pytest.mark.parametrize(
    ("given_mb", "limit"), [("100", 100 * 1024**2), ("0", 64 * 1024**2), ("", 2 * 1024**3), ("a lot", 2 * 1024**3)]
)
def test_is_as_large_as_the_environment_says(
    given_mb: str, limit: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TINYML_STORE_LIMIT_MB", given_mb)
    assert Store().limit_bytes == limit
    assert ("must be a whole number of MB" in caplog.text) == (given_mb == "a lot")


def test_no_store_neither_reads_nor_writes(tmp_path: Path) -> None:
    Store(tmp_path / "store").put(KEY, answer())
    before = sorted(tmp_path.rglob("*"))
    nothing = NoStore(tmp_path / "store")
    given_back = nothing.put(OTHER, answer())
    assert nothing.get(KEY) is None
    assert nothing.get(OTHER) is None
    assert isinstance(given_back, Answer)
    assert given_back.blobs["tflite"].data == CONTENT
    assert sorted(tmp_path.rglob("*")) == before
