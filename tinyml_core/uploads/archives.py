"""Opens a zip that somebody brought: everything it says of itself is checked before a single file is unpacked."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from pathlib import Path

from tinyml_core.uploads.refusal import refused, shown

MOST_ENTRIES = 20_000
MOST_UNPACKED_BYTES = 256 * 1024**2

HIGHEST_RATIO = 200
"""Of unpacked to packed bytes. Photographs have 1, weights 1.1, text 10; deflate's utmost is 1030."""

RATIO_COUNTS_FROM_BYTES = 4 * 1024**2
"""Smaller files may be all zeros: masks, labels, an empty channel."""

LONGEST_NAME = 1000
DIRECTORY_ENTRY = b"PK\x01\x02"
ENCRYPTED = 0x1 | 0x40 | 0x2000

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others are left alone: the head of an LZMA stream alone can ask for gigabytes of memory."""

LEFTOVERS = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)", re.IGNORECASE)
"""What operating systems add to a folder unasked."""

DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, ValueError, OSError, EOFError,
    IndexError, OverflowError,
)  # fmt: skip
"""What Python's reader raises on damaged archives, by experiment with mutated ones."""

AGAIN = "Pack the folder again as a plain zip."


class Archive:
    """A zip whose directory was found harmless; see `open_archive`.

    Attributes:
        names: Of its files, in its own order, without folders and without what operating systems add unasked.
    """

    def __init__(self, opened: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> None:
        self._opened = opened
        self._entries = entries
        self.names = tuple(entries)

    def __contains__(self, name: str) -> bool:
        """Whether it has a file of that name."""
        return name in self._entries

    def size_bytes(self, name: str) -> int:
        """Unpacked, as the archive states it; `read` holds the file to it."""
        return self._entries[name].file_size

    def read(self, name: str) -> bytes:
        """The bytes of one file; never more than the archive states.

        Raises:
            Expected: The file is damaged, or is not as long as stated.
            KeyError: There is none of that name.
        """
        entry = self._entries[name]
        try:
            with self._opened.open(entry) as stream:
                content = stream.read(entry.file_size + 1)
        except DAMAGED as error:
            raise refused(f"{shown(name)} in the zip is damaged.", AGAIN, str(error)) from error
        if len(content) != entry.file_size:
            raise refused(
                f"{shown(name)} in the zip has {len(content)} bytes, not {entry.file_size} as the zip states.", AGAIN
            )
        return content


def open_archive(content: bytes) -> Archive:
    """A zip, once its directory has been checked: paths, links, locks, number and size of files, compression.

    Archives inside it stay closed: they are files like others.

    Raises:
        Expected: It is no zip, is damaged, or has in it what no honest one has.
    """
    if content.count(DIRECTORY_ENTRY) > MOST_ENTRIES:  # before Python makes an object of each
        raise _too_many()
    try:
        opened = zipfile.ZipFile(io.BytesIO(content))
    except DAMAGED as error:
        raise refused("The file looks like a zip, but its directory cannot be read.", AGAIN, str(error)) from error
    entries = opened.infolist()
    if len(entries) > MOST_ENTRIES:
        raise _too_many()
    for entry in entries:
        _check(entry)
    _check_sizes(entries, len(content))
    paths = [entry.filename.rstrip("/") for entry in entries]
    if len(set(paths)) < len(paths):
        twice = next(path for path, times in Counter(paths).items() if times > 1)
        raise refused(f"The zip has two files of the name {shown(twice)}.", AGAIN)
    plain = (entry for entry in entries if not entry.is_dir() and not LEFTOVERS.search(entry.filename))
    return Archive(opened, {entry.filename: entry for entry in plain})


def _too_many() -> Exception:
    return refused(f"The zip has more than {MOST_ENTRIES:,} files.", "Take a part of them.")


def _check(entry: zipfile.ZipInfo) -> None:
    """Refuse an entry whose path, kind or packing is not that of a plain file or folder."""
    name, called = entry.orig_filename, shown(entry.orig_filename)
    parts = name.removesuffix("/").split("/")
    if len(name) > LONGEST_NAME or any(len(part.encode(errors="replace")) > 255 for part in parts):
        raise refused(f"The zip has a file with a name of {len(name):,} characters.", AGAIN)
    if "\0" in name or "\\" in name or re.match(r"[A-Za-z]:", name) or {"", ".", ".."} & set(parts):
        raise refused(f"The zip has a file with the path {called}, which leads out of its folder.", AGAIN)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise refused(
            f"{called} in the zip is a link or a device, not a file.", "Pack the files themselves in place of links."
        )
    if entry.flag_bits & ENCRYPTED:
        raise refused(f"{called} in the zip is locked with a password.", "Pack it without one.")
    if entry.compress_type not in METHODS:
        raise refused(f"{called} in the zip is not packed by deflate, the method that all tools know.", AGAIN)


def _check_sizes(entries: list[zipfile.ZipInfo], packed_bytes: int) -> None:
    """Refuse what would be too much unpacked; files that share their packed bytes are counted once each."""
    total = sum(entry.file_size for entry in entries)
    if total > MOST_UNPACKED_BYTES:
        raise refused(
            f"The zip would be {total / 1024**2:,.0f} MB unpacked; at most {MOST_UNPACKED_BYTES // 1024**2} MB are taken.",
            "Take fewer or smaller files.",
        )
    sizes = [(entry.file_size, entry.compress_size) for entry in entries]
    for unpacked, packed in [*sizes, (total, packed_bytes)]:
        if unpacked > RATIO_COUNTS_FROM_BYTES and unpacked > HIGHEST_RATIO * packed:
            raise refused(
                f"The zip holds {unpacked / 1024**2:,.0f} MB in {packed:,} bytes, more than {HIGHEST_RATIO} to 1: "
                "that is how archives are made that fill a disk.",
                "Pack the files without compression if they really are so uniform.",
            )


def zipped(folder: Path) -> bytes:
    """All regular files of a folder, uncompressed, by their place below it; links are left out.

    Raises:
        OSError: A file cannot be read.
        ValueError: Together they are too large.
    """
    packed, total = io.BytesIO(), 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            total += path.stat().st_size
            if total > LARGEST_BYTES:
                raise ValueError(
                    f"{folder} holds more than {LARGEST_BYTES / 1024**2:.0f} MB; bring a smaller part of it."
                )
            archive.write(path, path.relative_to(folder))
    return packed.getvalue()


LARGEST_BYTES = 64 * 1024**2
"""Of one file. What is larger is no network for microcontrollers, and no data that a small one needs to be measured."""
