"""Reads a zip of WAV files in class folders; each is cut or filled with silence to the length that the model takes."""

from __future__ import annotations

import io
import wave
from collections import Counter
from typing import TYPE_CHECKING

from tinyml_core.domain.brought import Mismatch
from tinyml_core.engine.call import Expected
from tinyml_core.uploads.archives import Archive
from tinyml_core.uploads.data.class_folders import class_folders
from tinyml_core.uploads.data.given import Brought, Taker, check_enough, check_size
from tinyml_core.uploads.refusal import counted, refused, several, shown, sizes

if TYPE_CHECKING:
    from collections.abc import Callable

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

    folders = class_folders(archive.names, ENDINGS)
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
            f"None of the WAV files can be read: {several(left_out)}.", "Taken are WAV files of 8 or 16 bit PCM."
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

    try:
        with wave.open(io.BytesIO(content), "rb") as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(min(file.getnframes(), len(content)))
    except MemoryError:
        raise
    except Exception as error:  # damaged headers lead the standard library's reader into many kinds of errors
        raise _Unreadable("no PCM in WAV") from error
    if width not in (1, 2) or not 1 <= channels <= MOST_CHANNELS:
        raise _Unreadable(f"{8 * width} bit, {channels} channels")
    whole = frames[: len(frames) // (width * channels) * width * channels]
    if not whole:
        raise _Unreadable("empty")
    bytes_or_words = np.frombuffer(whole, dtype=np.uint8 if width == 1 else "<i2").astype(np.float32)
    samples = bytes_or_words / 32768 if width == 2 else (bytes_or_words - 128) / 128
    return samples.reshape(-1, channels).mean(axis=1), rate


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
