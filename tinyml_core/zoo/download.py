"""Downloads one public file: in pieces, with progress, going on where it broke off, and checked before it is kept."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http
import http.client
import os
import shutil
import time
import urllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import filelock

from tinyml_core.domain.dataset import FetchedFile
from tinyml_core.domain.outcome import Failure, Report

TIMEOUT_S = 30.0
TRIES = 4
PIECE_BYTES = 256 * 1024
REPORT_EVERY_S = 0.5
MEGABYTE = 1024**2


class _Broken(Exception):
    """The connection failed or broke off; worth another try."""


class _NoConnection(_Broken):
    """Nothing answered; the message is the system's own words."""


class _Refused(Exception):
    """The file cannot be had from there; the message ends a sentence."""


def download(
    file: FetchedFile, folder: Path, report: Report, address: str | None = None, wait_s: float = 2.0
) -> Failure | None:
    """Bring one file into a folder; a file that is there is not brought again.

    What has come so far lies beside it under the name `NAME.part`. A broken download goes on there if the file's SHA-256 is
    published, so that pieces of two different files cannot pass for one, and if the server can begin in the middle.

    Args:
        file: What to bring; nothing larger than its published size is ever read.
        folder: Where to keep it; made if need be.
        report: Takes `fetching flower_photos.tgz, 34 of 218 MB`.
        address: Another address that serves the same file; it is checked all the same.
        wait_s: Before the second try; each further wait is twice as long.

    Returns:
        None if the file is there now, else why not.
    """
    address = address or file.address
    target = folder / file.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / f".{file.name}.lock", lambda: report(f"waiting for another download of {file.name}")):
            if not target.is_file():
                _bring(file, target, address, report, wait_s)
    except _Refused as refusal:
        return _failed(file, f"{file.name} {refusal}", "It was not kept. Try again later, or name another address.")
    except _NoConnection as unheard:
        reason = f"No connection to {_host(address)}, so {file.name} could not be fetched ({unheard})."
        return _failed(file, reason, "Check the internet connection, then try again.")
    except _Broken as broken:
        reason = f"{file.name} could not be fetched from {_host(address)}: {broken}."
        return _failed(file, reason, "Try again; it goes on where it broke off if the server allows it.")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            advice = f"Free {_megabytes(file.size_bytes)} MB in {folder}, or name another folder with TINYML_DATA."
            return _failed(file, f"There is no room for {file.name} on the disk.", f"{advice} Then try again.")
        return _failed(file, f"{folder} cannot be written ({error.strerror}).", "Name another folder with TINYML_DATA.")
    return None


@contextlib.contextmanager
def _alone(lock_path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold a lock that other processes know too; it ends with its process."""
    lock = filelock.FileLock(lock_path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        on_wait()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _host(address: str) -> str:
    return urllib.parse.urlsplit(address).hostname or address


def _failed(file: FetchedFile, reason: str, advice: str) -> Failure:
    return Failure(f"fetching {file.name}", reason, advice)


def _bring(file: FetchedFile, target: Path, address: str, report: Report, wait_s: float) -> None:
    """Try some times; what has come so far is never fetched twice in a row without need."""
    part = target.with_name(f"{file.name}.part")
    for number in range(TRIES):
        if file.sha256 is None:
            part.unlink(missing_ok=True)
        try:
            _receive(file, part, address, report)
            break
        except _Broken:
            if number == TRIES - 1:
                raise
            time.sleep(wait_s * 2**number)
    report(f"checking {file.name}")
    digest = file_sha256(part)
    if file.sha256 is None:
        recorded_path(target).write_text(f"{digest}  {file.name}\n", encoding="utf-8")
    elif digest != file.sha256:
        part.unlink()
        raise _Refused(f"from {address} is not the published file: its SHA-256 differs.")
    os.replace(part, target)


def _receive(file: FetchedFile, part: Path, address: str, report: Report) -> None:
    """Append what is missing to the part; start anew if the server cannot begin in the middle."""
    have = part.stat().st_size if part.is_file() else 0
    if have > file.size_bytes:
        part.unlink()
        have = 0
    if have == file.size_bytes:
        return
    if shutil.disk_usage(part.parent).free < file.size_bytes - have:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if not address.startswith(("https://", "http://")):
        raise _Refused(f"has no usable address: {address} begins with neither https:// nor http://.")
    request = urllib.request.Request(address, headers={"Range": f"bytes={have}-"} if have else {})
    report(f"connecting to {_host(address)}")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            if have and not _goes_on_at(answer, have):
                have = 0
            length = answer.headers["Content-Length"]
            if length is not None and length.isdigit() and have + int(length) != file.size_bytes:
                different = f"it has {have + int(length):,} bytes instead of {file.size_bytes:,}"
                raise _Refused(f"from {address} is not the published file: {different}.")
            with part.open("ab" if have else "wb") as sink:
                have = _copy(file, answer, sink, have, report)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)  # what lies here is no beginning of what the server has
            raise _Broken("the server has another file now") from error
        if error.code < http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _Refused(f"could not be fetched from {address} (the server answers {error.code}).") from error
        raise _Broken(f"the server answers {error.code}") from error
    except urllib.error.URLError as error:
        raise _NoConnection(str(error.reason) or type(error).__name__) from error
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise _Broken(str(error) or type(error).__name__) from error
    if have < file.size_bytes:
        raise _Broken(f"it broke off after {_megabytes(have)} of {_megabytes(file.size_bytes)} MB")


def _goes_on_at(answer: Any, offset: int) -> bool:
    begins = f"bytes {offset}-"
    return answer.status == http.HTTPStatus.PARTIAL_CONTENT and str(answer.headers["Content-Range"]).startswith(begins)


def _copy(file: FetchedFile, answer: Any, sink: Any, have: int, report: Report) -> int:
    """Copy until the end or the published size; gives how many bytes there are now."""
    told = 0.0
    while have < file.size_bytes:
        piece = answer.read1(min(PIECE_BYTES, file.size_bytes - have))
        if not piece:
            break
        sink.write(piece)
        have += len(piece)
        if time.monotonic() - told > REPORT_EVERY_S:
            told = time.monotonic()
            report(f"fetching {file.name}, {_megabytes(have)} of {_megabytes(file.size_bytes)} MB")
    return have


def _megabytes(size_bytes: int) -> str:
    size = size_bytes / MEGABYTE
    return f"{size:.0f}" if size >= 10 else f"{size:.1f}"


def recorded_path(target: Path) -> Path:
    """Where the SHA-256 of a file is written down that nobody publishes one for."""
    return target.with_name(f"{target.name}.sha256")


def recorded_sha256(target: Path) -> str | None:
    """The SHA-256 that was written down when the file came; None if there is none."""
    with contextlib.suppress(OSError, IndexError):
        return recorded_path(target).read_text(encoding="utf-8").split()[0]
    return None


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
