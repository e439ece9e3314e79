"""The parts of a brought Keras file: its configuration, checked, and its weights, written anew. Keras is not needed for it."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Literal

from tinyml_core.engine.call import Expected
from tinyml_core.uploads.keras.config import MOST_CHARACTERS, Config, read_config
from tinyml_core.uploads.keras.hdf5 import read_hdf5, with_text
from tinyml_core.uploads.refusal import bare, damaged, refuse

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
MOST_MEMBER_BYTES = {CONFIG: 4 * MOST_CHARACTERS, METADATA: 64 * 1024, WEIGHTS: 256 * 1024**2}

MOST_RATIO = 200
"""Unpacked to packed; Keras itself does not pack at all."""

RATIO_COUNTS_FROM_BYTES = 1024**2
ENCRYPTED = 1


@dataclass(frozen=True, slots=True)
class KerasParts:
    """A Keras file taken apart.

    Attributes:
        form: Of the file, and of the configuration with it: `.keras` or `.h5`.
        config: Names built-in parts only; what it was trained with is left out.
        keras_version: As the file states it; empty if it does not.
        weights: An HDF5 file that we wrote.
        values: How many numbers are in it.
    """

    form: Literal[".keras", ".h5"]
    config: Config
    keras_version: str
    weights: bytes
    values: int


def read_parts(content: bytes) -> KerasParts:
    """Take a `.keras` or HDF5 file apart; which of the two is seen from its first bytes.

    Raises:
        Expected: It is neither, is damaged or too large, or holds what is not loaded here; the reason names it.
    """
    if content[:4] == b"PK\x03\x04":
        return _from_archive(content)
    return _from_hdf5(content)


def packed(parts: KerasParts, config: Config) -> bytes:
    """A file in the parts' form that holds this configuration, their weights and nothing else."""
    if parts.form == ".h5":
        versioned = with_text(parts.weights, "keras_version", parts.keras_version or "2.0.0")
        return with_text(versioned, "model_config", json.dumps(config))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(METADATA, json.dumps({"keras_version": parts.keras_version}))
        archive.writestr(CONFIG, json.dumps(config))
        archive.writestr(WEIGHTS, parts.weights)
    return content.getvalue()


def _from_hdf5(content: bytes) -> KerasParts:
    plain = read_hdf5(content, left_out=frozenset({"optimizer_weights"}))
    text = plain.texts.get("model_config", "")
    if not text:
        refuse(
            "The HDF5 file holds no model, perhaps only the weights of one.",
            "Save the whole model with model.save(), not save_weights().",
        )
    return KerasParts(".h5", read_config(text), plain.texts.get("keras_version", ""), plain.image, plain.values)


def _from_archive(content: bytes) -> KerasParts:
    members = read_members(content)
    if CONFIG not in members:
        refuse("The archive holds no Keras model: config.json is missing.", "Save it with model.save('name.keras').")
    if WEIGHTS not in members:
        refuse("The archive holds no weights: model.weights.h5 is missing.", "Save it with model.save('name.keras').")
    try:
        text = members[CONFIG].decode("utf-8")
        metadata = json.loads(members.get(METADATA, b"{}"))
    except (ValueError, RecursionError) as error:
        damaged("The archive", error)
    version = metadata.get("keras_version", "") if isinstance(metadata, dict) else ""
    config = read_config(text)
    plain = read_hdf5(members[WEIGHTS], left_out=frozenset({"optimizer"}))
    return KerasParts(".keras", config, version if isinstance(version, str) else "", plain.image, plain.values)


def read_members(content: bytes) -> dict[str, bytes]:
    """The members of a `.keras` archive; only those that Keras itself writes for built-in layers.

    Raises:
        Expected: Another member, one twice, one too large or packed too densely, or the archive is damaged.
    """
    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                _check_member(info, members)
                with archive.open(info) as member:
                    members[info.filename] = member.read(info.file_size + 1)
    except Expected:
        raise
    except Exception as error:  # the library raises nearly any kind on damaged bytes
        damaged("The archive", error)
    return members


def _check_member(info: zipfile.ZipInfo, before: dict[str, bytes]) -> None:
    if info.filename not in MOST_MEMBER_BYTES:
        refuse(
            f"The archive holds '{bare(info.filename)}', which does not belong into a Keras model of built-in layers.",
            "Save the model again with model.save('name.keras').",
        )
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & ENCRYPTED:
        refuse(f"{info.filename} is encrypted or packed in a way that Keras does not use.", "Bring the model unpacked.")
    if info.filename in before:
        refuse(f"The archive holds {info.filename} twice.", "Save the model again with model.save('name.keras').")
    if info.file_size > MOST_MEMBER_BYTES[info.filename]:
        refuse(f"{info.filename} is {info.file_size / 1024**2:,.0f} MB large.", "Bring a smaller model.")
    dense = info.file_size > MOST_RATIO * max(1, info.compress_size)
    if dense and info.file_size > RATIO_COUNTS_FROM_BYTES:
        refuse(f"{info.filename} is packed {MOST_RATIO} times smaller or more.", "Bring the model unpacked.")
