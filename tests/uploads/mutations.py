"""Damages files at random, in the ways that find faults in readers; the same seed damages in the same way."""

from __future__ import annotations

import io
import random
import zipfile

EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE, 0x10000)


def mutated(content: bytes, seed: int) -> bytes:
    """The file with one to eight things changed."""
    chance, data = random.Random(seed), bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        if not data:
            break
        # The structure of a file lies at its ends more often than in its middle.
        at = chance.choice(
            (
                chance.randrange(len(data)),
                chance.randrange(min(len(data), 256)),
                len(data) - 1 - chance.randrange(min(len(data), 256)),
            )
        )
        chance.choice(WAYS)(data, at, chance)
    return bytes(data)


def mutated_inside(content: bytes, seed: int) -> bytes:
    """The same of one file inside a zip, whose checksums are made right again; three times of ten of the zip itself."""
    chance = random.Random(seed)
    if not content.startswith(b"PK") or chance.random() < 0.3:
        return mutated(content, seed)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(files))
    files[name] = mutated(files[name], seed)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for each, data in files.items():
            archive.writestr(each, data)
    return packed.getvalue()


def _flip(data: bytearray, at: int, chance: random.Random) -> None:
    data[at] ^= 1 << chance.randrange(8)


def _replace(data: bytearray, at: int, chance: random.Random) -> None:
    data[at] = chance.randrange(256)


def _edge(data: bytearray, at: int, chance: random.Random) -> None:
    """A number at its limits, where a number may stand."""
    size = chance.choice((1, 2, 4, 4, 4, 8))
    at -= at % min(size, 4)
    number = chance.choice(EDGES) % (1 << (8 * size))
    data[at : at + size] = number.to_bytes(size, "little")


def _cut(data: bytearray, at: int, chance: random.Random) -> None:
    del data[at:]


def _remove(data: bytearray, at: int, chance: random.Random) -> None:
    del data[at : at + chance.choice((1, 4, 16, 64))]


def _repeat(data: bytearray, at: int, chance: random.Random) -> None:
    data[at:at] = data[at : at + chance.choice((1, 4, 16, 64))]


def _copy(data: bytearray, at: int, chance: random.Random) -> None:
    """Part of the file over another part of it: sound pieces in wrong places."""
    size, source = chance.choice((4, 8, 32)), chance.randrange(len(data))
    piece = data[source : source + size]
    data[at : at + len(piece)] = piece


def _clear(data: bytearray, at: int, chance: random.Random) -> None:
    size = min(chance.choice((4, 16, 256)), len(data) - at)
    data[at : at + size] = bytes([chance.choice((0, 0xFF))]) * size


WAYS = (_flip, _replace, _edge, _edge, _edge, _cut, _remove, _repeat, _copy, _copy, _clear)
