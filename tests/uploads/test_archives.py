"""Claims about a zip that somebody brings: what no honest one has is refused before anything is unpacked."""

import io
import stat
import struct
import zipfile

import pytest

from tinyml_core.engine.call import Expected
from tinyml_core.uploads import archives
from tinyml_core.uploads.archives import open_archive


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return content.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    archive = open_archive(content)
    return {name: archive.read(name) for name in archive.names}


def refusal(content: bytes) -> str:
    with pytest.raises(Expected) as caught:
        unpack(content)
    failure = caught.value.failure
    assert failure.lasting and failure.advice
    return failure.reason


def test_a_plain_zip_gives_its_files():
    archive = open_archive(packed({"folder/": b"", "folder/a.txt": b"one", "b.txt": b"two" * 1000}))
    assert archive.names == ("folder/a.txt", "b.txt")
    assert archive.read("b.txt") == b"two" * 1000 and archive.size_bytes("folder/a.txt") == 3
    assert "b.txt" in archive and "c.txt" not in archive


def test_what_operating_systems_add_is_left_out():
    files = {"__MACOSX/._a.txt": b"x", "a.txt": b"y", "cats/.DS_Store": b"z", "cats/Thumbs.db": b"z", "._a.txt": b"z"}
    assert open_archive(packed(files)).names == ("a.txt",)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../up.txt",
        "a/../../up.txt",
        "a\\..\\up.txt",
        "C:/up.txt",
        "c:up.txt",
        "//host/share",
        "a//b",
        "./a",
    ],
)
def test_paths_that_lead_out_are_refused(name):
    assert "leads out of its folder" in refusal(packed({name: b"x"}))


def test_a_name_with_a_hidden_end_is_refused():
    honest = packed({"aaa.txt_.png": b"x"})
    assert "leads out of its folder" in refusal(honest.replace(b"aaa.txt_.png", b"aaa.txt\0.png"))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_are_refused(kind):
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (kind | 0o777) << 16
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert "link or a device" in refusal(content.getvalue())


def test_locked_files_are_refused():
    content = bytearray(packed({"a.txt": b"x"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in refusal(bytes(content))


def test_rare_packing_methods_are_refused():
    assert "deflate" in refusal(packed({"a.txt": b"x"}, zipfile.ZIP_LZMA))


def test_two_files_of_one_name_are_refused():
    content = packed({"a.txt": b"x", "b.txt": b"y"}).replace(b"b.txt", b"a.txt")
    assert "two files" in refusal(content)


def test_a_folder_and_a_file_of_one_name_are_refused():
    assert "two files" in refusal(packed({"a/": b"", "a": b"x"}))


def test_a_bomb_is_refused_before_it_is_unpacked():
    assert "more than 200 to 1" in refusal(packed({"zeros": bytes(20 * 1024**2)}))


def test_many_small_bombs_are_one_bomb():
    assert "more than 200 to 1" in refusal(packed({f"zeros{index}": bytes(2 * 1024**2) for index in range(8)}))


def test_small_uniform_files_are_taken():
    assert len(open_archive(packed({"mask": bytes(1024**2)})).read("mask")) == 1024**2


def test_too_many_files_are_refused(monkeypatch):
    monkeypatch.setattr(archives, "MOST_ENTRIES", 10)
    assert "more than 10 files" in refusal(packed({f"{index}": b"" for index in range(11)}))


def test_too_much_in_all_is_refused(monkeypatch):
    monkeypatch.setattr(archives, "MOST_UNPACKED_BYTES", 1024**2)
    assert "at most 1 MB" in refusal(packed({"a": bytes(700_000), "b": bytes(700_000)}, zipfile.ZIP_STORED))


@pytest.mark.parametrize("stated", [10, 1000])
def test_a_file_that_is_not_as_long_as_stated_is_refused(stated):
    content = bytearray(packed({"a.txt": b"x" * 100}))
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, stated)
    assert "a.txt" in refusal(bytes(content))


def test_a_damaged_directory_is_one_sentence():
    content = packed({"a.txt": b"x" * 100})
    assert "cannot be read" in refusal(content[:60])


def test_a_zip_in_a_zip_stays_closed():
    inner = packed({"../up.txt": b"x"})
    assert open_archive(packed({"inner.zip": inner}, zipfile.ZIP_STORED)).read("inner.zip") == inner
