"""Keeps what training a zoo model gave: its weights, its float32 `.tflite`, and the record that belongs to both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tinyml_core.environment import environment
from tinyml_core.fetched import weights_path
from tinyml_core.fingerprint import sha256
from tinyml_core.kept_file import converter_versions, float32_path
from tinyml_core.model import Model
from tinyml_core.model_card import record_path
from tinyml_core.whole_file import write_whole

READABLE = 0o644
"""As other files of a checkout."""


def new_record(facts: Mapping[str, Any], weights: bytes, float32: bytes) -> dict[str, Any]:
    """The training record: score and recipe, the content of both files, and on what they were made."""
    return {
        **facts,
        "weights_sha256": sha256(weights),
        "environment": environment(),
        "tflite_sha256": sha256(float32),
        "converter": converter_versions(),
    }


def keep_trained(model: Model, record: Mapping[str, Any], weights: bytes, float32: bytes) -> None:
    """Write the three files; each appears whole, the weights last, because they say that the model is trained.

    Raises:
        OSError: The folder cannot be written.
    """
    write_whole(record_path(model), (json.dumps(record, indent=1) + "\n").encode(), READABLE)
    write_whole(float32_path(model), float32, READABLE)
    write_whole(weights_path(model), weights, READABLE)
