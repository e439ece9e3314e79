"""Downloads end in the published file or in a sentence: against a server on this computer that behaves in many ways."""

from __future__ import annotations

import contextlib
import errno
import http.server
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tinyml_core import catalog
from tinyml_core.domain.dataset import Dataset, FetchedFile
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Answer
from tinyml_core.engine.fingerprint import sha256
from tinyml_core.engine.store import NoStore
from tinyml_core.lab import open_desk
from tinyml_core.pipeline.files import fetched as fetched_want
from tinyml_core.zoo import download
from tinyml_core.zoo import fetch as zoo_fetch
from tinyml_core.zoo.fetch import fetch

CONTENT = bytes(range(256)) * 8000  # 2 MB


@dataclass
class Manners:
    """How the server behaves, and what it was asked.

    Attributes:
        breaks_after: Bytes after which it hangs up, one number a request; later requests get all.
        ranges: Whether it can begin in the middle.
        code: What it answers instead, one a request.
        pause: Set to let it go on; it waits for that after the first piece.
    """

    files: dict[str, bytes]
    breaks_after: list[int] = field(default_factory=list)
    ranges: bool = True
    code: list[int] = field(default_factory=list)
    pause: threading.Event | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    says_length: bool = True


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by its server's manners."""

    def do_GET(self) -> None:
        """Answer, hang up, or refuse."""
        manners: Manners = self.server.manners  # type: ignore[attr-defined]
        wanted = self.headers["Range"]
        manners.asked.append((self.path, wanted))
        content = manners.files.get(self.path)
        if manners.code or content is None:
            self.send_error(manners.code.pop(0) if manners.code else 404)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and manners.ranges else 0
        if start >= len(content) > 0:
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if manners.says_length:
            self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        end = manners.breaks_after.pop(0) if manners.breaks_after else len(content)
        if manners.pause is not None:
            self.wfile.write(content[start : start + 1000])
            self.wfile.flush()
            manners.pause.wait(60)
            start += 1000
        with contextlib.suppress(ConnectionError):  # whoever asked may have been stopped
            self.wfile.write(content[start:end])

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


class Site(NamedTuple):
    """A server, and a published file on it."""

    address: str
    manners: Manners
    file: FetchedFile


@pytest.fixture
def site() -> Iterator[Site]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    manners = Manners({"/photos.tgz": CONTENT})
    server.manners = manners  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    file = FetchedFile("photos.tgz", f"{address}/photos.tgz", len(CONTENT), sha256(CONTENT), "this test")
    yield Site(address, manners, file)
    if manners.pause is not None:
        manners.pause.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., Failure | None]:
    def bring(file: FetchedFile, report: Callable[[str], None] = lambda sentence: None) -> Failure | None:
        return download.download(file, tmp_path, report, wait_s=0.0)

    return bring


Bring = Callable[..., Failure | None]


def test_the_published_file_is_kept_as_it_comes(site: Site, bring: Bring, tmp_path: Path) -> None:
    told: list[str] = []
    assert bring(site.file, told.append) is None
    assert (tmp_path / "photos.tgz").read_bytes() == CONTENT
    assert not (tmp_path / "photos.tgz.part").exists()
    assert any(sentence.startswith("fetching photos.tgz, ") and sentence.endswith(" of 2.0 MB") for sentence in told)


def test_a_file_that_is_there_is_not_asked_for_again(site: Site, bring: Bring) -> None:
    assert bring(site.file) is None
    assert bring(site.file) is None
    assert site.manners.asked == [("/photos.tgz", None)]


def test_a_broken_download_goes_on_where_it_broke_off(site: Site, bring: Bring, tmp_path: Path) -> None:
    site.manners.breaks_after = [700_000, 1_500_000]
    assert bring(site.file) is None
    assert site.manners.asked == [
        ("/photos.tgz", None),
        ("/photos.tgz", "bytes=700000-"),
        ("/photos.tgz", "bytes=1500000-"),
    ]
    assert (tmp_path / "photos.tgz").read_bytes() == CONTENT


def test_what_an_earlier_run_left_is_gone_on_with(site: Site, bring: Bring, tmp_path: Path) -> None:
    (tmp_path / "photos.tgz.part").write_bytes(CONTENT[:123_456])
    assert bring(site.file) is None
    assert site.manners.asked == [("/photos.tgz", "bytes=123456-")]


def test_a_part_that_is_whole_already_is_only_checked(site: Site, bring: Bring, tmp_path: Path) -> None:
    (tmp_path / "photos.tgz.part").write_bytes(CONTENT)
    assert bring(site.file) is None
    assert site.manners.asked == []


@pytest.mark.parametrize("part", [b"x" * 1000, CONTENT + b"x"], ids=["of another file", "too long"])
def test_a_wrong_part_never_becomes_the_file(part: bytes, site: Site, bring: Bring, tmp_path: Path) -> None:
    (tmp_path / "photos.tgz.part").write_bytes(part)
    if (
        bring(site.file) is not None
    ):  # the whole is not the published file: it is thrown away, and asked again it is right
        assert not (tmp_path / "photos.tgz.part").exists()
        assert bring(site.file) is None
    assert (tmp_path / "photos.tgz").read_bytes() == CONTENT


def test_a_server_that_cannot_begin_in_the_middle_starts_anew(site: Site, bring: Bring, tmp_path: Path) -> None:
    site.manners.ranges = False
    site.manners.breaks_after = [700_000]
    assert bring(site.file) is None
    assert site.manners.asked[1] == ("/photos.tgz", "bytes=700000-")
    assert (tmp_path / "photos.tgz").read_bytes() == CONTENT


def test_a_server_that_fails_for_a_moment_is_asked_again(site: Site, bring: Bring) -> None:
    site.manners.code = [503, 500]
    assert bring(site.file) is None
    assert len(site.manners.asked) == 3


def test_a_download_that_always_breaks_is_a_sentence_and_keeps_what_came(
    site: Site, bring: Bring, tmp_path: Path
) -> None:
    site.manners.breaks_after = [1000 * number for number in range(1, 10)]
    outcome = bring(site.file)
    assert isinstance(outcome, Failure)
    assert "broke off" in outcome.reason
    assert "goes on where it broke off" in outcome.advice
    assert (tmp_path / "photos.tgz.part").stat().st_size == 1000 * download.TRIES
    assert not outcome.lasting


def test_an_absent_file_is_asked_for_once(site: Site, bring: Bring) -> None:
    site.manners.files = {}
    outcome = bring(site.file)
    assert isinstance(outcome, Failure)
    assert "404" in outcome.reason
    assert len(site.manners.asked) == 1


def test_no_server_is_a_sentence(bring: Bring, site: Site) -> None:
    outcome = bring(replace(site.file, address="http://127.0.0.1:9/photos.tgz"))
    assert isinstance(outcome, Failure)
    assert outcome.reason.startswith("No connection to 127.0.0.1, so photos.tgz could not be fetched")
    assert "internet" in outcome.advice


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://127.0.0.1/photos.tgz", ""])
def test_only_the_web_is_read(address: str, bring: Bring, site: Site) -> None:
    outcome = bring(replace(site.file, address=address or "photos.tgz"))
    assert isinstance(outcome, Failure)
    assert "neither https:// nor http://" in outcome.reason


def test_other_content_of_the_same_size_is_not_kept(site: Site, bring: Bring, tmp_path: Path) -> None:
    site.manners.files = {"/photos.tgz": CONTENT[::-1]}
    outcome = bring(site.file)
    assert isinstance(outcome, Failure)
    assert "its SHA-256 differs" in outcome.reason
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"x", b""], ids=["short", "long", "empty"])
def test_another_size_is_told_before_it_is_read(content: bytes, site: Site, bring: Bring, tmp_path: Path) -> None:
    site.manners.files = {"/photos.tgz": content}
    outcome = bring(site.file)
    assert isinstance(outcome, Failure)
    assert f"{len(content):,} bytes instead of {len(CONTENT):,}" in outcome.reason
    assert not (tmp_path / "photos.tgz").exists()


def test_no_more_than_the_published_size_is_read(site: Site, bring: Bring, tmp_path: Path) -> None:
    site.manners.files = {"/photos.tgz": CONTENT + b"x" * 1000}
    site.manners.says_length = False
    assert bring(site.file) is None
    assert (tmp_path / "photos.tgz").stat().st_size == len(CONTENT)


def test_without_a_published_hash_the_size_is_checked_and_the_hash_written_down(
    site: Site, bring: Bring, tmp_path: Path
) -> None:
    file = replace(site.file, sha256=None)
    assert bring(file) is None
    assert download.recorded_sha256(tmp_path / "photos.tgz") == sha256(CONTENT)
    site.manners.files = {"/photos.tgz": CONTENT[:-1]}
    (tmp_path / "photos.tgz").unlink()
    assert isinstance(bring(file), Failure)


def test_without_a_published_hash_nothing_is_pieced_together(site: Site, bring: Bring) -> None:
    site.manners.breaks_after = [700_000]
    assert bring(replace(site.file, sha256=None)) is None
    assert site.manners.asked == [("/photos.tgz", None), ("/photos.tgz", None)]


def test_a_full_disk_is_told_before_anything_is_fetched(
    site: Site, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = download.shutil.disk_usage("/")
    monkeypatch.setattr(download.shutil, "disk_usage", lambda folder: usage._replace(free=1000))
    outcome = bring(site.file)
    assert isinstance(outcome, Failure)
    assert outcome.reason == "There is no room for photos.tgz on the disk."
    assert "TINYML_DATA" in outcome.advice
    assert site.manners.asked == []


def test_a_disk_that_fills_meanwhile_is_a_sentence_and_keeps_what_came(
    site: Site, bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = download._copy

    def fill(file: FetchedFile, answer: Any, sink: Any, have: int, report: Any) -> int:
        copy(replace(file, size_bytes=500_000), answer, sink, have, report)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(download, "_copy", fill)
        outcome = bring(site.file)
    assert isinstance(outcome, Failure)
    assert "no room" in outcome.reason
    assert bring(site.file) is None
    assert site.manners.asked[1] == ("/photos.tgz", "bytes=500000-")


def test_a_folder_that_cannot_be_written_is_a_sentence(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = download.download(site.file, tmp_path / "file" / "folder", lambda sentence: None)
    assert isinstance(outcome, Failure)
    assert "cannot be written" in outcome.reason


def test_two_who_ask_at_once_share_one_download(site: Site, bring: Bring) -> None:
    site.manners.pause = threading.Event()
    outcomes: list[Failure | None] = []
    started = threading.Event()
    told: list[str] = []

    def tell(sentence: str) -> None:
        told.append(sentence)
        started.set()

    first = threading.Thread(target=lambda: outcomes.append(bring(site.file, tell)))
    first.start()
    assert started.wait(60)
    second = threading.Thread(target=lambda: outcomes.append(bring(site.file)))
    second.start()
    site.manners.pause.set()
    first.join(60)
    second.join(60)
    assert outcomes == [None, None]
    assert [path for path, _ in site.manners.asked] == ["/photos.tgz"]


# ---- A data set of some files


@pytest.fixture
def photos(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """A data set of two files on the server, and an empty folder for what is fetched."""
    monkeypatch.setenv("TINYML_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TINYML_SYSTEM_DATASETS", str(tmp_path / "system"))
    site.manners.files["/labels.gz"] = b"labels"
    labels = FetchedFile("labels.gz", f"{site.address}/labels.gz", 6, sha256(b"labels"), "this test")
    return replace(
        catalog.datasets()["mnist_full"], name="photos", fetched_files=(site.file, labels), system_folder="photos"
    )


def test_all_files_of_a_data_set_are_brought(photos: Dataset) -> None:
    assert not zoo_fetch.is_present(photos)
    paths = fetch(photos, lambda sentence: None)
    assert not isinstance(paths, Failure)
    assert [path.name for path in paths] == ["photos.tgz", "labels.gz"]
    assert zoo_fetch.is_present(photos)
    assert {path.parent for path in paths} == {zoo_fetch.fetched_folder(photos)}


def test_one_file_that_fails_leaves_the_data_set_absent(photos: Dataset, site: Site) -> None:
    del site.manners.files["/labels.gz"]
    outcome = fetch(photos, lambda sentence: None, wait_s=0.0)
    assert isinstance(outcome, Failure)
    assert outcome.reason.startswith("labels.gz ")
    assert not zoo_fetch.is_present(photos)


def test_a_data_set_of_a_system_package_names_it_as_another_way(photos: Dataset, site: Site) -> None:
    site.manners.files = {}
    packaged = replace(photos, system_package="dataset-photos")
    for told in (fetch(packaged, lambda sentence: None, wait_s=0.0), zoo_fetch.not_fetched(packaged)):
        assert isinstance(told, Failure)
        assert "install the Debian package dataset-photos" in told.advice


def test_a_mirror_serves_the_same_names(photos: Dataset, site: Site) -> None:
    site.manners.files = {f"/school{path}": content for path, content in site.manners.files.items()}
    assert isinstance(fetch(photos, lambda sentence: None, wait_s=0.0), Failure)
    assert not isinstance(fetch(photos, lambda sentence: None, f"{site.address}/school/"), Failure)


def test_what_a_system_package_has_is_not_fetched(photos: Dataset, site: Site, tmp_path: Path) -> None:
    system = tmp_path / "system" / "photos"
    system.mkdir(parents=True)
    (system / "photos.tgz").write_bytes(b"")
    assert not zoo_fetch.is_present(photos)
    (system / "labels.gz").write_bytes(b"")
    assert zoo_fetch.is_present(photos)
    assert zoo_fetch.fetched_folder(photos) == system
    assert fetch(photos, lambda sentence: None) == ()
    assert site.manners.asked == []


# ---- As a call of the desk, in a worker of its own


@pytest.mark.slow
def test_a_download_in_a_worker_tells_how_far_it_is_and_can_be_stopped(
    photos: Dataset, site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, until: Callable[..., None]
) -> None:
    # The worker imports the data set anew, so it fetches one it knows: its addresses lead here through a mirror.
    monkeypatch.setenv("TINYML_MIRROR", site.address)
    full = catalog.datasets()["mnist_full"]
    site.manners.files = {f"/{file.name}": b"x" * file.size_bytes for file in full.fetched_files}
    site.manners.pause = threading.Event()
    desk = open_desk(NoStore())
    try:
        call = fetched_want(catalog.dataset("mnist_full")).call({})
        future = desk.ask(call)
        assert desk.ask(call) is future
        until(lambda: "MB" in desk.stage(call.fingerprint))
        assert desk.stage(call.fingerprint).startswith("fetching train-images-idx3-ubyte.gz, ")
        desk.cancel(call.fingerprint)
        outcome = future.result(60)
        assert isinstance(outcome, Failure)
        assert outcome.stopped
        part = zoo_fetch.fetched_folder(full) / "train-images-idx3-ubyte.gz.part"
        assert part.is_file()
        # Asked again it goes on; what this server has is not the published file, and that is told.
        site.manners.pause.set()
        desk.forget(call.fingerprint)
        again = desk.ask(call).result(60)
        assert isinstance(again, Failure)
        assert "its SHA-256 differs" in again.reason
        assert not isinstance(again, Answer)
    finally:
        desk.close()
