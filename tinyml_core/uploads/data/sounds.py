"""Reads a zip of WAV files in class folders; each is cut or filled with silence to the length that the model takes."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from tinyml_core.domain.brought import Mismatch
from tinyml_core.engine.call import Expected
from tinyml_core.uploads.archives import Archive
from tinyml_core.uploads.data.class_folders import class_folders
from tinyml_core.uploads.data.given import Brought, Taker, check_enough, check_size
from tinyml_core.uploads.refusal import counted, refused, several, shown, sizes

if TYPE_CHECKING:
    import numpy as np


ENDINGS = (".wav", ".wave")
MOST_CHANNELS = 16


class _Unreadable(Exception):
    """Why one file is left out."""


def read_sounds(archive: Archive, taker: Taker, report: Callable[[str], None]) -> Brought:
    """All sounds as `(samples, length)` or `(samples, length, 1)` float32 from -1 to 1, channels mixed to one.

    Raises:
        Expected: No file can be read.
    """
    import numpy as np

    folders = class_folders(archive, ENDINGS)
    takes_sound = len(taker.input_shape) == 1 or (len(taker.input_shape) == 2 and taker.input_shape[1] == 1)
    length = taker.input_shape[0] if takes_sound else 0
    sounds, lengths, rates, kept, left_out = [], [], [], [], []
    for number, file in enumerate(folders.files):
        if number % 500 == 0:
            report(f"reading sound {number + 1:,} of {len(folders.files):,}")
        try:
            sound, rate = _sound(archive.read(file.name))
        except (_Unreadable, Expected) as error:
            left_out.append(f"{shown(file.name)} ({error if isinstance(error, _Unreadable) else 'damaged in the zip'})")
            continue
        length = length or len(sound)
        sounds.append(sound[:length].copy())
        lengths.append(len(sound))
        rates.append(rate)
        kept.append(file)
    if not sounds:
        raise refused(
            f"None of the WAV files can be read: {several(left_out)}.",
            "Taken are WAV files of PCM, floating point, mu-law or A-law; any other is converted by: "
            "ffmpeg -i in.wav -c:a pcm_s16le out.wav",
        )
    check_enough(len(sounds), left_out, "sounds")
    check_size(len(sounds), (length,), 4)
    x = np.zeros((len(sounds), length), dtype=np.float32)
    for row, cut in zip(x, sounds, strict=True):
        row[: len(cut)] = cut
    notes = [*folders.notes, _rates(rates), *_lengths(lengths, length)]
    if left_out:
        notes.append(f"{counted(len(left_out), 'file')} left out: {several(left_out)}.")
    labels = np.array([file.label for file in kept], dtype=np.int64) if folders.class_names else None
    held_out = np.array([file.held_out for file in kept], dtype=bool) if folders.split else None
    return Brought(
        "sounds",
        x.reshape(len(x), *taker.input_shape) if takes_sound else x,
        labels,
        folders.class_names,
        held_out,
        mismatches=() if takes_sound else (_features(taker, length),),
        notes=tuple(notes),
    )


def _features(taker: Taker, length: int) -> Mismatch:
    """Why sound does not go into a model that takes something made of it."""
    return Mismatch(
        f"A sound is {length:,} samples one after the other; the model takes {sizes(taker.input_shape)}, which is computed from "
        "sound, as a spectrogram is. There are many ways to compute one, and only that of the training fits: compute it as "
        "there, and bring the result as .npz."
    )


def _sound(content: bytes) -> tuple[np.ndarray, int]:
    """Samples of one channel, float32 from -1 to 1, and how many a second there are."""
    import numpy as np

    coding, channels, rate, bits, data = _chunks(content)
    if (coding, bits) not in DECODERS or not 1 <= channels <= MOST_CHANNELS:
        raise _Unreadable(f"{CODINGS.get(coding, f'coding {coding}')} of {bits} bit, {counted(channels, 'channel')}")
    width = bits // 8
    whole = data[: len(data) // (width * channels) * width * channels]
    if not whole:
        raise _Unreadable("empty")
    samples = DECODERS[coding, bits](np.frombuffer(whole, dtype=np.uint8))
    if not np.isfinite(samples).all():
        raise _Unreadable("some samples are no finite numbers")
    return samples.astype(np.float32).reshape(-1, channels).mean(axis=1), rate


PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
CODINGS = {PCM: "PCM", FLOAT: "floating point", A_LAW: "A-law", MU_LAW: "mu-law", 2: "ADPCM", 17: "ADPCM", 85: "MP3"}


def _chunks(content: bytes) -> tuple[int, int, int, int, bytes]:
    """Coding, channels, samples a second, bits of a sample, and the samples, as the file's parts state them."""
    if len(content) < 12 or content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise _Unreadable("no WAV" if content else "empty")
    at, stated = 12, None
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        body = content[at + 8 : at + 8 + size]
        if name == b"fmt ":
            if len(body) < 16:
                raise _Unreadable("damaged")
            coding, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
            if coding == EXTENSIBLE and len(body) >= 26:
                coding = int.from_bytes(body[24:26], "little")  # the first two bytes of the kind's long name
            stated = coding, channels, rate, bits
        elif name == b"data":
            if stated is None:
                raise _Unreadable("damaged")
            return (*stated, body)
        at += 8 + size + size % 2  # parts begin at even places
    raise _Unreadable("damaged")


def _pcm24(stored: np.ndarray) -> np.ndarray:
    """Three bytes each: put into the upper three of four."""
    import numpy as np

    four = np.zeros((len(stored) // 3, 4), dtype=np.uint8)
    four[:, 1:] = stored.reshape(-1, 3)
    return four.view("<i4").reshape(-1) / np.float64(2**31)


def _mu_law(stored: np.ndarray) -> np.ndarray:
    """ITU-T G.711: a sign, three bits of exponent, four of mantissa, all inverted."""
    import numpy as np

    inverted = (~stored).astype(np.int32)
    exponent, mantissa = inverted >> 4 & 7, inverted & 15
    size = ((mantissa << 3) + 132 << exponent) - 132
    return np.where(inverted & 128, -size, size) / 32768


def _a_law(stored: np.ndarray) -> np.ndarray:
    """ITU-T G.711, with every second bit inverted."""
    import numpy as np

    toggled = (stored ^ 0x55).astype(np.int32)
    exponent, mantissa = toggled >> 4 & 7, toggled & 15
    size = np.where(exponent == 0, (mantissa << 4) + 8, (mantissa << 4) + 264 << np.maximum(exponent - 1, 0))
    return np.where(toggled & 128, size, -size) / 32768


DECODERS: dict[tuple[int, int], Callable[[np.ndarray], np.ndarray]] = {
    (PCM, 8): lambda stored: (stored.astype("float32") - 128) / 128,
    (PCM, 16): lambda stored: stored.view("<i2").astype("float32") / 32768,
    (PCM, 24): _pcm24,
    (PCM, 32): lambda stored: stored.view("<i4") / 2.0**31,
    (FLOAT, 32): lambda stored: stored.view("<f4"),
    (FLOAT, 64): lambda stored: stored.view("<f8"),
    (MU_LAW, 8): _mu_law,
    (A_LAW, 8): _a_law,
}
"""By coding and bits of a sample: bytes to numbers from -1 to 1."""


def _rates(rates: list[int]) -> str:
    found = Counter(rates).most_common()
    if len(found) == 1:
        return f"All files have {found[0][0]:,} samples a second; the model must have been trained on the same."
    told = ", ".join(f"{rate:,} in {counted(files, 'file')}" for rate, files in found[:5])
    return f"Files differ in samples a second ({told}); they are taken as they are, though a model knows one rate only."


def _lengths(lengths: list[int], length: int) -> list[str]:
    longer = sum(found > length for found in lengths)
    shorter = sum(found < length for found in lengths)
    told = [f"{counted(longer, 'file')} cut to their first {length:,} samples"] if longer else []
    told += [f"{counted(shorter, 'file')} filled with silence to {length:,} samples"] if shorter else []
    return [f"{' and '.join(told)}."] if told else []
