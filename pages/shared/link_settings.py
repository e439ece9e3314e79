"""The settings in a link: each has a parameter of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tinyml_core.values import Settings

WHOLE = {
    "samples": "calibration_samples",
    "epochs": "fine_tuning_epochs",
    "seed": "seed",
    "kept_layers": "kept_layers",
}
"""Parameter and field of whole numbers."""
BROKEN = {"temperature": "temperature", "soft_weight": "soft_weight"}
"""Parameter and field of numbers that may have a fraction."""
NUMBERS = WHOLE | BROKEN
KNOWN = ("policy", *NUMBERS)

_WHOLE = re.compile(r"[0-9]{1,11}")
_BROKEN = re.compile(r"[0-9]{1,9}(\.[0-9]{0,20})?")


def read(given: Mapping[str, list[str]]) -> tuple[Settings, list[str]]:
    """The settings of a link, and a sentence for each that is not understood."""
    settings, sentences = Settings(), []
    wanted: dict[str, Any] = {}
    for name, field in NUMBERS.items():
        text = last(given, name)
        if text is None:
            continue
        if name in WHOLE and _WHOLE.fullmatch(text):
            wanted[field] = int(text)
        elif name in BROKEN and _BROKEN.fullmatch(text):
            wanted[field] = float(text)
        else:
            kind = "a whole number" if name in WHOLE else "a number"
            sentences.append(f"{name} is {text[:40]!r}; it must be {kind} of 0 or more.")
    policy = last(given, "policy")
    if policy is not None:
        wanted["policy"] = policy[:40]
    for field, value in wanted.items():
        try:
            settings = replace(settings, **{field: value})
        except ValueError as error:
            sentences.append(f"{error} The usual value is used.")
    return settings, sentences


def written(settings: Settings) -> dict[str, str]:
    """The parameters of these settings."""
    numbers = {name: str(getattr(settings, field)) for name, field in WHOLE.items()}
    broken = {name: f"{getattr(settings, field):.12f}".rstrip("0").rstrip(".") for name, field in BROKEN.items()}
    return {"policy": settings.policy, **numbers, **broken}


def last(given: Mapping[str, list[str]], name: str) -> str | None:
    """The value of a parameter: the last one, if it is given more than once; None if it is not given."""
    values = given.get(name) or []
    return values[-1] if values else None
